import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { sendResponse, toNodeHandler, toRequest } from './node.ts'

const servers: ReturnType<typeof createServer>[] = []
const listen = async (handler: Parameters<typeof createServer>[1] & object): Promise<string> => {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

test('a body arrives byte for byte, with its path, its query and its headers', async () => {
  let seen: Request | undefined
  let bytes: Uint8Array | undefined
  const url = await listen(
    toNodeHandler(async (request) => {
      seen = request
      bytes = new Uint8Array(await request.arrayBuffer())
      return new Response(null, { status: 204 })
    }),
  )
  const body = Uint8Array.from({ length: 200_000 }, (_, n) => n % 256)
  const { status } = await fetch(`${url}/billing/webhook?a=b`, { method: 'POST', body, headers: { 'x-told': 'yes' } })
  expect(status).toBe(204)
  expect(seen?.url).toBe(`${url}/billing/webhook?a=b`)
  expect([seen?.method, seen?.headers.get('x-told')]).toEqual(['POST', 'yes'])
  expect(bytes).toEqual(body)
})

test('an answer goes out whole: its status, its body, each cookie of its own', async () => {
  const headers = new Headers({ 'content-type': 'text/plain', location: '/there' })
  headers.append('set-cookie', 'a=1')
  headers.append('set-cookie', 'b=2')
  const url = await listen(toNodeHandler(() => new Response('moved', { status: 303, headers })))
  const response = await fetch(url, { redirect: 'manual' })
  expect([response.status, await response.text()]).toEqual([303, 'moved'])
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(response.headers.get('location')).toBe('/there')
})

test('under Express the whole path is seen, and the protocol of a trusted proxy', async () => {
  const url = await listen(async (incoming, outgoing) => {
    const request = toRequest(Object.assign(incoming, { originalUrl: '/billing/switch', protocol: 'https' }))
    await sendResponse(outgoing, new Response(request.url))
  })
  const address = await fetch(`${url}/switch`).then((response) => response.text())
  expect(address).toBe(`${url.replace('http:', 'https:')}/billing/switch`)
})

test('an address that is none is answered with 400, and somebody who hangs up ends the request', async () => {
  let ended: Promise<unknown> | undefined
  let arrive: () => void
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const url = await listen(
    toNodeHandler((request) => {
      ended = new Promise((resolve) => request.signal.addEventListener('abort', resolve))
      arrive()
      return new Promise(() => undefined)
    }),
  )
  const { port } = new URL(url)
  const odd = connect(Number(port), '127.0.0.1')
  odd.end('GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
  const answer = await new Promise<string>((resolve) => odd.once('data', (data) => resolve(String(data))))
  expect(answer).toContain('400 Bad Request')
  const impatient = new AbortController()
  const given = fetch(url, { signal: impatient.signal }).catch(() => 'gone')
  await arrived
  impatient.abort()
  expect(await given).toBe('gone')
  await ended
})
