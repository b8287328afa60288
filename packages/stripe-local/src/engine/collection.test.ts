import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, latestInvoice, openShop } from '../../testing/business.ts'
import { moveClock } from '../../testing/clock.ts'

/** A plan for 19 dollars a month since 1 January. */
async function subscribed(params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const shop = await openShop()
  const price = await shop.price({ unit_amount: 1900 })
  const { id } = await shop.subscribe([{ price: price.id }], params)
  const now = () => shop.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
  const eventsUntil = async (date: string) =>
    (await shop.eventsOf(() => shop.advance(date))).filter((type) => !type.startsWith('test_helpers'))
  return { ...shop, id, now, eventsUntil }
}

describe('a renewal', () => {
  it('is announced seven days before, begins a period with a draft, and is charged an hour later', async () => {
    const { eventsUntil, now } = await subscribed()
    expect(await eventsUntil('2026-01-24T23:59:59')).toEqual([])
    expect(await eventsUntil('2026-01-25')).toEqual(['invoice.upcoming'])
    expect(await eventsUntil('2026-01-31T23:59:59')).toEqual([])
    expect(await eventsUntil('2026-02-01')).toEqual(['customer.subscription.updated', 'invoice.created'])
    const draft = latestInvoice(await now())
    expect(draft).toMatchObject({
      status: 'draft',
      billing_reason: 'subscription_cycle',
      number: null,
      auto_advance: true,
      automatically_finalizes_at: at('2026-02-01T01:00:00'),
      next_payment_attempt: at('2026-02-01T01:00:00'),
      period_start: at('2026-01-01'),
      period_end: at('2026-02-01'),
    })
    expect(draft.lines.data[0]?.period).toEqual({ start: at('2026-02-01'), end: at('2026-03-01') })
    expect(await eventsUntil('2026-02-01T01:00:00')).toEqual([
      'charge.succeeded',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    expect(latestInvoice(await now())).toMatchObject({ status: 'paid', attempt_count: 1, amount_paid: 1900 })
  })

  it('previews what will be charged', async () => {
    const { stripe, id, advance, now } = await subscribed()
    await advance('2026-01-20')
    const preview = await stripe.invoices.createPreview({ subscription: id })
    await advance('2026-02-02')
    expect(preview).toMatchObject({ total: 1900, amount_due: 1900, currency: 'usd' })
    expect(preview.lines.data[0]?.period).toEqual(latestInvoice(await now()).lines.data[0]?.period)
  })

  it('tells in the upcoming invoice what it will be, without an id of an invoice', async () => {
    const { eventsUntil, lastEvent } = await subscribed()
    await eventsUntil('2026-01-25')
    const { data } = await lastEvent('invoice.upcoming')
    expect(data.object).toMatchObject({ object: 'invoice', amount_due: 1900, billing_reason: 'upcoming' })
    expect(data.object).not.toHaveProperty('id')
  })

  it('of a customer without a test clock follows the clock of the account', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1900 })
    const customer = await shop.stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    })
    await shop.stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
    await moveClock(shop.local, { months: 3, days: 1 })
    const { data } = await shop.stripe.invoices.list({ customer: customer.id })
    expect(data.map(({ status, billing_reason }) => `${status} ${billing_reason}`)).toEqual([
      'paid subscription_cycle',
      'paid subscription_cycle',
      'paid subscription_cycle',
      'paid subscription_create',
    ])
  })
})

