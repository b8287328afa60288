import { describe, expect, it } from 'vitest'
import { at, latestInvoice, linesOf, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

const expand = ['latest_invoice.confirmation_secret', 'latest_invoice.payments']

describe('a first payment', () => {
  it('that nobody has tried yet leaves the subscription incomplete, with a secret to pay by', async () => {
    const shop = await openShop({ card: null })
    const { id } = await shop.price({ unit_amount: 1900 })
    const events = await shop.eventsOf(() =>
      shop.subscribe([{ price: id }], { payment_behavior: 'default_incomplete', expand }),
    )
    expect(events).toEqual([
      'customer.subscription.created',
      'customer.updated',
      'invoice.created',
      'invoice.finalized',
      'payment_intent.created',
    ])
    const [subscription] = (
      await shop.stripe.subscriptions.list({ customer: shop.customer.id, expand: expand.map((path) => `data.${path}`) })
    ).data
    if (!subscription) throw new Error('There is no subscription.')
    expect(subscription.status).toBe('incomplete')
    expect(latestInvoice(subscription)).toMatchObject({
      status: 'open',
      attempted: false,
      attempt_count: 0,
      amount_due: 1900,
    })
    expect(latestInvoice(subscription).confirmation_secret?.client_secret).toMatch(/^pi_\w+_secret_\w+$/)
  })

  it('makes the subscription active when it is confirmed, and its method the default when that was asked for', async () => {
    const shop = await openShop({ card: null })
    const { id } = await shop.price({ unit_amount: 1900 })
    const subscription = await shop.subscribe([{ price: id }], {
      payment_behavior: 'default_incomplete',
      payment_settings: { save_default_payment_method: 'on_subscription' },
      expand,
    })
    const intent = String(latestInvoice(subscription).payments?.data[0]?.payment.payment_intent)
    const events = await shop.eventsOf(() =>
      shop.stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa', return_url: 'http://shop.test' }),
    )
    expect(events).toEqual([
      'charge.succeeded',
      'customer.subscription.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.succeeded',
      'payment_method.attached',
    ])
    const active = await shop.stripe.subscriptions.retrieve(subscription.id)
    expect(active.status).toBe('active')
    expect(active.default_payment_method).toMatch(/^pm_/)
    const { data } = await shop.lastEvent('customer.subscription.updated')
    expect(data.previous_attributes).toEqual({ default_payment_method: null, status: 'incomplete' })
  })

  it('that is declined leaves it incomplete, or nothing at all with error_if_incomplete', async () => {
    const shop = await openShop({ card: 'pm_card_chargeCustomerFail' })
    const { id } = await shop.price({ unit_amount: 1900 })
    const subscription = await shop.subscribe([{ price: id }], { expand })
    expect(subscription.status).toBe('incomplete')
    expect(latestInvoice(subscription)).toMatchObject({
      status: 'open',
      attempted: true,
      attempt_count: 1,
      next_payment_attempt: null,
    })
    const refusal = await refusalOf(shop.subscribe([{ price: id }], { payment_behavior: 'error_if_incomplete' }))
    expect(refusal).toMatchObject({ status: 402, code: 'card_declined', message: 'Your card was declined.' })
    const all = await shop.stripe.subscriptions.list({ customer: shop.customer.id, status: 'all' })
    expect(all.data.map(({ id }) => id)).toEqual([subscription.id])
  })

  it('that wants 3D Secure leaves it incomplete; with error_if_incomplete the customer is told', async () => {
    const shop = await openShop({ card: 'pm_card_authenticationRequired' })
    const { id } = await shop.price({ unit_amount: 1900 })
    const subscription = await shop.subscribe([{ price: id }], { expand })
    expect(subscription.status).toBe('incomplete')
    expect(latestInvoice(subscription)).toMatchObject({ status: 'open', attempted: true, attempt_count: 0 })
    const refusal = await refusalOf(shop.subscribe([{ price: id }], { payment_behavior: 'error_if_incomplete' }))
    expect(refusal).toMatchObject({ status: 402, code: 'subscription_payment_intent_requires_action' })
  })

  it('that does not come in 23 hours ends the subscription before it began', async () => {
    const shop = await openShop({ card: 'pm_card_authenticationRequired' })
    const { id } = await shop.price({ unit_amount: 1900 })
    const subscription = await shop.subscribe([{ price: id }])
    await shop.advance('2026-01-01T22:59:59')
    expect((await shop.stripe.subscriptions.retrieve(subscription.id)).status).toBe('incomplete')
    const events = await shop.eventsOf(() => shop.advance('2026-01-01T23:00:00'))
    expect(events.filter((type) => !type.startsWith('test_helpers'))).toEqual([
      'customer.subscription.updated',
      'invoice.voided',
      'payment_intent.canceled',
    ])
    const ended = await shop.stripe.subscriptions.retrieve(subscription.id, { expand })
    expect(ended).toMatchObject({ status: 'incomplete_expired', ended_at: at('2026-01-01T23:00:00') })
    expect(latestInvoice(ended).status).toBe('void')
  })

  it('may be by invoice: a draft that is finalized and sent an hour later', async () => {
    const shop = await openShop({ card: null })
    const { id } = await shop.price({ unit_amount: 1900 })
    const subscription = await shop.subscribe([{ price: id }], {
      collection_method: 'send_invoice',
      days_until_due: 14,
      expand,
    })
    expect(subscription.status).toBe('active')
    expect(latestInvoice(subscription)).toMatchObject({
      status: 'draft',
      auto_advance: true,
      due_date: at('2026-01-15'),
    })
    await shop.advance('2026-01-01T01:00:00')
    expect((await shop.invoices())[0]).toMatchObject({ status: 'open', amount_due: 1900 })
    const events = await shop.eventsOf(() => shop.advance('2026-01-15T00:00:01'))
    expect(events.filter((type) => !type.startsWith('test_helpers'))).toEqual([
      'customer.subscription.updated',
      'invoice.overdue',
    ])
    expect((await shop.stripe.subscriptions.retrieve(subscription.id)).status).toBe('past_due')
  })
})

describe('the beginning of a subscription', () => {
  it('is charged in part up to an anchor that was chosen', async () => {
    const shop = await openShop({ now: '2026-01-16T12:00:00' })
    const { id } = await shop.price({ unit_amount: 3100 })
    const subscription = await shop.subscribe([{ price: id }], { billing_cycle_anchor: at('2026-02-01'), expand })
    expect(latestInvoice(subscription).total).toBe(1550)
    expect(subscription.items.data).toMatchObject([
      { current_period_start: at('2026-01-16T12:00:00'), current_period_end: at('2026-02-01') },
    ])
  })

  it('is free up to the anchor without prorations', async () => {
    const shop = await openShop({ now: '2026-01-16T12:00:00' })
    const { id } = await shop.price({ unit_amount: 3100 })
    const subscription = await shop.subscribe([{ price: id }], {
      billing_cycle_anchor: at('2026-02-01'),
      proration_behavior: 'none',
    })
    expect(subscription.status).toBe('active')
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).at(-1)).toMatchObject({ total: 3100, period_end: at('2026-02-01') })
  })

  it('keeps the last day of the month', async () => {
    const shop = await openShop({ now: '2026-01-31' })
    const { id } = await shop.price({ unit_amount: 1000 })
    await shop.subscribe([{ price: id }])
    await shop.advance('2026-06-02')
    const ends = (await shop.invoices()).map((invoice) => invoice.lines.data[0]?.period.end)
    expect(ends).toEqual(['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30'].map(at))
  })

  it('may be anchored by a day of the month', async () => {
    const shop = await openShop({ now: '2026-01-10' })
    const { id } = await shop.price({ unit_amount: 3100 })
    const subscription = await shop.subscribe([{ price: id }], {
      billing_cycle_anchor_config: { day_of_month: 31 },
      proration_behavior: 'none',
    })
    expect(subscription.billing_cycle_anchor).toBe(at('2026-01-31'))
    expect(subscription.billing_cycle_anchor_config).toMatchObject({ day_of_month: 31, hour: null })
    await shop.advance('2026-03-05')
    const [item] = (await shop.stripe.subscriptions.retrieve(subscription.id)).items.data
    expect(item).toMatchObject({ current_period_start: at('2026-02-28'), current_period_end: at('2026-03-31') })
  })
})

