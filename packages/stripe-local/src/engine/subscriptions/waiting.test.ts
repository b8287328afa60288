import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, latestInvoice, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

/** A switch from 25 to 50 dollars a month in the middle of it, which waits for its payment. */
async function switching(card: string) {
  const shop = await openShop()
  const month = await shop.price({ unit_amount: 2500 })
  const better = await shop.price({ unit_amount: 5000 })
  const subscription = await shop.subscribe([{ price: month.id }])
  await shop.payWith(card)
  await shop.advance('2026-01-16T12:00:00')
  const item = subscription.items.data[0]?.id ?? ''
  const update = (params: Stripe.SubscriptionUpdateParams = {}) =>
    shop.stripe.subscriptions.update(subscription.id, {
      items: [{ id: item, price: better.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
      ...params,
      expand: ['latest_invoice.payments'],
    })
  const now = () => shop.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
  const eventsUntil = async (date: string) =>
    (await shop.eventsOf(() => shop.advance(date))).filter((type) => !type.startsWith('test_helpers'))
  return { ...shop, month, better, item, update, now, eventsUntil }
}

describe('an update that waits for its payment', () => {
  it('takes effect at once when it is paid', async () => {
    const { update, better } = await switching('pm_card_visa')
    const updated = await update()
    expect(updated).toMatchObject({ status: 'active', pending_update: null })
    expect(updated.items.data[0]?.price.id).toBe(better.id)
  })

  it('leaves the subscription as it is when the payment is declined', async () => {
    const { update, month, better, item } = await switching('pm_card_chargeCustomerFail')
    const updated = await update()
    expect(updated).toMatchObject({
      status: 'active',
      pending_update: {
        expires_at: at('2026-01-17T11:00:00'),
        subscription_items: [{ id: item, price: { id: better.id } }],
        billing_cycle_anchor: null,
        trial_end: null,
      },
    })
    expect(updated.items.data[0]?.price.id).toBe(month.id)
    expect(latestInvoice(updated)).toMatchObject({ status: 'open', total: 1250 })
  })

  it('takes effect when its invoice is paid with another card', async () => {
    const { update, better, stripe, customer, eventsOf, now } = await switching('pm_card_chargeCustomerFail')
    const invoice = latestInvoice(await update())
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    const events = await eventsOf(() => stripe.invoices.pay(invoice.id ?? '', { payment_method: card.id }))
    expect(events).toEqual([
      'charge.succeeded',
      'customer.subscription.pending_update_applied',
      'customer.subscription.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.succeeded',
    ])
    expect(await now()).toMatchObject({
      status: 'active',
      pending_update: null,
      items: { data: [{ price: { id: better.id } }] },
    })
  })

  it('takes with it what else was asked for', async () => {
    const { update, stripe, customer, now } = await switching('pm_card_chargeCustomerFail')
    const updated = await update({ metadata: { seats: 'many' } })
    expect(updated).toMatchObject({ metadata: {}, pending_update: { metadata: { seats: 'many' } } })
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    await stripe.invoices.pay(latestInvoice(updated).id ?? '', { payment_method: card.id })
    expect(await now()).toMatchObject({ metadata: { seats: 'many' }, pending_update: null })
  })

  it('is forgotten after 23 hours, and its invoice is void', async () => {
    const { update, month, eventsUntil, stripe, now } = await switching('pm_card_authenticationRequired')
    const invoice = latestInvoice(await update())
    expect(await eventsUntil('2026-01-17T10:59:59')).toEqual([])
    expect(await eventsUntil('2026-01-17T11:00:00')).toEqual([
      'customer.subscription.pending_update_expired',
      'customer.subscription.updated',
      'invoice.voided',
      'payment_intent.canceled',
    ])
    expect(await now()).toMatchObject({
      status: 'active',
      pending_update: null,
      items: { data: [{ price: { id: month.id } }] },
    })
    expect((await stripe.invoices.retrieve(invoice.id ?? '')).status).toBe('void')
  })

  it('costs the same when it is asked for again later: nothing was given back meanwhile', async () => {
    const { update, eventsUntil, payWith } = await switching('pm_card_chargeCustomerFail')
    await update()
    await eventsUntil('2026-01-18')
    await payWith('pm_card_visa')
    const again = latestInvoice(await update())
    // 14 of 31 days of the difference of 25 dollars
    expect(again.total).toBe(Math.round((2500 * 14) / 31))
  })

  it('takes only what can wait', async () => {
    const { update } = await switching('pm_card_visa')
    expect(await refusalOf(update({ description: 'x' }))).toMatchObject({ status: 400, param: 'description' })
  })
})

describe('an update whose payment is declined', () => {
  it('is carried out all the same, and the subscription is past due', async () => {
    const { update, better } = await switching('pm_card_chargeCustomerFail')
    const updated = await update({ payment_behavior: 'allow_incomplete' })
    expect(updated).toMatchObject({ status: 'past_due', pending_update: null })
    expect(updated.items.data[0]?.price.id).toBe(better.id)
  })

  it('is refused with error_if_incomplete, and leaves nothing', async () => {
    const { update, month, now, stripe, customer, eventsOf } = await switching('pm_card_chargeCustomerFail')
    const events = await eventsOf(async () => {
      expect(await refusalOf(update({ payment_behavior: 'error_if_incomplete' }))).toMatchObject({
        status: 402,
        code: 'card_declined',
      })
    })
    expect(events).toEqual([])
    expect(await now()).toMatchObject({ status: 'active', items: { data: [{ price: { id: month.id } }] } })
    expect((await stripe.invoiceItems.list({ customer: customer.id })).data).toEqual([])
  })
})
