import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, latestInvoice, linesOf, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

/** A customer who pays 25 dollars a month since 1 January, on 16 January at noon: half of the month is left. */
async function monthly(params: Partial<Stripe.SubscriptionCreateParams> = {}, quantity = 1) {
  const shop = await openShop()
  const month = await shop.price({ unit_amount: 2500 })
  const year = await shop.price({ unit_amount: 25_000, recurring: { interval: 'year' } })
  const subscription = await shop.subscribe([{ price: month.id, quantity }], params)
  await shop.advance('2026-01-16T12:00:00')
  const item = subscription.items.data[0]?.id ?? ''
  const update = (params: Stripe.SubscriptionUpdateParams) =>
    shop.stripe.subscriptions.update(subscription.id, { ...params, expand: ['latest_invoice'] })
  return { ...shop, month, year, subscription, item, update }
}

describe('a switch that is billed at once', () => {
  it('credits what is unused, charges the rest of the new price, and keeps the anchor', async () => {
    const { price, item, update } = await monthly()
    const better = await price({ unit_amount: 5000 })
    const updated = await update({ items: [{ id: item, price: better.id }], proration_behavior: 'always_invoice' })
    expect(updated).toMatchObject({ status: 'active', billing_cycle_anchor: at('2026-01-01') })
    expect(updated.items.data).toMatchObject([
      {
        id: item,
        price: { id: better.id },
        current_period_start: at('2026-01-01'),
        current_period_end: at('2026-02-01'),
      },
    ])
    const invoice = latestInvoice(updated)
    expect(linesOf(invoice)).toEqual([
      '-1250 Unused time on Pro after 16 Jan 2026',
      '2500 Remaining time on Pro after 16 Jan 2026',
    ])
    expect(invoice).toMatchObject({
      billing_reason: 'subscription_update',
      status: 'paid',
      total: 1250,
      period_start: at('2026-01-01'),
      period_end: at('2026-01-16T12:00:00'),
    })
  })

  it('causes the events of its flow, and the payment its own', async () => {
    const { price, item, update, eventsOf } = await monthly()
    const better = await price({ unit_amount: 5000 })
    const events = await eventsOf(() =>
      update({ items: [{ id: item, price: better.id }], proration_behavior: 'always_invoice' }),
    )
    expect(events).toEqual([
      'charge.succeeded',
      'customer.subscription.updated',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'invoiceitem.created',
      'invoiceitem.created',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
  })

  it('tells in its event what the items were before', async () => {
    const { month, price, item, update, lastEvent } = await monthly()
    const better = await price({ unit_amount: 5000 })
    await update({ items: [{ id: item, price: better.id }], proration_behavior: 'always_invoice' })
    const { data } = await lastEvent('customer.subscription.updated')
    expect(data.previous_attributes).toMatchObject({ items: { data: [{ id: item, price: { id: month.id } }] } })
    expect(Object.keys(data.previous_attributes ?? {}).sort()).toEqual(['items', 'latest_invoice'])
  })

  it('to another interval runs from the anchor to the anchor and a year', async () => {
    const { year, item, update } = await monthly()
    const updated = await update({ items: [{ id: item, price: year.id }], proration_behavior: 'always_invoice' })
    expect(updated.items.data).toMatchObject([
      { current_period_start: at('2026-01-01'), current_period_end: at('2027-01-01') },
    ])
    // 349.5 of 365 days of 25,000
    expect(linesOf(latestInvoice(updated))).toEqual([
      '-1250 Unused time on Pro after 16 Jan 2026',
      '23938 Remaining time on Pro after 16 Jan 2026',
    ])
  })

  it('with a new anchor charges a whole new period', async () => {
    const { year, item, update } = await monthly()
    const updated = await update({
      items: [{ id: item, price: year.id }],
      proration_behavior: 'always_invoice',
      billing_cycle_anchor: { type: 'now' },
    })
    expect(updated.billing_cycle_anchor).toBe(at('2026-01-16T12:00:00'))
    expect(updated.items.data).toMatchObject([
      { current_period_start: at('2026-01-16T12:00:00'), current_period_end: at('2027-01-16T12:00:00') },
    ])
    expect(linesOf(latestInvoice(updated))).toEqual([
      '-1250 Unused time on Pro after 16 Jan 2026',
      '25000 1 × Pro (at $250.00 / year)',
    ])
  })

  it('to less leaves a credit on the balance, which the renewal takes', async () => {
    const { price, item, update, advance, invoices, stripe, customer } = await monthly()
    const smaller = await price({ unit_amount: 500 })
    const updated = await update({ items: [{ id: item, price: smaller.id }], proration_behavior: 'always_invoice' })
    expect(latestInvoice(updated)).toMatchObject({ total: -1000, amount_due: 0, status: 'paid', ending_balance: -1000 })
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -1000 })
    await advance('2026-02-02')
    expect((await invoices()).at(-1)).toMatchObject({
      total: 500,
      amount_due: 0,
      starting_balance: -1000,
      ending_balance: -500,
    })
  })

  it('of the quantity names it', async () => {
    const { item, update } = await monthly({}, 3)
    const updated = await update({ items: [{ id: item, quantity: 5 }], proration_behavior: 'always_invoice' })
    expect(linesOf(latestInvoice(updated))).toEqual([
      '-3750 Unused time on 3 × Pro after 16 Jan 2026',
      '6250 Remaining time on 5 × Pro after 16 Jan 2026',
    ])
  })

  it('and back cancels out', async () => {
    const { month, price, item, update } = await monthly()
    const better = await price({ unit_amount: 7900 })
    const up = await update({ items: [{ id: item, price: better.id }], proration_behavior: 'always_invoice' })
    const down = await update({ items: [{ id: item, price: month.id }], proration_behavior: 'always_invoice' })
    expect(latestInvoice(up).total + latestInvoice(down).total).toBe(0)
  })
})

