import { describe, expect, test } from 'vitest'
import { openHandler, post, postJson } from '../../testing/handler.ts'

describe('another site', () => {
  const paths = ['/checkout', '/switch', '/cancel', '/resume', '/portal']
  const foreign: [string, Record<string, string>][] = [
    ['by its Origin', { origin: 'https://evil.example' }],
    ['by an opaque Origin', { origin: 'null' }],
    ['by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site', origin: 'https://club.example' }],
    ['from a subdomain', { 'sec-fetch-site': 'same-site', origin: 'https://blog.club.example' }],
    ['without a word, in a form', {}],
  ]
  for (const path of paths) {
    test.each(foreign)(`is refused at ${path}: known %s`, async (_, headers) => {
      const { handle, calls } = openHandler()
      const response = await handle(post(path, { plan: 'pro', interval: 'monthly' }, headers))
      expect(response.status).toBe(403)
      expect(calls).toEqual([])
    })
  }

  test('is refused with text/plain that looks like JSON, which needs no preflight', async () => {
    const { handle, calls } = openHandler()
    const headers = { 'content-type': 'text/plain', accept: 'application/json' }
    const response = await handle(postJson('/cancel', { when: 'now' }, headers))
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({ error: { code: 'cross_site', message: expect.any(String) } })
    expect(calls).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['our own page', { origin: 'https://club.example' }],
    [
      'our own page behind a proxy that hides https',
      { origin: 'https://other.example', 'sec-fetch-site': 'same-origin' },
    ],
  ])('is not %s', async (_, headers) => {
    expect((await openHandler().handle(post('/resume', {}, headers))).status).toBe(303)
  })

  test('is not a program that sends JSON and no Origin', async () => {
    expect((await openHandler().handle(postJson('/resume', {}, {}))).status).toBe(200)
  })
})