describe('a start date in the past', () => {
  const backdate_start_date = at('2025-11-15')

  it('charges each natural period since, and the current one', async () => {
    const shop = await openShop({ now: '2026-01-01' })
    const { id } = await shop.price({ unit_amount: 3000 })
    const subscription = await shop.subscribe([{ price: id }], { backdate_start_date, expand })
    expect(linesOf(latestInvoice(subscription))).toEqual([
      '1600 Time on Pro from 15 Nov 2025 until 01 Dec 2025',
      '3000 1 × Pro (at $30.00 / month)',
      '3000 1 × Pro (at $30.00 / month)',
    ])
    expect(subscription).toMatchObject({ start_date: backdate_start_date, billing_cycle_anchor: at('2026-01-01') })
  })

  it('charges the time since in one, counted from the start date, with classic billing', async () => {
    const shop = await openShop({ now: '2026-01-01' })
    const { id } = await shop.price({ unit_amount: 3100 })
    const subscription = await shop.subscribe([{ price: id }], {
      backdate_start_date,
      billing_mode: { type: 'classic' },
      expand,
    })
    expect(linesOf(latestInvoice(subscription))).toEqual([
      '4800 Time on Pro from 15 Nov 2025 until 01 Jan 2026',
      '3100 1 × Pro (at $31.00 / month)',
    ])
  })

  it('charges nothing of it without prorations', async () => {
    const shop = await openShop({ now: '2026-01-01' })
    const { id } = await shop.price({ unit_amount: 3000 })
    const params = { backdate_start_date, proration_behavior: 'none', expand } as const
    expect(linesOf(latestInvoice(await shop.subscribe([{ price: id }], params)))).toEqual([
      '3000 1 × Pro (at $30.00 / month)',
    ])
    const anchored = await shop.subscribe([{ price: id }], { ...params, billing_cycle_anchor: at('2026-01-10') })
    expect(anchored.latest_invoice).toBeNull()
  })

  it('reaches up to an anchor in the future', async () => {
    const shop = await openShop({ now: '2026-01-01' })
    const { id } = await shop.price({ unit_amount: 3100 })
    const subscription = await shop.subscribe([{ price: id }], {
      backdate_start_date: at('2025-12-15'),
      billing_cycle_anchor: at('2026-01-10'),
      expand,
    })
    expect(linesOf(latestInvoice(subscription))).toEqual(['2600 Time on Pro from 15 Dec 2025 until 10 Jan 2026'])
  })
})

