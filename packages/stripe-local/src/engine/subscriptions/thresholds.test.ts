import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, linesOf, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

/** A shop that sells calls at 50 cents each, by a meter. */
async function selling(more: Partial<Stripe.PriceCreateParams> = {}, formula: 'sum' | 'last' = 'sum') {
  const shop = await openShop()
  const meter = await shop.stripe.billing.meters.create({
    display_name: 'Calls',
    event_name: 'calls',
    default_aggregation: { formula },
  })
  const recurring = { interval: 'month', usage_type: 'metered', meter: meter.id } as const
  const price = await shop.priceOf('Calls', { ...('tiers' in more ? {} : { unit_amount: 50 }), recurring, ...more })
  const use = (value: number, timestamp?: number) =>
    shop.stripe.billing.meterEvents.create({
      event_name: 'calls',
      payload: { stripe_customer_id: shop.customer.id, value: String(value) },
      ...(timestamp !== undefined && { timestamp }),
    })
  const subscribe = (params: Partial<Stripe.SubscriptionCreateParams> = {}) =>
    shop.subscribe([{ price: price.id }], params)
  const again = ({ id }: Stripe.Subscription) => shop.stripe.subscriptions.retrieve(id)
  const shown = async () => (await shop.invoices()).map((invoice) => [invoice.billing_reason, ...linesOf(invoice)])
  return { ...shop, meter, price, use, subscribe, again, shown }
}

