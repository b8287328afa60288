import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Stripe from 'stripe'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { newRichBusiness } from '../../testing/any-business.ts'
import { startTestStripe } from '../../testing/client.ts'
import type { AnyObject } from '../kinds.ts'
import { apiVersion } from '../version.ts'
import { changes, shapeOf } from './older-answers.ts'
import { render } from './render.ts'

type Older = Record<string, unknown>

/** Asks as an SDK of an older version does, in its words, and answers what it would read. */
async function startOlder() {
  const { local, stripe } = await startTestStripe()
  const ask = async (version: string, method: 'GET' | 'POST' | 'DELETE', path: string, params = ''): Promise<Older> => {
    const isBody = method === 'POST'
    const response = await fetch(`${local.url}/v1/${path}${isBody || params === '' ? '' : `?${params}`}`, {
      method,
      headers: {
        authorization: 'Bearer sk_test_resources',
        'content-type': 'application/x-www-form-urlencoded',
        'stripe-version': version,
      },
      ...(isBody && { body: params }),
    })
    return (await response.json()) as Older
  }
  return { local, stripe, ask }
}

async function sold(stripe: Stripe, more: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  })
  const price = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 2500,
    recurring: { interval: 'month' },
    product_data: { name: 'Pro' },
  })
  const items = [{ price: price.id, quantity: 2 }]
  return { customer, price, subscription: await stripe.subscriptions.create({ customer: customer.id, items, ...more }) }
}

