import { describe, expect, it } from 'vitest'
import { at, openShop, type Shop } from '../../testing/business.ts'

// The sets of events that Stripe makes of each flow, no more and no less; a Checkout's is beside its page.

const payment = ['charge.succeeded', 'payment_intent.created', 'payment_intent.succeeded']
const paid = [...payment, 'invoice.paid', 'invoice.payment_succeeded', 'invoice_payment.paid']
const drafted = ['invoice.created']
const invoiced = [...drafted, 'invoice.finalized', ...paid]

/** A monthly and a yearly price, and a subscription to the first since 1 January. */
async function subscribed(params: Parameters<Shop['subscribe']>[1] = {}, card?: string | null) {
  const shop = await openShop(card === undefined ? {} : { card })
  const [small, large] = [await shop.price({ unit_amount: 2000 }), await shop.price({ unit_amount: 5000 })]
  const { id, items } = await shop.subscribe([{ price: small.id }], params)
  const during = async (action: () => Promise<unknown>) =>
    (await shop.eventsOf(action)).filter((type) => !type.startsWith('test_helpers'))
  const until = (date: string) => during(() => shop.advance(date))
  const previous = async (type: string) => (await shop.lastEvent(type)).data.previous_attributes
  const update = (change: Parameters<typeof shop.stripe.subscriptions.update>[1]) =>
    during(() => shop.stripe.subscriptions.update(id, change))
  return {
    ...shop,
    id,
    item: items.data[0]?.id ?? '',
    large: large.id,
    small: small.id,
    during,
    until,
    update,
    previous,
  }
}

const sorted = (...types: (string | string[])[]): string[] => types.flat().sort()

describe('the events of', () => {
  it('an upgrade that is billed at once', async () => {
    const { update, until, item, large, lastEvent, previous } = await subscribed()
    await until('2026-01-16')
    const events = await update({ items: [{ id: item, price: large }], proration_behavior: 'always_invoice' })
    expect(events).toEqual(
      sorted('customer.subscription.updated', 'invoiceitem.created', 'invoiceitem.created', invoiced),
    )
    expect(Object.keys((await previous('customer.subscription.updated')) ?? {}).sort()).toEqual([
      'items',
      'latest_invoice',
    ])
    expect((await lastEvent('customer.subscription.updated')).request?.id).toMatch(/^req_/)
  })

  it('a switch that is billed with the renewal', async () => {
    const { update, until, item, large } = await subscribed()
    await until('2026-01-16')
    expect(await update({ items: [{ id: item, price: large }] })).toEqual(
      sorted('customer.subscription.updated', 'invoiceitem.created', 'invoiceitem.created'),
    )
  })

  it('a downgrade that is scheduled, now and when it comes', async () => {
    const { during, until, stripe, id, large, small } = await subscribed()
    await until('2026-01-16')
    const events = await during(async () => {
      const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id })
      const { start_date = 0, end_date = 0 } = schedule.phases[0] ?? {}
      await stripe.subscriptionSchedules.update(schedule.id, {
        phases: [
          { items: [{ price: small }], start_date, end_date },
          { items: [{ price: large }], duration: { interval: 'month', interval_count: 1 } },
        ],
      })
    })
    expect(events).toEqual(
      sorted('subscription_schedule.created', 'subscription_schedule.updated', 'customer.subscription.updated'),
    )
    await until('2026-01-31')
    const then = await until('2026-02-02')
    expect(then).toEqual(
      // One for what the phase changes, one for the new period.
      sorted('customer.subscription.updated', 'customer.subscription.updated', invoiced),
    )
    await until('2026-02-27')
    expect(await until('2026-03-02')).toEqual(
      // One for the new period, one for the schedule that lets go.
      sorted(
        'customer.subscription.updated',
        'customer.subscription.updated',
        'subscription_schedule.released',
        invoiced,
      ),
    )
  })

  it('an end at the end of the period, now and when it comes', async () => {
    const { update, until, previous } = await subscribed()
    expect(await update({ cancel_at_period_end: true })).toEqual(['customer.subscription.updated'])
    expect(await previous('customer.subscription.updated')).toEqual({
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: { reason: null },
    })
    expect(await until('2026-02-02')).toEqual(['customer.subscription.deleted'])
  })

  it('an end at once', async () => {
    const { during, stripe, id } = await subscribed()
    expect(await during(() => stripe.subscriptions.cancel(id))).toEqual(['customer.subscription.deleted'])
  })

  it('an end at once while an invoice is open, which is collected no more', async () => {
    const { during, until, payWith, stripe, id, previous } = await subscribed()
    await payWith('pm_card_chargeCustomerFail')
    await until('2026-02-01T02:00:00')
    expect(await during(() => stripe.subscriptions.cancel(id))).toEqual(
      sorted('customer.subscription.deleted', 'invoice.updated'),
    )
    expect(await previous('invoice.updated')).toMatchObject({ auto_advance: true })
  })

  it('a renewal: days before, at the end of the period, and an hour later', async () => {
    const { until, lastEvent } = await subscribed()
    expect(await until('2026-01-31')).toEqual(['invoice.upcoming'])
    expect(await until('2026-02-01T00:30:00')).toEqual(sorted('customer.subscription.updated', drafted))
    expect(await until('2026-02-01T01:30:00')).toEqual(sorted('invoice.finalized', paid))
    expect(await lastEvent('invoice.paid')).toMatchObject({
      created: at('2026-02-01T01:00:00'),
      request: { id: null, idempotency_key: null },
      pending_webhooks: 0,
    })
  })

  it('a renewal that fails', async () => {
    const { until, payWith, previous } = await subscribed()
    await payWith('pm_card_chargeCustomerFail')
    await until('2026-02-01T00:30:00')
    expect(await until('2026-02-01T01:30:00')).toEqual(
      sorted(
        ...['invoice.finalized', 'payment_intent.created', 'charge.failed', 'payment_intent.payment_failed'],
        ...['invoice.payment_failed', 'invoice.updated', 'customer.subscription.updated'],
      ),
    )
    expect(await previous('customer.subscription.updated')).toEqual({ status: 'active' })
    expect(await previous('invoice.updated')).toMatchObject({ attempt_count: 0, attempted: false })
  })

  it('the end of a trial: three days before, and when it comes', async () => {
    const { until } = await subscribed({ trial_period_days: 14 })
    expect(await until('2026-01-12T01:00:00')).toEqual(
      sorted('customer.subscription.trial_will_end', 'invoice.upcoming'),
    )
    expect(await until('2026-01-15T00:30:00')).toEqual(sorted('customer.subscription.updated', drafted))
    expect(await until('2026-01-15T02:00:00')).toEqual(sorted('invoice.finalized', paid))
  })

  it.each([
    ['pause', ['customer.subscription.paused', 'customer.subscription.updated']],
    ['cancel', ['customer.subscription.deleted']],
  ] as const)('the end of a trial without a card: %s', async (missing_payment_method, expected) => {
    const settings = { trial_settings: { end_behavior: { missing_payment_method } } }
    const { until } = await subscribed({ trial_period_days: 14, ...settings }, null)
    await until('2026-01-13')
    expect(await until('2026-01-15T02:00:00')).toEqual([...expected])
  })

  it('a card that is removed, by whether it was the default', async () => {
    const { during, stripe, method, customer } = await subscribed()
    const other = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
    expect(await during(() => stripe.paymentMethods.detach(other.id))).toEqual(['payment_method.detached'])
    expect(await during(() => stripe.paymentMethods.detach(method?.id ?? ''))).toEqual(
      sorted('payment_method.detached', 'customer.updated'),
    )
  })
})