describe('what is bought', () => {
  it('with one-time items comes on one invoice, they first', async () => {
    const shop = await openShop()
    const month = await shop.price({ unit_amount: 1900 })
    const shirt = await shop.stripe.products.create({ name: 'T-Shirt' })
    const subscription = await shop.subscribe([{ price: month.id }], {
      add_invoice_items: [{ price_data: { currency: 'usd', product: shirt.id, unit_amount: 1500 } }],
      expand,
    })
    expect(linesOf(latestInvoice(subscription))).toEqual(['1500 T-Shirt', '1900 1 × Pro (at $19.00 / month)'])
  })

  it('in several items has a line for each, and renews each by its own interval', async () => {
    const shop = await openShop()
    const month = await shop.price({ unit_amount: 1900 })
    const year = await shop.priceOf('Support', { unit_amount: 9900, recurring: { interval: 'year' } })
    const subscription = await shop.subscribe([{ price: month.id }, { price: year.id }], { expand })
    expect(latestInvoice(subscription).total).toBe(11_800)
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).at(-1)).toMatchObject({ total: 1900 })
    await shop.advance('2027-01-02')
    expect((await shop.invoices()).at(-1)).toMatchObject({ total: 11_800 })
  })

  it('by usage has no invoice at first, and what was used on the renewal', async () => {
    const shop = await openShop()
    const meter = await shop.stripe.billing.meters.create({
      display_name: 'Calls',
      event_name: 'calls',
      default_aggregation: { formula: 'sum' },
    })
    const { id } = await shop.priceOf('Call', {
      unit_amount: 5,
      recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
    })
    const subscription = await shop.subscribe([{ price: id }])
    expect(subscription).toMatchObject({ status: 'active', latest_invoice: null })
    await shop.stripe.billing.meterEvents.create({
      event_name: 'calls',
      payload: { value: '12', stripe_customer_id: shop.customer.id },
      timestamp: at('2026-01-01'),
    })
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).map(linesOf).at(-1)).toEqual(['60 12 × Call (at $0.05 / month)'])
  })

  it('in tiers has a line for each tier', async () => {
    const shop = await openShop()
    const { id } = await shop.priceOf('Seat', {
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [
        { up_to: 5, unit_amount: 1000 },
        { up_to: 'inf', unit_amount: 500, flat_amount: 700 },
      ],
    })
    const subscription = await shop.subscribe([{ price: id, quantity: 8 }], { expand })
    expect(latestInvoice(subscription).total).toBe(5 * 1000 + 3 * 500 + 700)
  })

  it('in two currencies is refused', async () => {
    const shop = await openShop()
    const dollars = await shop.price({ unit_amount: 1900 })
    const euros = await shop.price({ unit_amount: 1900, currency: 'eur' })
    expect((await refusalOf(shop.subscribe([{ price: dollars.id }, { price: euros.id }]))).message).toMatch(
      /^This `price` has `currency=eur`, but other items use `currency=usd`\./,
    )
    await shop.subscribe([{ price: dollars.id }])
    expect((await refusalOf(shop.subscribe([{ price: euros.id }]))).message).toMatch(
      /^You cannot combine currencies on a single customer\./,
    )
  })
})