describe('a renewal that is declined', () => {
  it('causes the events of its flow and makes the subscription past due', async () => {
    const { payWith, eventsUntil, now, lastEvent, stripe, customer } = await subscribed()
    await payWith('pm_card_chargeCustomerFail')
    await eventsUntil('2026-02-01')
    expect(await eventsUntil('2026-02-01T01:00:00')).toEqual([
      'charge.failed',
      'customer.subscription.updated',
      'invoice.finalized',
      'invoice.payment_failed',
      'invoice.updated',
      'payment_intent.created',
      'payment_intent.payment_failed',
    ])
    expect(await now()).toMatchObject({
      status: 'past_due',
      latest_invoice: {
        status: 'open',
        attempted: true,
        attempt_count: 1,
        next_payment_attempt: at('2026-02-02T01:00:00'),
      },
    })
    const { data } = await lastEvent('customer.subscription.updated')
    expect(data.previous_attributes).toEqual({ status: 'active' })
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ delinquent: true })
  })

  it('is tried again, and all is well once it succeeds', async () => {
    const { payWith, eventsUntil, now } = await subscribed()
    await payWith('pm_card_chargeCustomerFail')
    await eventsUntil('2026-02-01T12:00:00')
    await payWith('pm_card_visa')
    const events = await eventsUntil('2026-02-02T01:00:00')
    expect(events).toEqual([
      'charge.succeeded',
      'customer.subscription.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.succeeded',
    ])
    expect(await now()).toMatchObject({ status: 'active', latest_invoice: { status: 'paid', attempt_count: 2 } })
  })

  it.each([
    ['cancel', 'canceled', 'customer.subscription.deleted'],
    ['unpaid', 'unpaid', 'customer.subscription.updated'],
    ['past_due', 'past_due', 'invoice.payment_failed'],
  ])('ends after its last retry as the account says: %s', async (afterRetries, status, event) => {
    const { payWith, eventsUntil, now, settings } = await subscribed()
    await settings({ afterRetries, retryDays: [1, 3] })
    await payWith('pm_card_chargeCustomerFail')
    await eventsUntil('2026-02-03T23:00:00')
    expect((await now()).status).toBe('past_due')
    expect(await eventsUntil('2026-02-04T01:00:00')).toContain(event)
    const ended = await now()
    expect(ended.status).toBe(status)
    expect(latestInvoice(ended)).toMatchObject({ attempt_count: 3, next_payment_attempt: null, status: 'open' })
    if (status === 'canceled') expect(ended.cancellation_details?.reason).toBe('payment_failed')
  })

  it('leaves later invoices of an unpaid subscription drafts', async () => {
    const { payWith, eventsUntil, now, settings } = await subscribed()
    await settings({ afterRetries: 'unpaid', retryDays: [1] })
    await payWith('pm_card_chargeCustomerFail')
    await eventsUntil('2026-03-05')
    expect(await now()).toMatchObject({ status: 'unpaid', latest_invoice: { status: 'draft', auto_advance: false } })
  })

  it('that wants 3D Secure tells of it, and is past due until it is done', async () => {
    const { payWith, eventsUntil, now } = await subscribed()
    await payWith('pm_card_authenticationRequired')
    await eventsUntil('2026-02-01')
    const events = await eventsUntil('2026-02-01T01:00:00')
    expect(events).toEqual([
      'customer.subscription.updated',
      'invoice.finalized',
      'invoice.payment_action_required',
      'invoice.payment_failed',
      'invoice.updated',
      'payment_intent.created',
      'payment_intent.requires_action',
    ])
    expect((await now()).status).toBe('past_due')
  })

  it('is paid by hand with another card', async () => {
    const { payWith, eventsUntil, now, stripe, customer } = await subscribed()
    await payWith('pm_card_chargeCustomerFail')
    await eventsUntil('2026-02-01T02:00:00')
    const card = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
    const paid = await stripe.invoices.pay(latestInvoice(await now()).id ?? '', { payment_method: card.id })
    expect(paid.status).toBe('paid')
    expect((await now()).status).toBe('active')
  })
})

describe('pausing collection', () => {
  it.each([
    ['void', 'void'],
    ['mark_uncollectible', 'uncollectible'],
    ['keep_as_draft', 'draft'],
  ] as const)('%s: the renewal is %s and the subscription stays active', async (behavior, status) => {
    const { stripe, id, eventsUntil, now } = await subscribed()
    await stripe.subscriptions.update(id, { pause_collection: { behavior } })
    await eventsUntil('2026-02-02')
    expect(await now()).toMatchObject({ status: 'active', latest_invoice: { status } })
  })

  it('ends by itself on its date, which is to come', async () => {
    const { stripe, id, eventsUntil, now } = await subscribed()
    for (const resumes_at of [at('2025-12-31'), at('2040-01-01')]) {
      const refused = stripe.subscriptions.update(id, { pause_collection: { behavior: 'void', resumes_at } })
      await expect(refused).rejects.toMatchObject({ statusCode: 400, param: 'pause_collection[resumes_at]' })
    }
    await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void', resumes_at: at('2026-02-15') } })
    await eventsUntil('2026-02-16')
    expect((await now()).pause_collection).toBeNull()
    await eventsUntil('2026-03-02')
    expect(await now()).toMatchObject({ latest_invoice: { status: 'paid' } })
  })
})
