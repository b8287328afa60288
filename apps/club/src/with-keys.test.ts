import { createDues } from 'dues'
import Stripe from 'stripe'
import { type StripeLocal, startStripeLocal } from 'stripe-local'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPGlite } from '../../../testing/databases.ts'
import { createVisitor, openClub } from '../test/open-club.ts'
import { addOns, plans } from './plans.ts'

/** A Stripe that is not the club's own: what the club knows of it are its keys. */
let stripe: StripeLocal
beforeAll(async () => {
  stripe = await startStripeLocal()
})
afterAll(() => stripe.stop())

const keys = (secretKey: string) => ({
  STRIPE_SECRET_KEY: secretKey,
  STRIPE_WEBHOOK_SECRET: 'whsec_club',
  STRIPE_API_BASE: stripe.url,
})

test('a price that the account lacks is named at start, never at the first request', async () => {
  await expect(openClub({ env: keys('sk_test_withoutprices') })).rejects.toThrow(/price/i)
})

test('with keys of its own the club talks to that Stripe, and nobody can move its time', async () => {
  await pushPrices('sk_test_withprices')
  const club = await openClub({ env: keys('sk_test_withprices') })
  try {
    expect(club.stripe).toBeNull()
    const ada = createVisitor(club.url)
    await ada.join('ada@house.example')
    expect(await (await ada.get('/pricing')).text()).not.toContain('time-bar')
    expect((await ada.post('/time', { step: 'month' })).status).toBe(404)
    const checkout = await ada.post('/billing/checkout', { plan: 'ent', interval: 'monthly' })
    expect(checkout.status).toBe(303)
    expect(checkout.headers.get('location')).toContain(stripe.url)
    const client = new Stripe('sk_test_withprices', { host: 'localhost', port: stripe.port, protocol: 'http' })
    expect((await client.customers.list()).data).toMatchObject([{ email: 'ada@house.example' }])
  } finally {
    await club.stop()
  }
})

/** What `dues push` does. */
async function pushPrices(secretKey: string): Promise<void> {
  const { database, close } = await openPGlite()
  const stripeKeys = { secretKey, webhookSecret: 'whsec_club', apiBase: stripe.url }
  const dues = createDues({ stripe: stripeKeys, database, plans, addOns, identify: () => null })
  await dues.catalogue.push()
  await dues.stop()
  await close()
}
