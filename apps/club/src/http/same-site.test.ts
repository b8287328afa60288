import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { refuseCrossSite } from './same-site.ts'

const app = new Hono().use(refuseCrossSite).all('/do', (c) => c.text('done'))
const ask = async (method: string, headers: Record<string, string>) =>
  (await app.request('http://localhost:4242/do', { method, headers })).status

test('carries out what the club’s own pages send', async () => {
  expect(await ask('POST', { 'sec-fetch-site': 'same-origin' })).toBe(200)
  expect(await ask('POST', { origin: 'http://localhost:4242' })).toBe(200)
})

test('refuses what another site makes a browser send', async () => {
  expect(await ask('POST', { 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await ask('POST', { 'sec-fetch-site': 'same-site' })).toBe(403)
  expect(await ask('POST', { origin: 'https://evil.example' })).toBe(403)
  expect(await ask('POST', { origin: 'http://localhost:12111' })).toBe(403)
  expect(await ask('POST', { origin: 'null' })).toBe(403)
})

test('lets links from other sites in: they change nothing', async () => {
  expect(await ask('GET', { 'sec-fetch-site': 'cross-site' })).toBe(200)
})