describe('an older version of the API', () => {
  it('finds the period and the one plan of a subscription on the subscription', async () => {
    const { stripe, ask } = await startOlder()
    const { subscription, price } = await sold(stripe)
    const item = subscription.items.data[0]
    expect(await ask('2024-06-20', 'GET', `subscriptions/${subscription.id}`)).toMatchObject({
      current_period_start: item?.current_period_start,
      current_period_end: item?.current_period_end,
      plan: { id: price.id, object: 'plan', amount: 2500, aggregate_usage: null },
      quantity: 2,
      discount: null,
      items: { total_count: 1 },
    })
    expect(await ask('2025-10-29.clover', 'GET', `subscriptions/${subscription.id}`)).not.toHaveProperty(
      'current_period_end',
    )
    expect(await ask(apiVersion, 'GET', `subscriptions/${subscription.id}`)).not.toHaveProperty('plan')
  })

  it('goes from a subscription over its invoice to the payment, and back', async () => {
    const { stripe, ask } = await startOlder()
    const { subscription } = await sold(stripe)
    const { latest_invoice: invoice } = (await ask(
      '2024-06-20',
      'GET',
      `subscriptions/${subscription.id}`,
      'expand[]=latest_invoice.payment_intent.latest_charge',
    )) as { latest_invoice: Older & { payment_intent: Older & { latest_charge: Older } } }
    expect(invoice).toMatchObject({
      subscription: subscription.id,
      subscription_details: { metadata: {} },
      paid: true,
      paid_out_of_band: false,
      charge: invoice.payment_intent.latest_charge.id,
      payment_intent: { status: 'succeeded', invoice: invoice.id, latest_charge: { invoice: invoice.id } },
      quote: null,
      tax: null,
      total_tax_amounts: [],
      lines: { total_count: 1 },
    })
    const charged = await ask(
      '2022-08-01',
      'GET',
      `charges/${invoice.charge}`,
      'expand[]=invoice.subscription&expand[]=payment_intent',
    )
    expect(charged).toMatchObject({
      invoice: { id: invoice.id, subscription: { id: subscription.id } },
      refunds: { object: 'list', data: [], total_count: 0, url: `/v1/charges/${invoice.charge}/refunds` },
      payment_intent: { charges: { data: [{ id: invoice.charge }], has_more: false } },
    })
    expect(await ask('2022-11-15', 'GET', `charges/${invoice.charge}`)).not.toHaveProperty('refunds')
  })

  it('finds price, plan and proration on the line of an invoice', async () => {
    const { stripe, ask } = await startOlder()
    const { subscription, price } = await sold(stripe)
    const item = subscription.items.data[0]
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item?.id as string, quantity: 4 }],
      proration_behavior: 'always_invoice',
    })
    const invoices = (await ask('2025-02-24.acacia', 'GET', 'invoices', `subscription=${subscription.id}`)) as {
      data: { billing_reason: string; lines: { data: Older[] } }[]
    }
    const [update, create] = invoices.data
    expect(create?.lines.data).toMatchObject([
      {
        type: 'subscription',
        price: { id: price.id, object: 'price', recurring: { aggregate_usage: null } },
        plan: { id: price.id, object: 'plan' },
        proration: false,
        subscription_item: item?.id,
        tax_amounts: [],
        tax_rates: [],
        amount_excluding_tax: 5000,
        unit_amount_excluding_tax: '2500',
      },
    ])
    expect(create?.lines.data[0]).not.toHaveProperty('invoice_item')
    const [credit] = update?.lines.data ?? []
    expect(credit).toMatchObject({
      type: 'invoiceitem',
      amount: -5000,
      amount_excluding_tax: -5000,
      invoice_item: expect.stringMatching(/^ii_/),
      price: { id: price.id },
      proration: true,
      subscription: subscription.id,
      subscription_item: item?.id,
    })
    expect(await ask('2025-02-24.acacia', 'GET', `invoiceitems/${credit?.invoice_item}`)).toMatchObject({
      price: { id: price.id },
      plan: { id: price.id },
      subscription: subscription.id,
      subscription_item: item?.id,
    })
  })

  it('finds the tax of an invoice in one number, and the rates on its lines', async () => {
    const { stripe, ask } = await startOlder()
    const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: true })
    const { customer, price } = await sold(stripe)
    const { latest_invoice } = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id, quantity: 2, tax_rates: [rate.id] }],
    })
    const tax = { amount: 833, inclusive: true, tax_rate: rate.id, taxable_amount: 4167 }
    const invoice = await ask('2024-06-20', 'GET', `invoices/${latest_invoice}`)
    expect(invoice).toMatchObject({
      tax: 833,
      total_tax_amounts: [tax],
      lines: {
        data: [
          {
            tax_amounts: [tax],
            tax_rates: [{ id: rate.id, object: 'tax_rate', percentage: 20 }],
            amount_excluding_tax: 4167,
            unit_amount_excluding_tax: '2083.5',
          },
        ],
      },
    })
    await stripe.creditNotes.create({ invoice: String(latest_invoice), amount: 1000, refund_amount: 1000 })
    const notes = (await ask('2024-06-20', 'GET', 'credit_notes')) as { data: Older[] }
    expect(notes.data[0]).toMatchObject({ refund: expect.stringMatching(/^re_/), tax_amounts: [] })
  })

  it('is shown the coupon itself on a discount and on a promotion code', async () => {
    const { stripe, ask } = await startOlder()
    const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'forever' })
    const { subscription } = await sold(stripe, { discounts: [{ coupon: coupon.id }] })
    const whole = { id: coupon.id, object: 'coupon', percent_off: 20 }
    expect(await ask('2025-02-24.acacia', 'GET', `subscriptions/${subscription.id}`)).toMatchObject({
      discount: { object: 'discount', coupon: whole, subscription: subscription.id },
    })
    expect(
      await ask('2025-03-31.basil', 'GET', `subscriptions/${subscription.id}`, 'expand[]=discounts'),
    ).toMatchObject({ discounts: [{ coupon: whole, source: { coupon: coupon.id } }] })
    expect(await ask('2025-08-27.basil', 'POST', 'promotion_codes', `coupon=${coupon.id}&code=LESS`)).toMatchObject({
      coupon: whole,
      code: 'LESS',
    })
    expect(await ask('2025-09-30.clover', 'GET', 'promotion_codes')).toMatchObject({
      data: [{ promotion: { coupon: coupon.id } }],
    })
  })

  it('finds the payment in an error as it knows payments', async () => {
    const { ask } = await startOlder()
    const declined = 'amount=2000&currency=usd&payment_method=pm_card_chargeDeclined&confirm=true'
    expect(await ask('2020-08-27', 'POST', 'payment_intents', declined)).toMatchObject({
      error: {
        code: 'card_declined',
        payment_intent: {
          charges: { data: [{ status: 'failed', refunds: { data: [] } }] },
          invoice: null,
          payment_method_types: ['card'],
        },
      },
    })
  })

  it('finds the subscriptions, cards and tax ids of a customer on the customer', async () => {
    const { stripe, ask } = await startOlder()
    const { customer, subscription } = await sold(stripe)
    expect(await ask('2020-03-02', 'GET', `customers/${customer.id}`)).toMatchObject({
      sources: { object: 'list', data: [] },
      subscriptions: { data: [{ id: subscription.id, current_period_end: expect.any(Number), tax_percent: null }] },
      tax_ids: { object: 'list', data: [] },
    })
    expect(await ask('2020-08-27', 'GET', `customers/${customer.id}`)).not.toHaveProperty('subscriptions')
  })

  it('counts nothing as paid that was paid elsewhere', async () => {
    const { stripe, ask } = await startOlder()
    const { customer } = await sold(stripe)
    await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: 'usd' })
    const { id } = await stripe.invoices.create({
      customer: customer.id,
      collection_method: 'send_invoice',
      days_until_due: 7,
      pending_invoice_items_behavior: 'include',
    })
    await stripe.invoices.finalizeInvoice(String(id))
    await stripe.invoices.pay(String(id), { paid_out_of_band: true })
    expect(await ask('2024-06-20', 'GET', `invoices/${id}`)).toMatchObject({
      amount_paid: 0,
      amount_remaining: 0,
      paid: true,
      paid_out_of_band: true,
      subscription: null,
    })
  })

  it('is shown the upcoming invoice where it was', async () => {
    const { stripe, ask } = await startOlder()
    const { customer, price, subscription } = await sold(stripe)
    const item = subscription.items.data[0]?.id
    const upcoming = await ask(
      '2024-06-20',
      'GET',
      'invoices/upcoming',
      `customer=${customer.id}&subscription=${subscription.id}&subscription_items[0][id]=${item}` +
        '&subscription_items[0][quantity]=4&subscription_proration_behavior=always_invoice',
    )
    expect(upcoming).toMatchObject({ object: 'invoice', total: 5000, subscription: subscription.id, paid: false })
    const others = await stripe.customers.create()
    expect(await ask('2024-06-20', 'GET', 'invoices/upcoming', `customer=${others.id}`)).toMatchObject({
      error: { code: 'invoice_upcoming_none', message: `No upcoming invoices for customer: ${others.id}` },
    })
    expect(
      await ask(
        '2024-06-20',
        'GET',
        'invoices/upcoming',
        `customer=${others.id}&subscription_items[0][price]=${price.id}&coupon=none`,
      ),
    ).toMatchObject({ error: { message: "No such coupon: 'none'" } })
    expect(await ask(apiVersion, 'GET', 'invoices/upcoming')).toMatchObject({
      error: { message: "No such invoice: 'upcoming'" },
    })
  })
})