describe('a switch that is billed with the renewal', () => {
  it('keeps the prorations as pending items and makes no invoice', async () => {
    const { price, item, update, eventsOf, stripe, customer } = await monthly()
    const better = await price({ unit_amount: 5000 })
    const events = await eventsOf(() => update({ items: [{ id: item, price: better.id }] }))
    expect(events).toEqual(['customer.subscription.updated', 'invoiceitem.created', 'invoiceitem.created'])
    const { data } = await stripe.invoiceItems.list({ customer: customer.id, pending: true })
    expect(data.map(({ amount, proration, description }) => ({ amount, proration, description }))).toEqual([
      { amount: 2500, proration: true, description: 'Remaining time on Pro after 16 Jan 2026' },
      { amount: -1250, proration: true, description: 'Unused time on Pro after 16 Jan 2026' },
    ])
  })

  it('puts them before the new period on the renewal', async () => {
    const { price, item, update, advance, invoices } = await monthly()
    const better = await price({ unit_amount: 5000 })
    await update({ items: [{ id: item, price: better.id }] })
    await advance('2026-02-02')
    const renewal = (await invoices()).at(-1)
    expect(renewal).toMatchObject({ billing_reason: 'subscription_cycle', status: 'paid', total: 6250 })
    expect(renewal && linesOf(renewal)).toEqual([
      '-1250 Unused time on Pro after 16 Jan 2026',
      '2500 Remaining time on Pro after 16 Jan 2026',
      '5000 1 × Pro (at $50.00 / month)',
    ])
  })

  it('without prorations charges the new price from the renewal on', async () => {
    const { price, item, update, eventsOf, advance, invoices } = await monthly()
    const better = await price({ unit_amount: 5000 })
    const events = await eventsOf(() => update({ items: [{ id: item, price: better.id }], proration_behavior: 'none' }))
    expect(events).toEqual(['customer.subscription.updated'])
    await advance('2026-02-02')
    expect((await invoices()).map(linesOf)).toEqual([
      ['2500 1 × Pro (at $25.00 / month)'],
      ['5000 1 × Pro (at $50.00 / month)'],
    ])
  })
})

