import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, latestInvoice, linesOf, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'
import { submit } from '../../../testing/visitor.ts'

/** A trial of two weeks from 1 January, of a plan for 19 dollars a month. */
async function trial(options: { card?: string | null } = {}, params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const shop = await openShop(options)
  const { id } = await shop.price({ unit_amount: 1900 })
  const subscription = await shop.subscribe([{ price: id }], {
    trial_period_days: 14,
    expand: ['latest_invoice', 'pending_setup_intent'],
    ...params,
  })
  const now = () => shop.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
  /** The events until then, without those of the clock itself. */
  const eventsUntil = async (date: string) =>
    (await shop.eventsOf(() => shop.advance(date))).filter((type) => !type.startsWith('test_helpers'))
  return { ...shop, price: id, subscription, now, eventsUntil }
}

const withoutMethod = (missing_payment_method: 'pause' | 'cancel' | 'create_invoice') => ({
  trial_settings: { end_behavior: { missing_payment_method } },
})

describe('a trial', () => {
  it('begins with an invoice for nothing', async () => {
    const { subscription } = await trial()
    expect(subscription).toMatchObject({
      status: 'trialing',
      trial_start: at('2026-01-01'),
      trial_end: at('2026-01-15'),
      billing_cycle_anchor: at('2026-01-15'),
      pending_setup_intent: null,
    })
    const invoice = latestInvoice(subscription)
    expect(invoice).toMatchObject({ status: 'paid', total: 0, amount_due: 0, billing_reason: 'subscription_create' })
    expect(linesOf(invoice)).toEqual(['0 Free trial for 1 × Pro'])
  })

  it('is called otherwise by classic billing', async () => {
    const { subscription } = await trial({}, { billing_mode: { type: 'classic' } })
    expect(linesOf(latestInvoice(subscription))).toEqual(['0 Trial period for Pro'])
  })

  it('asks for a payment method when there is none', async () => {
    const { subscription } = await trial({ card: null })
    expect(subscription.pending_setup_intent).toMatchObject({ object: 'setup_intent', usage: 'off_session' })
  })

  it('asks for the approval of a card that wants its owner, once', async () => {
    const { local, stripe, subscription, eventsOf, customer } = await trial({
      card: 'pm_card_authenticationRequiredOnSetup',
    })
    expect(subscription).toMatchObject({
      status: 'trialing',
      pending_setup_intent: { status: 'requires_action', next_action: { type: 'use_stripe_sdk' } },
    })
    const { id } = subscription.pending_setup_intent as Stripe.SetupIntent
    const events = await eventsOf(() => submit(`${local.url}/3ds/${id}`, { decision: 'approve' }))
    expect(events).toEqual(['customer.subscription.updated', 'setup_intent.succeeded'])
    expect((await stripe.subscriptions.retrieve(subscription.id)).pending_setup_intent).toBeNull()
    const again = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: subscription.items.data[0]?.price.id as string }],
      trial_period_days: 3,
    })
    expect(again.pending_setup_intent).toBeNull()
  })

  it('says three days before that it will end', async () => {
    const { eventsUntil } = await trial()
    expect(await eventsUntil('2026-01-11T23:59:59')).not.toContain('customer.subscription.trial_will_end')
    expect(await eventsUntil('2026-01-12')).toContain('customer.subscription.trial_will_end')
  })

  it('becomes a paid period: the subscription is active, the invoice is paid an hour later', async () => {
    const { now, eventsUntil } = await trial()
    await eventsUntil('2026-01-14')
    expect(await eventsUntil('2026-01-15')).toEqual(['customer.subscription.updated', 'invoice.created'])
    expect(await now()).toMatchObject({ status: 'active', latest_invoice: { status: 'draft', total: 1900 } })
    expect(await eventsUntil('2026-01-15T01:00:00')).toEqual([
      'charge.succeeded',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    const { items } = await now()
    expect(items.data).toMatchObject([{ current_period_start: at('2026-01-15'), current_period_end: at('2026-02-15') }])
  })

  it('without a method pauses', async () => {
    const { now, eventsUntil } = await trial({ card: null }, withoutMethod('pause'))
    await eventsUntil('2026-01-14')
    expect(await eventsUntil('2026-01-15')).toEqual(['customer.subscription.paused', 'customer.subscription.updated'])
    expect((await now()).status).toBe('paused')
    expect(await eventsUntil('2026-04-01')).toEqual([])
  })

  it('without a method cancels', async () => {
    const { now, eventsUntil } = await trial({ card: null }, withoutMethod('cancel'))
    await eventsUntil('2026-01-14')
    expect(await eventsUntil('2026-01-15')).toEqual(['customer.subscription.deleted'])
    expect(await now()).toMatchObject({ status: 'canceled', ended_at: at('2026-01-15') })
  })

  it('without a method makes an invoice that nobody can pay: the subscription is past due', async () => {
    const { now, eventsUntil } = await trial({ card: null }, withoutMethod('create_invoice'))
    await eventsUntil('2026-01-14')
    expect(await eventsUntil('2026-01-15')).toEqual(['customer.subscription.updated', 'invoice.created'])
    expect(await eventsUntil('2026-01-15T01:00:00')).toEqual([
      'customer.subscription.updated',
      'invoice.finalized',
      'invoice.payment_failed',
      'invoice.updated',
      'payment_intent.created',
    ])
    expect(await now()).toMatchObject({ status: 'past_due', latest_invoice: { status: 'open', amount_due: 1900 } })
  })

  it('ends now when it is told to, and a period is charged', async () => {
    const { stripe, subscription, now, eventsOf, advance } = await trial()
    await advance('2026-01-05')
    const events = await eventsOf(() => stripe.subscriptions.update(subscription.id, { trial_end: 'now' }))
    expect(events).toEqual([
      'charge.succeeded',
      'customer.subscription.updated',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    const active = await now()
    expect(active).toMatchObject({
      status: 'active',
      trial_end: at('2026-01-05'),
      billing_cycle_anchor: at('2026-01-05'),
    })
    expect(linesOf(latestInvoice(active))).toEqual(['1900 1 × Pro (at $19.00 / month)'])
  })

  it('cannot end now when nothing can be charged', async () => {
    const { stripe, subscription } = await trial({ card: null }, withoutMethod('create_invoice'))
    const refusal = await refusalOf(stripe.subscriptions.update(subscription.id, { trial_end: 'now' }))
    expect(refusal).toMatchObject({ status: 400, code: 'resource_missing' })
  })

  it('can be made longer', async () => {
    const { stripe, subscription, now, eventsUntil } = await trial()
    await stripe.subscriptions.update(subscription.id, { trial_end: at('2026-01-20'), proration_behavior: 'none' })
    expect(await eventsUntil('2026-01-16')).not.toContain('invoice.created')
    expect(await now()).toMatchObject({ status: 'trialing', billing_cycle_anchor: at('2026-01-20') })
    await eventsUntil('2026-01-20')
    expect((await now()).status).toBe('active')
  })

  it('ends in five years at most', async () => {
    const { stripe, subscription, subscribe, price } = await trial()
    for (const trial_end of [at('2040-01-01'), 99_999_999_999_999]) {
      const refusal = {
        status: 400,
        message: 'Invalid timestamp: can be no more than five years in the future.',
        param: 'trial_end',
      }
      expect(await refusalOf(stripe.subscriptions.update(subscription.id, { trial_end }))).toEqual(refusal)
      expect(await refusalOf(subscribe([{ price }], { trial_end }))).toEqual(refusal)
    }
  })

  it('is free whatever is switched', async () => {
    const { stripe, subscription, price, eventsOf, priceOf } = await trial()
    const other = await priceOf('Team', { unit_amount: 9900 })
    const item = subscription.items.data.find((each) => each.price.id === price)?.id ?? ''
    const events = await eventsOf(() =>
      stripe.subscriptions.update(subscription.id, {
        items: [{ id: item, price: other.id }],
        proration_behavior: 'create_prorations',
      }),
    )
    expect(events).toEqual(['customer.subscription.updated'])
    const preview = await stripe.invoices.createPreview({ subscription: subscription.id })
    expect(linesOf(preview)).toEqual(['9900 1 × Team (at $99.00 / month)'])
  })

  it('may have at most 730 days', async () => {
    const shop = await openShop()
    const { id } = await shop.price({ unit_amount: 1900 })
    expect((await refusalOf(shop.subscribe([{ price: id }], { trial_period_days: 731 }))).status).toBe(400)
    const past = at('2025-12-31')
    expect(await refusalOf(shop.subscribe([{ price: id }], { trial_end: past }))).toMatchObject({
      status: 400,
      param: 'trial_end',
    })
  })
})