describe('an endpoint of an older version', () => {
  it('is sent events in its shape as of when they happened, while others and the list of events have today’s', async () => {
    const { local, stripe } = await startOlder()
    const received: Record<string, Stripe.Event[]> = { '/older': [], '/today': [], '/destination': [] }
    const receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (piece) => {
        body += piece
      })
      request.on('end', () => {
        received[String(request.url)]?.push(JSON.parse(body))
        response.end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void receiver.close())
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
    const enabled_events = ['customer.subscription.updated', 'invoice.created', 'invoice.paid'] as const
    await stripe.webhookEndpoints.create({
      url: `${url}/older`,
      enabled_events: [...enabled_events],
      api_version: '2024-06-20',
    })
    await stripe.webhookEndpoints.create({ url: `${url}/today`, enabled_events: [...enabled_events] })
    const destination = await stripe.v2.core.eventDestinations.create({
      name: 'Older',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      snapshot_api_version: '2024-06-20',
      enabled_events: [...enabled_events],
      webhook_endpoint: { url: `${url}/destination` },
    })
    expect(destination.snapshot_api_version).toBe('2024-06-20')
    const { snapshot_api_version } = await stripe.v2.core.eventDestinations.create({
      name: 'Today',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      enabled_events: ['customer.deleted'],
      webhook_endpoint: { url },
    })
    expect(snapshot_api_version).toBe(apiVersion)
    const { subscription } = await sold(stripe)
    await stripe.subscriptions.update(subscription.id, { billing_cycle_anchor: { type: 'now' }, metadata: { a: '1' } })
    await local.settled('sk_test_resources')
    // The new anchor makes another invoice, and events come in any order.
    const isOfFirst = ({ id, object }: { id?: string; object: string }) =>
      object !== 'invoice' || id === subscription.latest_invoice
    const eventOf = (path: string, type: string) =>
      received[path]?.find((event) => event.type === type && isOfFirst(event.data.object as never)) as unknown as {
        id: string
        api_version: string
        data: Older
      }
    const created = eventOf('/older', 'invoice.created')
    expect(created).toMatchObject({
      api_version: '2024-06-20',
      data: { object: { subscription: subscription.id, paid: false, charge: null } },
    })
    expect(eventOf('/older', 'invoice.paid')).toMatchObject({
      data: { object: { paid: true, charge: expect.stringMatching(/^ch_/) } },
    })
    expect(eventOf('/older', 'customer.subscription.updated')).toMatchObject({
      data: {
        object: { current_period_end: expect.any(Number) },
        previous_attributes: { metadata: { a: null } },
      },
    })
    expect(received['/destination']?.map(({ id }) => id).toSorted()).toEqual(
      received['/older']?.map(({ id }) => id).toSorted(),
    )
    expect(eventOf('/destination', 'invoice.created')).toMatchObject({ api_version: '2024-06-20', data: created.data })
    const today = eventOf('/today', 'invoice.created')
    expect(today).toMatchObject({ id: created.id, api_version: apiVersion })
    expect(today.data.object).not.toHaveProperty('subscription')
    expect(await stripe.events.retrieve(created.id, {}, { apiVersion: '2024-06-20' })).toMatchObject({
      api_version: apiVersion,
      data: today.data,
    })
  })
})