describe('a billing threshold', () => {
  it('is shown by the subscription, changed in part, and taken away by an empty string', async () => {
    const { subscribe, stripe } = await selling()
    const subscription = await subscribe({ billing_thresholds: { amount_gte: 10_000 } })
    expect(subscription.billing_thresholds).toEqual({ amount_gte: 10_000, reset_billing_cycle_anchor: false })
    const update = (billing_thresholds: Stripe.SubscriptionUpdateParams['billing_thresholds']) =>
      stripe.subscriptions.update(subscription.id, { billing_thresholds: billing_thresholds ?? '' })
    expect((await update({ reset_billing_cycle_anchor: true })).billing_thresholds).toEqual({
      amount_gte: 10_000,
      reset_billing_cycle_anchor: true,
    })
    expect((await update('')).billing_thresholds).toBeNull()
  })

  it('bills the usage when its cost reaches the amount, and starts over', async () => {
    const shop = await selling()
    const subscription = await shop.subscribe({ billing_thresholds: { amount_gte: 10_000 } })
    await shop.advance('2026-01-05')
    await shop.use(199)
    expect(await shop.invoices()).toEqual([])
    expect(await shop.eventsOf(() => shop.use(1))).toEqual([
      'customer.subscription.updated',
      'customer.updated',
      'invoice.created',
    ])
    const [invoice] = await shop.invoices()
    expect(invoice).toMatchObject({
      status: 'draft',
      billing_reason: 'subscription_threshold',
      threshold_reason: { amount_gte: 10_000, item_reasons: [] },
      total: 10_000,
      period_start: at('2026-01-01'),
      period_end: at('2026-01-05'),
    })
    expect(invoice?.lines.data[0]?.period).toEqual({ start: at('2026-01-01'), end: at('2026-01-05') })
    expect((await shop.lastEvent('customer.subscription.updated')).data.previous_attributes).toEqual({
      latest_invoice: null,
    })
    expect(await shop.again(subscription)).toMatchObject({
      latest_invoice: invoice?.id,
      billing_cycle_anchor: at('2026-01-01'),
    })
    await shop.advance('2026-01-06')
    expect((await shop.invoices())[0]).toMatchObject({ status: 'paid', amount_paid: 10_000 })
    await shop.use(199)
    expect(await shop.invoices()).toHaveLength(1)
    await shop.use(11)
    await shop.use(3)
    await shop.advance('2026-02-02')
    expect(await shop.shown()).toEqual([
      ['subscription_threshold', '10000 200 × Calls (at $0.50 / month)'],
      ['subscription_threshold', '10500 210 × Calls (at $0.50 / month)'],
      ['subscription_cycle', '150 3 × Calls (at $0.50 / month)'],
    ])
  })

  it('leaves the tiers of a graduated price where they were', async () => {
    const shop = await selling({
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [
        { up_to: 300, unit_amount: 50 },
        { up_to: 'inf', unit_amount: 40 },
      ],
    })
    await shop.subscribe({ billing_thresholds: { amount_gte: 10_000 } })
    await shop.use(200)
    await shop.use(225)
    await shop.use(250)
    await shop.advance('2026-02-02')
    await shop.use(10)
    await shop.advance('2026-03-02')
    expect(await shop.shown()).toEqual([
      ['subscription_threshold', '10000 200 × Calls (Tier 1 at $0.50 / month)'],
      [
        'subscription_threshold',
        '5000 100 × Calls (Tier 1 at $0.50 / month)',
        '5000 125 × Calls (Tier 2 at $0.40 / month)',
      ],
      ['subscription_threshold', '10000 250 × Calls (Tier 2 at $0.40 / month)'],
      ['subscription_cycle', '0 0 × Calls (Tier 2 at $0.40 / month)'],
      ['subscription_cycle', '500 10 × Calls (Tier 1 at $0.50 / month)'],
    ])
  })

  it('counts discounts and not taxes', async () => {
    const shop = await selling()
    const coupon = await shop.stripe.coupons.create({ percent_off: 50, duration: 'forever' })
    const rate = await shop.stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false })
    await shop.subscribe({
      billing_thresholds: { amount_gte: 10_000 },
      discounts: [{ coupon: coupon.id }],
      default_tax_rates: [rate.id],
    })
    await shop.use(399)
    expect(await shop.invoices()).toEqual([])
    await shop.use(1)
    expect(await shop.invoices()).toMatchObject([{ subtotal: 20_000, total: 12_000 }])
  })

  it('of an item is reached by units', async () => {
    const shop = await selling()
    const { items } = await shop.subscribe()
    const item = String(items.data[0]?.id)
    const set = (billing_thresholds: Stripe.SubscriptionItemUpdateParams['billing_thresholds']) =>
      shop.stripe.subscriptionItems.update(item, { billing_thresholds: billing_thresholds ?? '' })
    expect((await set({ usage_gte: 20 })).billing_thresholds).toEqual({ usage_gte: 20 })
    await shop.use(19)
    await shop.use(2)
    const [invoice] = await shop.invoices()
    expect(invoice).toMatchObject({
      total: 1050,
      threshold_reason: {
        amount_gte: null,
        item_reasons: [{ line_item_ids: [invoice?.lines.data[0]?.id], usage_gte: 20 }],
      },
    })
    expect((await set('')).billing_thresholds).toBeNull()
    await shop.use(100)
    expect(await shop.invoices()).toHaveLength(1)
  })

  it('may begin a new period, in which usage of the same second counts once', async () => {
    const shop = await selling()
    const subscription = await shop.subscribe({
      billing_thresholds: { amount_gte: 10_000, reset_billing_cycle_anchor: true },
    })
    await shop.advance('2026-01-11')
    await shop.use(200)
    await shop.use(30)
    expect(await shop.again(subscription)).toMatchObject({
      billing_cycle_anchor: at('2026-01-11'),
      items: { data: [{ current_period_start: at('2026-01-11'), current_period_end: at('2026-02-11') }] },
    })
    expect((await shop.lastEvent('customer.subscription.updated')).data.previous_attributes).toMatchObject({
      billing_cycle_anchor: at('2026-01-01'),
      latest_invoice: null,
    })
    await shop.advance('2026-02-12')
    expect(await shop.shown()).toEqual([
      ['subscription_threshold', '10000 200 × Calls (at $0.50 / month)'],
      ['subscription_cycle', '1500 30 × Calls (at $0.50 / month)'],
    ])
  })

  it('is not looked at in a trial, nor on the last day of a period', async () => {
    const shop = await selling()
    await shop.subscribe({ billing_thresholds: { amount_gte: 10_000 }, trial_end: at('2026-01-10') })
    await shop.use(500)
    expect((await shop.invoices()).map(({ billing_reason }) => billing_reason)).toEqual(['subscription_create'])
    await shop.advance(at('2026-02-09T01:00:00'))
    await shop.use(500)
    expect((await shop.invoices()).some((one) => one.billing_reason === 'subscription_threshold')).toBe(false)
    await shop.advance('2026-02-11')
    expect((await shop.shown()).at(-1)).toEqual(['subscription_cycle', '25000 500 × Calls (at $0.50 / month)'])
  })

  it('bills again at the end what a voided invoice had billed, and at an end what is left', async () => {
    const shop = await selling()
    const subscription = await shop.subscribe({ billing_thresholds: { amount_gte: 10_000 } })
    await shop.use(200)
    await shop.advance('2026-01-03')
    await shop.use(240)
    await shop.use(7, at('2026-01-02'))
    const [first, second] = await shop.invoices()
    await shop.stripe.invoices.finalizeInvoice(String(second?.id))
    await shop.stripe.invoices.voidInvoice(String(second?.id))
    await shop.stripe.subscriptions.cancel(subscription.id, { invoice_now: true })
    expect(first?.status).toBe('paid')
    const last = (await shop.shown()).at(-1)
    // Usage of this very second is after the end.
    expect(last).toEqual(['subscription_update', '350 7 × Calls (at $0.50 / month)'])
  })

  it('has billed what it has billed, when the price changes', async () => {
    const shop = await selling()
    const { items } = await shop.subscribe({ billing_thresholds: { amount_gte: 10_000 } })
    await shop.use(200)
    await shop.use(10)
    const dearer = await shop.stripe.prices.create({
      product: String(shop.price.product),
      currency: 'usd',
      unit_amount: 100,
      recurring: { interval: 'month', usage_type: 'metered', meter: shop.meter.id },
    })
    await shop.stripe.subscriptionItems.update(String(items.data[0]?.id), { price: dearer.id })
    await shop.use(100)
    await shop.use(30)
    await shop.advance('2026-02-02')
    expect(await shop.shown()).toEqual([
      ['subscription_threshold', '10000 200 × Calls (at $0.50 / month)'],
      ['subscription_threshold', '500 10 × Calls (at $0.50 / month)', '10000 100 × Calls (at $1.00 / month)'],
      ['subscription_cycle', '3000 30 × Calls (at $1.00 / month)'],
    ])
  })

  it('is refused where it has no meaning, and where its invoices are not known', async () => {
    const shop = await selling()
    const licensed = await shop.priceOf('Pro', { unit_amount: 2000 })
    const withThresholds = (billing_thresholds: Stripe.SubscriptionCreateParams.BillingThresholds, price: string) =>
      refusalOf(
        shop.stripe.subscriptions.create({ customer: shop.customer.id, items: [{ price }], billing_thresholds }),
      )
    expect(await withThresholds({ amount_gte: 49 }, shop.price.id)).toEqual({
      status: 400,
      message: 'This value must be greater than or equal to 50.',
      code: 'parameter_invalid_integer',
      param: 'billing_thresholds[amount_gte]',
    })
    const resetting = { amount_gte: 5000, reset_billing_cycle_anchor: true }
    expect((await withThresholds(resetting, licensed.id)).status).toBe(501)
    const items = [{ price: licensed.id, billing_thresholds: { usage_gte: 5 } }]
    expect((await refusalOf(shop.stripe.subscriptions.create({ customer: shop.customer.id, items }))).status).toBe(400)
    const last = await selling({}, 'last')
    expect((await refusalOf(last.subscribe({ billing_thresholds: { amount_gte: 5000 } }))).status).toBe(501)
  })
})
