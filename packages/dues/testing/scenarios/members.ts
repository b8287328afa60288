import Stripe from 'stripe'
import type { Handler, Member, Shop } from './types.ts'

/** The events that say what a subscription is. Others come with them and would hide what a handler makes of these. */
const telling = /^customer\.subscription\.|^checkout\.session\.completed$/

/** Sets up what is sold. */
export async function openShop(shop: Omit<Shop, 'prices'>): Promise<Shop> {
  const product = await shop.stripe.products.create({ name: 'Membership' })
  const price = (unit_amount: number) =>
    shop.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount, recurring: { interval: 'month' } })
  const [pro, ent] = await Promise.all([price(1900), price(9900)])
  return { ...shop, prices: { pro: pro.id, ent: ent.id } }
}

let owners = 0

/** Makes members at a shop, who buy by Checkout or get a subscription by the API. */
export function createMembers({ stripe, prices }: Shop, handler: Pick<Handler, 'enrol'>) {
  const seen = new Set<string>()

  /** The events of a customer that nobody has asked for yet, the oldest first. */
  const news = async (customer: string): Promise<Stripe.Event[]> => {
    const { data } = await stripe.events.list({ limit: 100 })
    const fresh = data.filter(
      (event) =>
        telling.test(event.type) &&
        !seen.has(event.id) &&
        (event.data.object as { customer?: unknown }).customer === customer,
    )
    for (const { id } of fresh) seen.add(id)
    return fresh.reverse()
  }

  const newCustomer = async (by: 'checkout' | 'api') => {
    const owner = `owner_${process.pid}_${++owners}`
    const customer = await stripe.customers.create({
      email: `${owner}@example.com`,
      metadata: { dues_owner: owner },
      ...(by === 'api' && {
        payment_method: 'pm_card_visa',
        invoice_settings: { default_payment_method: 'pm_card_visa' },
      }),
    })
    const metadata = { dues_owner: owner, ...(await handler.enrol(customer.id, owner, by)) }
    return { owner, customer: customer.id, metadata }
  }

  const asMember = (owner: string, customer: string, subscription: string): Member => {
    const update = async (params: Stripe.SubscriptionUpdateParams) => {
      await stripe.subscriptions.update(subscription, params)
      return news(customer)
    }
    return {
      subscription,
      owner,
      async switchTo(plan) {
        const { items } = await stripe.subscriptions.retrieve(subscription)
        return update({ items: [{ id: items.data[0]?.id ?? '', price: prices[plan] }] })
      },
      cancelAtPeriodEnd: () => update({ cancel_at_period_end: true }),
      resume: () => update({ cancel_at_period_end: false }),
      async end() {
        await stripe.subscriptions.cancel(subscription)
        return news(customer)
      },
    }
  }

  return {
    async buy() {
      const { owner, customer, metadata } = await newCustomer('checkout')
      const session = await stripe.checkout.sessions.create({
        mode: 'subscription',
        customer,
        client_reference_id: owner,
        line_items: [{ price: prices.pro, quantity: 1 }],
        success_url: 'http://localhost/success',
        metadata,
        subscription_data: { metadata },
      })
      await pay(session.url ?? '')
      const { subscription } = await stripe.checkout.sessions.retrieve(session.id)
      if (typeof subscription !== 'string') throw new Error('The Checkout has led to no subscription.')
      return { member: asMember(owner, customer, subscription), bought: await news(customer) }
    },

    async createAndPay() {
      const { owner, customer, metadata } = await newCustomer('api')
      const { id, latest_invoice } = await stripe.subscriptions.create({
        customer,
        items: [{ price: prices.pro }],
        payment_behavior: 'default_incomplete',
        metadata,
      })
      await stripe.invoices.pay(String(latest_invoice))
      return { member: asMember(owner, customer, id), events: await news(customer) }
    },
  }
}

/** Fills in Stripe's page as a visitor does. */
async function pay(url: string): Promise<void> {
  const fields = {
    number: '4242424242424242',
    expiry: '12 / 40',
    cvc: '123',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    country: 'US',
  }
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  if (response.status >= 400) throw new Error(`The Checkout answered ${response.status}: ${await response.text()}`)
}

/** Signs as Stripe does, with one secret or, while one is rolled, with several. */
export function signature(payload: string, at: number, secrets: readonly string[]): string {
  const headers = secrets.map((secret) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: at }).replace(/^t=\d+,/, ''),
  )
  return [`t=${at}`, ...headers].join(',')
}
