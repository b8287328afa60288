import { describe, expect, test } from 'vitest'
import { get, openHandler, own, post, postJson, throwing } from '../../testing/handler.ts'
import { DuesError } from '../errors.ts'

describe('addresses', () => {
  test.each([
    ['/webhook', 'GET', 'POST'],
    ['/checkout', 'GET', 'POST'],
    ['/switch', 'PUT', 'POST'],
    ['/cancel', 'DELETE', 'POST'],
    ['/resume', 'GET', 'POST'],
    ['/portal', 'GET', 'POST'],
    ['/success', 'POST', 'GET, HEAD'],
    ['/cancelled', 'POST', 'GET, HEAD'],
    ['/membership', 'POST', 'GET, HEAD'],
  ])('%s refuses %s and allows %s', async (path, method, allowed) => {
    const response = await openHandler().handle(new Request(`https://club.example/billing${path}`, { method }))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allowed)
  })

  test('an unknown one is 404, as JSON to a program', async () => {
    const response = await openHandler().handle(get('/nothing', { accept: 'application/json' }))
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: { code: 'not_found', message: expect.any(String) } })
  })

  test('a framework may have cut the base path off', async () => {
    const response = await openHandler().handle(new Request('https://club.example/membership'))
    expect(await response.json()).toMatchObject({ plan: 'pro' })
  })

  test('HEAD is GET without the body', async () => {
    const response = await openHandler().handle(
      new Request('https://club.example/billing/membership', { method: 'HEAD' }),
    )
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('nothing is kept by a browser or a proxy', async () => {
    expect((await openHandler().handle(get('/cancelled'))).headers.get('cache-control')).toBe('no-store')
  })
})

describe('somebody who is not signed in', () => {
  const identify = () => null

  test('is told so, when a program', async () => {
    const { handle, calls } = openHandler({ identify })
    const response = await handle(postJson('/checkout', { plan: 'pro', interval: 'monthly' }))
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ error: { code: 'not_signed_in', message: expect.any(String) } })
    expect(calls).toEqual([])
  })

  test('is sent to sign in and back to the page that was wanted', async () => {
    const response = await openHandler({ identify }).handle(get('/success?session_id=cs_1'))
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/sign-in?next=%2Fbilling%2Fsuccess%3Fsession_id%3Dcs_1')
  })

  test('is sent to sign in and back to the page with the form', async () => {
    const headers = { ...own, referer: 'https://club.example/pricing?interval=yearly' }
    const response = await openHandler({ identify }).handle(post('/checkout', {}, headers))
    expect(response.headers.get('location')).toBe('/sign-in?next=%2Fpricing%3Finterval%3Dyearly')
  })

  test.each(['https://evil.example/x', 'https://club.example//evil.example', 'https://', 'javascript:alert(1)'])(
    'is never sent back to %s',
    async (referer) => {
      const response = await openHandler({ identify }).handle(post('/checkout', {}, { ...own, referer }))
      expect(response.headers.get('location')).toBe('/sign-in?next=%2Fpricing')
    },
  )
})

describe('a webhook', () => {
  const deliver = (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { 'stripe-signature': 't=1,v1=x' },
  ) => new Request('https://club.example/billing/webhook', { method: 'POST', body, headers })

  test('is handed on byte for byte, with its signature, and needs neither session nor Origin', async () => {
    const bytes = new Uint8Array([123, 32, 255, 125])
    const { handle, calls } = openHandler({ identify: throwing(new Error('no session here')) })
    const response = await handle(deliver(bytes, { 'stripe-signature': 't=1,v1=x', origin: 'https://evil.example' }))
    expect(response.status).toBe(200)
    expect(calls).toEqual([['receive', bytes, 't=1,v1=x']])
  })

  test('of more than 1 MiB is refused, though its length was not told', async () => {
    const { handle, calls } = openHandler()
    const chunk = new Uint8Array(100_000)
    let left = 20
    const endless = new ReadableStream({ pull: (stream) => (left-- > 0 ? stream.enqueue(chunk) : stream.close()) })
    const request = new Request('https://club.example/billing/webhook', {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit)
    expect((await handle(request)).status).toBe(413)
    expect(calls).toEqual([])
  })

  test.each([
    [new DuesError('signature_invalid', 'no'), 400],
    [new DuesError('payload_invalid', 'no'), 400],
    [new DuesError('database_unavailable', 'password hunter2'), 503],
    [new Error('hunter2'), 500],
  ])('that ends in %s is never answered 2xx', async (error, status) => {
    const { handle } = openHandler({ receive: throwing(error) })
    const response = await handle(deliver('{}'))
    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain('hunter2')
  })
})