describe('a preview of a switch', () => {
  it('is what the switch then costs, when both name the same proration date', async () => {
    const { price, subscription, item, update, stripe, advance } = await monthly()
    const better = await price({ unit_amount: 5000 })
    const proration_date = at('2026-01-16T12:00:00')
    const items = [{ id: item, price: better.id }]
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { items, proration_behavior: 'always_invoice', proration_date },
    })
    await advance('2026-01-16T12:03:00')
    const updated = await update({ items, proration_behavior: 'always_invoice', proration_date })
    expect(preview.total).toBe(latestInvoice(updated).total)
    expect(linesOf(preview)).toEqual(linesOf(latestInvoice(updated)))
    expect(preview).toMatchObject({ status: 'draft', number: null, hosted_invoice_url: null })
    expect(preview.parent?.subscription_details?.subscription_proration_date).toBe(proration_date)
  })

  it('of the renewal has the prorations on it', async () => {
    const { price, subscription, item, stripe } = await monthly()
    const better = await price({ unit_amount: 5000 })
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { items: [{ id: item, price: better.id }], proration_date: at('2026-01-16T12:00:00') },
    })
    expect(linesOf(preview)).toEqual([
      '-1250 Unused time on Pro after 16 Jan 2026',
      '2500 Remaining time on Pro after 16 Jan 2026',
      '5000 1 × Pro (at $50.00 / month)',
    ])
  })

  it('changes nothing', async () => {
    const { price, subscription, item, stripe, customer, eventsOf } = await monthly()
    const better = await price({ unit_amount: 5000 })
    const before = await stripe.subscriptions.retrieve(subscription.id)
    const events = await eventsOf(() =>
      stripe.invoices.createPreview({
        subscription: subscription.id,
        subscription_details: { items: [{ id: item, price: better.id }], proration_behavior: 'always_invoice' },
      }),
    )
    expect(events).toEqual([])
    expect(await stripe.subscriptions.retrieve(subscription.id)).toEqual(before)
    expect((await stripe.invoiceItems.list({ customer: customer.id })).data).toEqual([])
    expect((await stripe.invoices.list({ customer: customer.id })).data).toHaveLength(1)
  })
})

describe('items of a subscription', () => {
  it('are added and removed by one update', async () => {
    const { item, update, priceOf } = await monthly()
    const seats = await priceOf('Seat', { unit_amount: 1000 })
    const updated = await update({
      items: [
        { id: item, deleted: true },
        { price: seats.id, quantity: 2 },
      ],
      proration_behavior: 'always_invoice',
    })
    expect(updated.items.data).toMatchObject([{ price: { id: seats.id }, quantity: 2 }])
    expect(linesOf(latestInvoice(updated))).toEqual([
      '-1250 Unused time on Pro after 16 Jan 2026',
      '1000 Remaining time on 2 × Seat after 16 Jan 2026',
    ])
  })

  it('with the same price as another are refused', async () => {
    const { month, item, update } = await monthly()
    expect(await refusalOf(update({ items: [{ price: month.id }] }))).toMatchObject({
      status: 400,
      message: expect.stringContaining(`an existing Subscription Item ${item} is already using that Price`),
    })
  })

  it('cannot all be removed', async () => {
    const { item, update } = await monthly()
    expect((await refusalOf(update({ items: [{ id: item, deleted: true }] }))).status).toBe(400)
  })
})

