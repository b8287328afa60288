import { describe, expect, it } from 'vitest'
import { at, latestInvoice, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

/** A plan for 31 dollars a month since 1 January, on the 16th at noon. */
async function subscribed(card = 'pm_card_visa') {
  const shop = await openShop()
  const price = await shop.price({ unit_amount: 3100 })
  const { id } = await shop.subscribe([{ price: price.id }])
  await shop.payWith(card)
  await shop.advance('2026-01-16T12:00:00')
  const now = () => shop.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
  const eventsUntil = async (date: string) =>
    (await shop.eventsOf(() => shop.advance(date))).filter((type) => !type.startsWith('test_helpers'))
  return { ...shop, id, now, eventsUntil }
}

describe('a subscription that is paused', () => {
  it('bills nothing until it is resumed', async () => {
    const { stripe, id, eventsOf, eventsUntil } = await subscribed()
    const events = await eventsOf(async () => {
      expect((await stripe.subscriptions.pause(id, { type: 'subscription' })).status).toBe('paused')
    })
    expect(events).toEqual(['customer.subscription.paused', 'customer.subscription.updated', 'invoiceitem.created'])
    expect(await eventsUntil('2026-05-01')).toEqual([])
  })

  it('goes on with a period that begins now and is paid', async () => {
    const { stripe, id, now, advance } = await subscribed()
    await stripe.subscriptions.pause(id, { type: 'subscription', bill_for: { unused_time_from: { type: 'none' } } })
    await advance('2026-03-10')
    await stripe.subscriptions.resume(id)
    const resumed = await now()
    expect(resumed).toMatchObject({ status: 'active', billing_cycle_anchor: at('2026-03-10') })
    expect(resumed.items.data).toMatchObject([
      { current_period_start: at('2026-03-10'), current_period_end: at('2026-04-10') },
    ])
    expect(latestInvoice(resumed)).toMatchObject({ status: 'paid', total: 3100 })
  })

  it('stays paused until its invoice is paid', async () => {
    const { stripe, id, now, advance, payWith } = await subscribed()
    await stripe.subscriptions.pause(id, { type: 'subscription', bill_for: { unused_time_from: { type: 'none' } } })
    await advance('2026-03-10')
    await payWith('pm_card_authenticationRequired')
    await stripe.subscriptions.resume(id)
    expect(await now()).toMatchObject({ status: 'paused', latest_invoice: { status: 'open' } })
  })

  /** Resumed on 10 March with a card that wants its owner: the invoice is open, and the subscription waits. */
  async function waiting() {
    const shop = await subscribed()
    const { stripe, id, now, advance, payWith } = shop
    await stripe.subscriptions.pause(id, { type: 'subscription', bill_for: { unused_time_from: { type: 'none' } } })
    await advance('2026-03-10')
    await payWith('pm_card_authenticationRequired')
    await stripe.subscriptions.resume(id)
    return { ...shop, invoice: latestInvoice(await now()).id as string }
  }

  it('goes on when the invoice of its resumption is written off', async () => {
    const { stripe, now, invoice, eventsOf } = await waiting()
    const events = await eventsOf(() => stripe.invoices.markUncollectible(invoice))
    expect(events).toEqual([
      'customer.subscription.resumed',
      'customer.subscription.updated',
      'invoice.marked_uncollectible',
    ])
    expect(await now()).toMatchObject({ status: 'active', billing_cycle_anchor: at('2026-03-10') })
  })

  it('stays paused when that invoice is voided, by hand or after 23 hours', async () => {
    const byHand = await waiting()
    await byHand.stripe.invoices.voidInvoice(byHand.invoice)
    expect((await byHand.now()).status).toBe('paused')
    const { stripe, now, invoice, advance } = await waiting()
    await advance('2026-03-10T22:59:00')
    expect((await stripe.invoices.retrieve(invoice)).status).toBe('open')
    await advance('2026-03-10T23:01:00')
    expect((await stripe.invoices.retrieve(invoice)).status).toBe('void')
    expect(await now()).toMatchObject({ status: 'paused', pending_update: null })
  })

  it('cannot be paused twice, nor resumed when it is not paused', async () => {
    const { stripe, id } = await subscribed()
    expect((await refusalOf(stripe.subscriptions.resume(id))).message).toBe(
      'You can only resume a subscription if it is `paused`.',
    )
    await stripe.subscriptions.pause(id, { type: 'subscription' })
    expect((await refusalOf(stripe.subscriptions.pause(id, { type: 'subscription' }))).status).toBe(400)
  })
})