describe('subscriptions in a list', () => {
  it('are those that are not canceled, or those of the status that was asked for', async () => {
    const shop = await openShop()
    const { id } = await shop.price({ unit_amount: 1900 })
    const gone = await shop.subscribe([{ price: id }])
    await shop.stripe.subscriptions.cancel(gone.id)
    const here = await shop.subscribe([{ price: id }])
    const listed = async (status?: 'all' | 'canceled' | 'ended' | 'active' | 'past_due') => {
      const { data } = await shop.stripe.subscriptions.list({ customer: shop.customer.id, ...(status && { status }) })
      return data.map((each) => each.id)
    }
    expect(await listed()).toEqual([here.id])
    expect(await listed('all')).toEqual([here.id, gone.id])
    expect(await listed('canceled')).toEqual([gone.id])
    expect(await listed('ended')).toEqual([gone.id])
    expect(await listed('active')).toEqual([here.id])
    expect(await listed('past_due')).toEqual([])
  })

  it('are found by their price, and empty for another', async () => {
    const shop = await openShop()
    const month = await shop.price({ unit_amount: 1900 })
    const other = await shop.price({ unit_amount: 2900 })
    const { id } = await shop.subscribe([{ price: month.id }])
    const by = async (price: string) =>
      (await shop.stripe.subscriptions.list({ customer: shop.customer.id, price })).data.map((each) => each.id)
    expect(await by(month.id)).toEqual([id])
    expect(await by(other.id)).toEqual([])
  })
})

describe('automatic tax', () => {
  it('wants to know first where the customer is, and is then refused as what Stripe Local does not have', async () => {
    const { stripe, customer, price, subscribe } = await openShop()
    const { id } = await price({ unit_amount: 2000 })
    const taxed = () => refusalOf(subscribe([{ price: id }], { automatic_tax: { enabled: true } }))
    expect(await taxed()).toMatchObject({ status: 400, code: 'customer_tax_location_invalid' })
    await stripe.customers.update(customer.id, { address: { country: 'DE' } })
    expect((await taxed()).status).toBe(501)
  })
})
