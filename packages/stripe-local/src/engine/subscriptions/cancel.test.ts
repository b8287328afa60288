import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, latestInvoice, linesOf, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

/** A plan for 31 dollars a month since 1 January, on the 16th at noon: half of the month is left. */
async function subscribed(params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const shop = await openShop()
  const price = await shop.price({ unit_amount: 3100 })
  const subscription = await shop.subscribe([{ price: price.id }], params)
  await shop.advance('2026-01-16T12:00:00')
  const update = (params: Stripe.SubscriptionUpdateParams) => shop.stripe.subscriptions.update(subscription.id, params)
  const now = () => shop.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
  const eventsUntil = async (date: string) =>
    (await shop.eventsOf(() => shop.advance(date))).filter((type) => !type.startsWith('test_helpers'))
  return { ...shop, price, id: subscription.id, update, now, eventsUntil }
}

describe('canceling at the end of the period', () => {
  it('sets the fields that say so, and tells what they were', async () => {
    const { update, lastEvent, eventsOf } = await subscribed()
    const events = await eventsOf(async () => {
      expect(
        await update({
          cancel_at_period_end: true,
          cancellation_details: { feedback: 'too_expensive', comment: 'Later.' },
        }),
      ).toMatchObject({
        status: 'active',
        cancel_at_period_end: true,
        cancel_at: at('2026-02-01'),
        canceled_at: at('2026-01-16T12:00:00'),
        ended_at: null,
        cancellation_details: { reason: 'cancellation_requested', feedback: 'too_expensive', comment: 'Later.' },
      })
    })
    expect(events).toEqual(['customer.subscription.updated'])
    expect((await lastEvent('customer.subscription.updated')).data.previous_attributes).toMatchObject({
      cancel_at_period_end: false,
      cancel_at: null,
      canceled_at: null,
      cancellation_details: { reason: null, feedback: null, comment: null },
    })
  })

  it('ends it then, with one event and no invoice', async () => {
    const { update, now, eventsUntil, invoices } = await subscribed()
    await update({ cancel_at_period_end: true })
    expect(await eventsUntil('2026-02-02')).toEqual(['customer.subscription.deleted'])
    expect(await now()).toMatchObject({
      status: 'canceled',
      ended_at: at('2026-02-01'),
      canceled_at: at('2026-01-16T12:00:00'),
      cancel_at_period_end: true,
    })
    expect(await invoices()).toHaveLength(1)
  })

  it('can be taken back until then', async () => {
    const { update, eventsUntil, now } = await subscribed()
    await update({ cancel_at_period_end: true })
    expect(await update({ cancel_at_period_end: false })).toMatchObject({
      cancel_at_period_end: false,
      cancel_at: null,
      canceled_at: null,
      cancellation_details: { reason: null },
    })
    expect(await eventsUntil('2026-02-02')).toContain('invoice.paid')
    expect((await now()).status).toBe('active')
  })

  it('has nothing to preview', async () => {
    const { update, id, stripe } = await subscribed()
    await update({ cancel_at_period_end: true })
    expect(await refusalOf(stripe.invoices.createPreview({ subscription: id }))).toMatchObject({
      code: 'invoice_upcoming_none',
    })
  })
})

describe('canceling at a date', () => {
  it('takes the end of the period by name', async () => {
    const { update } = await subscribed()
    expect(await update({ cancel_at: 'min_period_end' })).toMatchObject({
      cancel_at: at('2026-02-01'),
      cancel_at_period_end: false,
    })
  })

  it('within the period credits what is left', async () => {
    const { update, advance, now, stripe, customer } = await subscribed()
    await update({ cancel_at: at('2026-01-24T18:00:00'), proration_behavior: 'create_prorations' })
    await advance('2026-01-25')
    expect(await now()).toMatchObject({ status: 'canceled', ended_at: at('2026-01-24T18:00:00') })
    expect(latestInvoice(await now()).total).toBe(-725)
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -725 })
  })

  it('within the period credits nothing without prorations', async () => {
    const { update, advance, now } = await subscribed()
    await update({ cancel_at: at('2026-01-24T18:00:00'), proration_behavior: 'none' })
    await advance('2026-01-25')
    expect(latestInvoice(await now()).total).toBe(3100)
  })

  it('within a later period always credits what is left of that', async () => {
    const { update, advance, now } = await subscribed()
    await update({ cancel_at: at('2026-02-15'), proration_behavior: 'none' })
    await advance('2026-02-16')
    expect(await now()).toMatchObject({ status: 'canceled', latest_invoice: { total: -1550 } })
  })

  it('can be taken back with an empty string', async () => {
    const { update } = await subscribed()
    await update({ cancel_at: at('2026-03-01') })
    expect(await update({ cancel_at: '' })).toMatchObject({ cancel_at: null, canceled_at: null })
  })

  it('is a date to come', async () => {
    const { update } = await subscribed()
    expect((await refusalOf(update({ cancel_at: at('2026-01-02') }))).param).toBe('cancel_at')
    for (const cancel_at of [at('2040-01-01'), 99_999_999_999_999]) {
      expect(await refusalOf(update({ cancel_at }))).toEqual({
        status: 400,
        message: 'Invalid timestamp: can be no more than five years in the future.',
        param: 'cancel_at',
      })
    }
  })
})

