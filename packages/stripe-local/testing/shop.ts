import type Stripe from 'stripe'
import { startTestStripe, type TestStripe } from './client.ts'

/** A business with one customer who lives by a test clock, so that every date in a test is known. */
export type Shop = TestStripe & {
  customer: Stripe.Customer
  /** The customer's payment method, if they have one. */
  method: Stripe.PaymentMethod | undefined
  product: Stripe.Product
  /** Another price of the product; a month and US dollars unless told otherwise. */
  price: (params: Partial<Stripe.PriceCreateParams>) => Promise<Stripe.Price>
  /** A price of a product of its own. */
  priceOf: (name: string, params: Partial<Stripe.PriceCreateParams>) => Promise<Stripe.Price>
  /** Subscribes the customer. */
  subscribe: (
    items: Stripe.SubscriptionCreateParams.Item[],
    params?: Partial<Stripe.SubscriptionCreateParams>,
  ) => Promise<Stripe.Subscription>
  /** Gives the customer another default payment method. */
  payWith: (card: string) => Promise<Stripe.PaymentMethod>
  /** Moves the clock on to a date, e.g. `2026-02-01`; everything that falls due on the way has happened then. */
  advance: (to: string | number) => Promise<void>
  /** The customer's invoices, the oldest first. */
  invoices: () => Promise<Stripe.Invoice[]>
  /** The account's settings, e.g. `{ afterRetries: 'unpaid' }`. */
  settings: (settings: object) => Promise<void>
}

const day = 86_400

/** Unix seconds of a date or of a date with its time, in UTC: `2026-01-31`, `2026-01-31T12:00:00`. */
export const at = (date: string): number => Date.parse(date.includes('T') ? `${date}Z` : date) / 1000

/** Opens on 1 January 2026, unless told otherwise. */
export async function openShop(options: { now?: string; card?: string | null } = {}): Promise<Shop> {
  const test = await startTestStripe()
  const { stripe, local } = test
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: at(options.now ?? '2026-01-01') })
  const customer = await stripe.customers.create({ email: 'ada@example.org', name: 'Ada', test_clock: clock.id })
  const product = await stripe.products.create({ name: 'Pro' })
  const priceOfProduct = (product: string, params: Partial<Stripe.PriceCreateParams>) =>
    stripe.prices.create({ product, currency: 'usd', recurring: { interval: 'month' }, ...params })

  async function payWith(card: string): Promise<Stripe.PaymentMethod> {
    const method = await stripe.paymentMethods.attach(card, { customer: customer.id })
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } })
    return method
  }
  const { card = 'pm_card_visa' } = options
  const method = card === null ? undefined : await payWith(card)

  return {
    ...test,
    customer: (await stripe.customers.retrieve(customer.id)) as Stripe.Customer,
    method,
    product,
    price: (params) => priceOfProduct(product.id, params),
    priceOf: async (name, params) => priceOfProduct((await stripe.products.create({ name })).id, params),
    subscribe: (items, params = {}) => stripe.subscriptions.create({ customer: customer.id, items, ...params }),
    payWith,
    async advance(to) {
      const target = typeof to === 'number' ? to : at(to)
      for (;;) {
        const { frozen_time, status } = await stripe.testHelpers.testClocks.retrieve(clock.id)
        if (status === 'advancing') continue
        if (frozen_time >= target) return
        // A clock takes at most two intervals of the shortest subscription at a time.
        const step = Math.min(target, frozen_time + 13 * day)
        await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: step })
      }
    },
    invoices: async () => (await stripe.invoices.list({ customer: customer.id, limit: 100 })).data.reverse(),
    async settings(settings) {
      const response = await fetch(`${local.url}/_local/settings`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk_test_resources' },
        body: JSON.stringify(settings),
      })
      if (!response.ok) throw new Error(await response.text())
    },
  }
}

/** What a line says, in short: `2500 1 × Pro (at $25.00 / month)`. */
export const linesOf = (invoice: Stripe.Invoice): string[] =>
  invoice.lines.data.map(({ amount, description }) => `${amount} ${description}`)

/** The latest invoice of a subscription that was asked for with `expand: ['latest_invoice']`. */
export const latestInvoice = (subscription: Stripe.Subscription): Stripe.Invoice => {
  const { latest_invoice } = subscription
  if (typeof latest_invoice === 'object' && latest_invoice !== null) return latest_invoice
  throw new Error('The latest invoice was not expanded.')
}
