import { expect, test } from 'vitest'
import { statementCounter } from './door.ts'

const message = (type: string, body: string) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(body) + 4)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)])
}

test('what a process executes is counted, however the stream is cut', () => {
  const stream = Buffer.concat([
    message('', 'user\0postgres\0\0'),
    message('Q', 'begin\0'),
    message('P', 'insert into t values ($1)\0'),
    message('B', 'E and Q are only letters here'),
    message('E', '\0\0\0\0\0'),
    message('S', ''),
  ])
  for (let size = 1; size <= stream.length; size++) {
    const count = statementCounter()
    let counted = 0
    for (let at = 0; at < stream.length; at += size) counted += count(stream.subarray(at, at + size))
    expect(counted).toBe(2)
  }
})