describe('canceling at once', () => {
  it('ends it with one event and gives nothing back', async () => {
    const { stripe, id, eventsOf, invoices } = await subscribed()
    const events = await eventsOf(async () => {
      expect(await stripe.subscriptions.cancel(id)).toMatchObject({
        status: 'canceled',
        ended_at: at('2026-01-16T12:00:00'),
        canceled_at: at('2026-01-16T12:00:00'),
        cancel_at: null,
        cancel_at_period_end: false,
        cancellation_details: { reason: 'cancellation_requested' },
      })
    })
    expect(events).toEqual(['customer.subscription.deleted'])
    expect(await invoices()).toHaveLength(1)
  })

  it('credits the rest on an invoice when it is told to', async () => {
    const { stripe, id, customer, now } = await subscribed()
    await stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true })
    const invoice = latestInvoice(await now())
    expect(linesOf(invoice)).toEqual(['-1550 Unused time on Pro after 16 Jan 2026'])
    expect(invoice).toMatchObject({ status: 'paid', amount_due: 0, ending_balance: -1550 })
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -1550 })
  })

  it('leaves a credit pending without an invoice', async () => {
    const { stripe, id, customer } = await subscribed()
    await stripe.subscriptions.cancel(id, { prorate: true })
    expect((await stripe.invoiceItems.list({ customer: customer.id, pending: true })).data).toMatchObject([
      { amount: -1550, proration: true },
    ])
  })

  it('is not possible twice', async () => {
    const { stripe, id } = await subscribed()
    await stripe.subscriptions.cancel(id)
    expect(await refusalOf(stripe.subscriptions.cancel(id))).toMatchObject({
      status: 404,
      code: 'resource_missing',
      message: `No such subscription: '${id}'`,
    })
  })

  it('stops to collect what is open', async () => {
    const shop = await openShop({ card: 'pm_card_visa' })
    const price = await shop.price({ unit_amount: 3100 })
    const { id } = await shop.subscribe([{ price: price.id }])
    await shop.payWith('pm_card_chargeCustomerFail')
    await shop.advance('2026-02-01T01:00:00')
    await shop.stripe.subscriptions.cancel(id)
    expect((await shop.invoices()).at(-1)).toMatchObject({
      status: 'open',
      auto_advance: false,
      next_payment_attempt: null,
    })
  })

  it('comes with the deletion of the customer', async () => {
    const { stripe, customer, eventsOf, now } = await subscribed()
    const events = await eventsOf(() => stripe.customers.del(customer.id))
    expect(events).toEqual(['customer.deleted', 'customer.subscription.deleted'])
    expect((await now()).status).toBe('canceled')
  })
})

describe('canceling what was never paid for', () => {
  it('expires it, voids its invoice, and is told as an update', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 3100 })
    const { id } = await shop.subscribe([{ price: price.id }], { payment_behavior: 'default_incomplete' })
    const events = await shop.eventsOf(async () => {
      expect(await shop.stripe.subscriptions.cancel(id)).toMatchObject({
        status: 'incomplete_expired',
        canceled_at: at('2026-01-01'),
        ended_at: at('2026-01-01'),
      })
    })
    expect(events).toContain('customer.subscription.updated')
    expect(events).not.toContain('customer.subscription.deleted')
    const { latest_invoice } = await shop.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ status: 'void' })
  })
})
