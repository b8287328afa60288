import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const cli = new URL('../bin/stripe-local.js', import.meta.url).pathname

test('ends when npm is ended: the shell that npm sends the signal to does not pass it on', async () => {
  // The second command keeps the shell from becoming the server itself.
  const shell = spawn('sh', ['-c', `"${process.execPath}" "${cli}" --port 0; true`], {
    env: { ...process.env, npm_command: 'exec' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let ready = ''
  for await (const line of createInterface(shell.stdout)) {
    if (!line.startsWith('ready ')) continue
    ready = line.slice('ready '.length)
    break
  }
  expect((await fetch(`${ready}/_local/health`)).status).toBeLessThan(500)
  shell.kill('SIGTERM')
  // The pipe closes when the last who holds it has ended, and that is the server.
  if (!shell.stdout.closed) await once(shell.stdout, 'close')
  await expect(fetch(ready)).rejects.toThrow()
})
