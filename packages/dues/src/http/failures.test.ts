import { describe, expect, test } from 'vitest'
import { get, openHandler, post, postJson, throwing } from '../../testing/handler.ts'
import { DuesError } from '../errors.ts'

describe('an error', () => {
  const declined = new DuesError('payment_failed', 'Your card was <declined>.', {
    details: { payUrl: 'https://invoice.example/1', declineCode: 'insufficient_funds' },
  })
  const failing = (error: unknown) => ({ subscriptions: { resume: throwing(error) } as never })

  test('is a page for a person, with its status, its message, and where to pay', async () => {
    const response = await openHandler(failing(declined)).handle(post('/resume'))
    const page = await response.text()
    expect(response.status).toBe(402)
    expect(page).toContain('Your card was &lt;declined&gt;.')
    expect(page).toContain('href="https://invoice.example/1"')
  })

  test('is JSON for a program, with what it can go on with', async () => {
    const response = await openHandler(failing(declined)).handle(postJson('/resume', {}))
    expect(response.status).toBe(402)
    expect(await response.json()).toEqual({
      error: { code: 'payment_failed', message: declined.message, details: declined.details },
    })
  })

  test('is shown on the app’s own page, if it has one', async () => {
    const pages = { error: ({ code, status }: { code: string; status: number }) => `<p>${code} ${status}</p>` }
    const response = await openHandler({ ...failing(declined), pages }).handle(post('/resume'))
    expect([response.status, await response.text()]).toEqual([402, '<p>payment_failed 402</p>'])
  })

  test('is shown all the same when the app’s own page fails', async () => {
    const { handle, logged } = openHandler({ ...failing(declined), pages: { error: throwing(new Error('broken')) } })
    expect(await (await handle(post('/resume'))).text()).toContain('Your card was')
    expect(logged).toContainEqual(['error', { error: expect.objectContaining({ message: 'broken' }) }])
  })

  test('that nobody foresaw is 500 without a word of it, and is logged', async () => {
    const { handle, logged } = openHandler(failing(new Error('secret detail')))
    const response = await handle(postJson('/resume', {}))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret detail')
    expect(logged).toEqual([
      [
        'error',
        expect.objectContaining({
          code: 'internal',
          path: '/billing/resume',
          error: expect.objectContaining({ message: 'secret detail' }),
        }),
      ],
    ])
  })

  test.each(['settings_invalid', 'stripe_refused', 'database_unavailable'] as const)(
    '%s keeps its code and hides its words',
    async (code) => {
      const response = await openHandler(failing(new DuesError(code, 'No such price: price_1'))).handle(
        postJson('/resume', {}),
      )
      expect(await response.json()).toEqual({ error: { code, message: expect.not.stringContaining('price_1') } })
    },
  )

  test('of identify is the app’s own, and is 500', async () => {
    expect(
      (await openHandler({ identify: throwing(new Error('session store down')) }).handle(get('/membership'))).status,
    ).toBe(500)
    expect((await openHandler({ identify: () => ({ id: '' }) }).handle(get('/membership'))).status).toBe(500)
  })
})