describe('an item whose usage is metered', () => {
  /** A plan for 25 dollars a month, with calls at 50 cents each; ten were made by 16 January. */
  async function withCalls(billing_mode: 'classic' | 'flexible') {
    const shop = await openShop()
    const { stripe } = shop
    const meter = await stripe.billing.meters.create({
      display_name: 'Calls',
      event_name: 'calls',
      default_aggregation: { formula: 'sum' },
    })
    const plan = await shop.price({ unit_amount: 2500 })
    const recurring = { interval: 'month', usage_type: 'metered', meter: meter.id } as const
    const calls = await shop.priceOf('Calls', { unit_amount: 50, recurring })
    const { id, items } = await shop.subscribe([{ price: plan.id }, { price: calls.id }], {
      billing_mode: { type: billing_mode },
    })
    await shop.advance('2026-01-15')
    const use = (value: number) =>
      stripe.billing.meterEvents.create({
        event_name: 'calls',
        payload: { stripe_customer_id: shop.customer.id, value: String(value) },
      })
    await use(10)
    const { product } = calls
    const dearer = await stripe.prices.create({ product: String(product), currency: 'usd', unit_amount: 75, recurring })
    await shop.advance('2026-01-16')
    const item = String(items.data.find(({ price }) => price.id === calls.id)?.id)
    const remove = (proration_behavior: 'always_invoice' | 'create_prorations' | 'none') =>
      stripe.subscriptions.update(id, { items: [{ id: item, deleted: true }], proration_behavior })
    return { ...shop, remove, use, dearer, item, subscription: id, plan: plan.id }
  }

  it('leaves its usage to the next invoice when it goes', async () => {
    const { remove, item, stripe, customer, eventsOf, advance, invoices } = await withCalls('flexible')
    expect(await eventsOf(() => remove('create_prorations'))).toEqual([
      'customer.subscription.updated',
      'invoiceitem.created',
    ])
    expect((await stripe.invoiceItems.list({ customer: customer.id, pending: true })).data).toMatchObject([
      {
        amount: 500,
        description: '10 × Calls (at $0.50 / month)',
        parent: { subscription_details: { subscription_item: item } },
        period: { start: at('2026-01-01'), end: at('2026-01-16') },
        proration: false,
        quantity: 10,
      },
    ])
    await advance('2026-02-02')
    expect(linesOf((await invoices()).at(-1) as Stripe.Invoice)).toEqual([
      '500 10 × Calls (at $0.50 / month)',
      '2500 1 × Pro (at $25.00 / month)',
    ])
  })

  it('is billed at once where that is asked for', async () => {
    const { remove, invoices } = await withCalls('flexible')
    await remove('always_invoice')
    expect(linesOf((await invoices()).at(-1) as Stripe.Invoice)).toEqual(['500 10 × Calls (at $0.50 / month)'])
  })

  it('is billed with the renewal that a schedule takes it away with', async () => {
    const { stripe, subscription, plan, advance, invoices } = await withCalls('flexible')
    const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription })
    const [phase] = phases
    await stripe.subscriptionSchedules.update(id, {
      phases: [
        {
          items: (phase?.items ?? []).map(({ price }) => ({ price: String(price) })),
          start_date: phase?.start_date ?? 0,
          end_date: phase?.end_date ?? 0,
        },
        { items: [{ price: plan }], duration: { interval: 'month' }, proration_behavior: 'none' },
      ],
    })
    await advance('2026-02-02')
    expect(linesOf((await invoices()).at(-1) as Stripe.Invoice)).toEqual([
      '500 10 × Calls (at $0.50 / month)',
      '2500 1 × Pro (at $25.00 / month)',
    ])
  })

  it.each([
    ['flexible', ['500 10 × Calls (at $0.50 / month)', '300 4 × Calls (at $0.75 / month)']],
    ['classic', ['300 4 × Calls (at $0.75 / month)']],
  ] as const)('is billed at the price of its time when that changes, in %s billing', async (mode, lines) => {
    const { stripe, dearer, item, use, advance, invoices } = await withCalls(mode)
    await stripe.subscriptionItems.update(item, { price: dearer.id })
    await use(4)
    await advance('2026-02-02')
    expect(linesOf((await invoices()).at(-1) as Stripe.Invoice).filter((line) => line.includes('Calls'))).toEqual(lines)
    await use(2)
    await advance('2026-03-02')
    expect(linesOf((await invoices()).at(-1) as Stripe.Invoice)).toContain('150 2 × Calls (at $0.75 / month)')
  })

  it.each([['flexible', 'none'] as const, ['classic', 'always_invoice'] as const])(
    'takes its usage with it in %s billing with %s',
    async (mode, behavior) => {
      const { remove, stripe, customer, advance, invoices } = await withCalls(mode)
      await remove(behavior)
      expect((await stripe.invoiceItems.list({ customer: customer.id })).data).toEqual([])
      await advance('2026-02-02')
      expect((await invoices()).reduce((sum, { total }) => sum + total, 0)).toBe(5000)
    },
  )
})

describe('classic billing', () => {
  it('begins a new period when the interval changes', async () => {
    const { year, item, update } = await monthly({ billing_mode: { type: 'classic' } })
    const updated = await update({ items: [{ id: item, price: year.id }] })
    expect(updated.billing_cycle_anchor).toBe(at('2026-01-16T12:00:00'))
    expect(linesOf(latestInvoice(updated))).toEqual([
      '-1250 Unused time on Pro after 16 Jan 2026',
      '25000 1 × Pro (at $250.00 / year)',
    ])
  })

  it('migrates to flexible, and stays so', async () => {
    const { subscription, stripe } = await monthly({ billing_mode: { type: 'classic' } })
    const migrate = () => stripe.subscriptions.migrate(subscription.id, { billing_mode: { type: 'flexible' } })
    expect((await migrate()).billing_mode.type).toBe('flexible')
    expect((await refusalOf(migrate())).status).toBe(400)
  })
})

describe('an update that may not be', () => {
  it('of a canceled subscription takes its metadata alone', async () => {
    const { subscription, item, update, stripe } = await monthly()
    await stripe.subscriptions.cancel(subscription.id)
    expect(await refusalOf(update({ items: [{ id: item, quantity: 2 }] }))).toMatchObject({
      status: 400,
      code: 'invalid_canceled_subscription_fields',
    })
    expect((await update({ metadata: { why: 'moved' } })).metadata).toEqual({ why: 'moved' })
  })

  it('has a proration date within the period', async () => {
    const { item, update } = await monthly()
    const refusal = await refusalOf(update({ items: [{ id: item, quantity: 2 }], proration_date: at('2025-12-31') }))
    expect(refusal).toMatchObject({ status: 400, param: 'proration_date' })
  })
})
