import { afterAll, beforeAll, expect, test } from 'vitest'
import { createVisitor, openClub } from '../../test/open-club.ts'
import type { RunningClub } from '../club.ts'

let club: RunningClub
beforeAll(async () => {
  club = await openClub()
})
afterAll(() => club.stop())

/** Fills in Stripe's page. */
const pay = (url: string) => {
  const card = { method: 'card', number: '4242 4242 4242 4242', expiry: '12 / 39', cvc: '123' }
  const body = new URLSearchParams({ ...card, name: 'Ada Marlowe', billing_country: 'US' })
  return fetch(url, { method: 'POST', body, redirect: 'manual' })
}

/** The account page, once it says something that a webhook and a hook have to bring. */
async function accountThatSays(visitor: ReturnType<typeof createVisitor>, words: RegExp): Promise<string> {
  const end = Date.now() + 20_000
  for (;;) {
    const page = await (await visitor.get('/account')).text()
    if (words.test(page) || Date.now() > end) return page
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('whoever bought twice reads on the account page what became of it and of the money', async () => {
  const ada = createVisitor(club.url)
  await ada.join('twice@house.example')
  const started = await ada.post('/billing/checkout', { plan: 'ent', interval: 'monthly' })
  await pay(started.headers.get('location') ?? '')
  await accountThatSays(ada, /Enterprise \(monthly\) began/)

  // A second one, made by hand.
  const stripe = club.stripe?.client
  const [first] = (await stripe?.subscriptions.list())?.data ?? []
  const prices = await stripe?.prices.list({ lookup_keys: ['dues_ent_yearly'] })
  await stripe?.subscriptions.create({
    customer: String(first?.customer),
    default_payment_method: String(first?.default_payment_method),
    items: [{ price: prices?.data[0]?.id ?? '' }],
    metadata: first?.metadata ?? {},
  })
  const words =
    /Bought twice: Enterprise \((monthly|yearly)\) was ended, Enterprise \((monthly|yearly)\) stays, and \$[\d.,]+ was paid back/
  const page = await accountThatSays(ada, words)
  expect(page).toMatch(words)
  // Somebody who goes on being a member gets no farewell.
  expect(page).not.toMatch(/Enterprise \((monthly|yearly)\) ended/)
}, 60_000)