describe('the changes', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:00:00Z') })
  const { account } = newRichBusiness()
  vi.useRealTimers()
  const objects = account.store
    .snapshot()
    .flatMap(([kind, all]) => (kind.startsWith('local.') ? [] : all))
    .map((object) => render(account, object))

  it('are in order, the newest first, and each but what no page tells of has one', () => {
    const versions = changes.map(({ before }) => before)
    expect(versions).toEqual(versions.toSorted().reverse())
    expect(changes.filter(({ page }) => page === '')).toHaveLength(1)
  })

  it('leave everything else as it is, down to every field, and change nothing that is kept', () => {
    const kept = JSON.stringify(objects)
    for (const version of ['2019-03-14', '2020-08-27', '2024-06-20', '2025-08-27.basil', '2026-03-25.dahlia'])
      for (const object of objects) expect(withoutOlder(object, shapeOf(version, account)(object))).toEqual(object)
    expect(JSON.stringify(objects)).toBe(kept)
  })

  it('are nothing to who asks for the version that the SDK pins, or for one to come', () => {
    for (const object of objects) {
      expect(shapeOf(apiVersion, account)(object)).toBe(object)
      expect(shapeOf('2027-01-01.fir', account)(object)).toBe(object)
    }
  })
})

const renamed = ['ui_mode', 'amount_paid']

/** The older shape without what it has more than today's. */
function withoutOlder(today: unknown, older: unknown): unknown {
  if (Array.isArray(today) && Array.isArray(older)) return older.map((one, i) => withoutOlder(today[i], one))
  if (typeof today !== 'object' || today === null || typeof older !== 'object' || older === null) return older
  return Object.fromEntries(
    Object.entries(today as AnyObject).map(([name, value]) => [
      name,
      renamed.includes(name) ? value : withoutOlder(value, (older as Older)[name]),
    ]),
  )
}
