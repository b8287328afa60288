import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { startStripeLocal } from '../index.ts'

test('what fell due while the clock was moved on is signed at the time that the clock has come to', async () => {
  const signedAt: number[] = []
  const receiver = createServer((request, response) => {
    signedAt.push(Number(/t=(\d+)/.exec(String(request.headers['stripe-signature']))?.[1]))
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const local = await startStripeLocal({
    webhooks: [{ url, secret: 'whsec_test', events: ['checkout.session.expired'] }],
  })
  try {
    const stripe = new Stripe('sk_test_clock', { host: 'localhost', port: local.port, protocol: 'http' })
    const price_data = { currency: 'usd', unit_amount: 1000, product_data: { name: 'A map' } }
    await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price_data, quantity: 1 }],
      success_url: 'https://shop.example/thanks',
    })
    // Open for a day: it expires on the way, four weeks before the clock stands still.
    const moved = await fetch(`${local.url}/_local/clock`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_clock', 'content-type': 'application/json' },
      body: JSON.stringify({ months: 1 }),
    })
    expect(moved.status).toBe(200)
    await local.settled('sk_test_clock')
    expect(signedAt).toHaveLength(1)
    expect(Math.abs(local.now('sk_test_clock') - (signedAt[0] ?? 0))).toBeLessThan(300)
  } finally {
    await local.stop()
    receiver.closeAllConnections()
    await new Promise((resolve) => receiver.close(resolve))
  }
})
