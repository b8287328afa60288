import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { delivery, eventBody, webhookSecret } from './lib/events.ts'

/** The process that strangers' tools drive, as they start it. */
async function startServer(env: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'dues-bench-server-'))
  const child = spawn(process.execPath, ['--conditions=dues-source', 'bench/server.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: '',
      DATA_DIR: dataDir,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_API_BASE: 'http://127.0.0.1:1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let said = ''
  const ready = new Promise<string>((resolve) => {
    const hear = (chunk: Buffer) => {
      said += chunk
      const url = /ready (\S+)/.exec(said)?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
  })
  const url = await Promise.race([ready, exited.then(() => null)])
  return {
    url,
    said: () => said,
    async end() {
      if (child.exitCode === null) child.kill('SIGTERM')
      const [code] = await exited
      rmSync(dataDir, { recursive: true, force: true })
      return code as number | null
    },
  }
}

test('the webhook handler alone answers strangers, and whoever is being answered when it is ended', async () => {
  const server = await startServer()
  const at = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init)
  const deliver = (payload: string, query = '') => {
    const { method, path, headers, body } = delivery(payload)
    return at(path + query, { method, headers, body } as RequestInit)
  }
  const created = Math.floor(Date.now() / 1000)
  const odd = eventBody({ id: 'evt_odd', member: 1, created })
    .replaceAll('sub_bench1', 'sub.ö/1')
    .replaceAll('dues_owner', 'of_another_app')
  expect((await deliver(odd, '?endpoint=1')).status).toBe(200)
  // Nobody has said whose it is.
  expect(await (await at(`/subscriptions/${encodeURIComponent('sub.ö/1')}?x`)).json()).toMatchObject({
    id: 'sub.ö/1',
    status: 'active',
    customer: 'cus_bench1',
    items: [{ id: 'si_bench1', price: expect.stringMatching(/^price_/), quantity: 1 }],
    owner: null,
  })
  expect((await at('/subscriptions/sub_nobody')).status).toBe(404)
  expect((await at('/subscriptions/%ff')).status).toBe(404)
  expect((await at('/health?full')).status).toBe(200)
  expect((await deliver('x'.repeat(3_000_000))).status).toBe(413)

  // It has begun to read this one when it is told to end.
  const { path, headers, body = '' } = delivery(eventBody({ id: 'evt_last', member: 2, created }))
  const request = http.request(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...headers, expect: '100-continue' },
  })
  request.flushHeaders()
  await once(request, 'continue')
  const ended = server.end()
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  expect(response.statusCode).toBe(200)
  response.resume()
  expect(await ended).toBe(0)
})

test('what is set wrong is named at once, and the process ends', async () => {
  const server = await startServer({ STRIPE_WEBHOOK_SECRET: ' , ', PORT: 'http', STRIPE_API_BASE: 'stripe' })
  expect(await server.end()).toBe(1)
  for (const name of ['STRIPE_WEBHOOK_SECRET', 'PORT', 'STRIPE_API_BASE']) expect(server.said()).toContain(`${name} is`)
})
