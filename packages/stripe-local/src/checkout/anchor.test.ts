import { describe, expect, it } from 'vitest'
import { at, linesOf, openShop } from '../../testing/business.ts'
import { urls } from '../../testing/checkout.ts'
import { refusalOf } from '../../testing/client.ts'
import { submit, withCard } from '../../testing/visitor.ts'

/** On 16 November 2026 somebody is sent to a Checkout of a plan for 3000 a month that is billed on the first. */
async function selling(data: object = { billing_cycle_anchor: at('2026-12-01') }) {
  const shop = await openShop({ now: '2026-11-16', card: null })
  const { id } = await shop.price({ unit_amount: 3000 })
  const create = (subscription_data: object) =>
    shop.stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: shop.customer.id,
      line_items: [{ price: id, quantity: 1 }],
      subscription_data,
      ...urls,
    })
  const session = await create(data)
  const pay = async (card = '4242424242424242') => submit(String(session.url), withCard(card))
  const again = () => shop.stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'invoice'] })
  return { ...shop, create, session, pay, again }
}

describe('a Checkout with a billing cycle anchor', () => {
  it('charges the time up to the anchor, and the whole period from then on', async () => {
    const { session, pay, again, advance, invoices } = await selling()
    expect(session).toMatchObject({ amount_subtotal: 1500, amount_total: 1500, payment_status: 'unpaid' })
    expect((await pay()).location).toContain('/success')
    expect(await again()).toMatchObject({
      payment_status: 'paid',
      subscription: { status: 'active', billing_cycle_anchor: at('2026-12-01') },
      invoice: { amount_paid: 1500, billing_reason: 'subscription_create' },
    })
    await advance('2026-12-02')
    expect((await invoices()).map(({ total }) => total)).toEqual([1500, 3000])
  })

  it('charges what it showed when the customer takes days to pay', async () => {
    const { pay, advance, again, invoices } = await selling()
    await advance('2026-11-20')
    await pay()
    expect(await again()).toMatchObject({ amount_total: 1500, invoice: { amount_paid: 1500 } })
    const [invoice] = await invoices()
    expect(invoice && linesOf(invoice)).toEqual(['1500 Time on Pro from 16 Nov 2026 until 01 Dec 2026'])
  })

  it('gives that time away without prorations', async () => {
    const { session, pay, again, advance, invoices } = await selling({
      billing_cycle_anchor: at('2026-12-01'),
      proration_behavior: 'none',
    })
    expect(session).toMatchObject({ amount_subtotal: 0, amount_total: 0 })
    await pay()
    expect(await again()).toMatchObject({
      payment_status: 'no_payment_required',
      invoice: null,
      subscription: { status: 'active', latest_invoice: null },
    })
    expect(await invoices()).toEqual([])
    await advance('2026-12-02')
    expect((await invoices()).map(({ total }) => total)).toEqual([3000])
  })

  it('sells the first whole period once the anchor has passed', async () => {
    const { create, advance, stripe, invoices } = await selling()
    const session = await create({ billing_cycle_anchor: at('2026-11-16T18:00:00') })
    await advance('2026-11-16T18:30:00')
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ amount_total: 3000 })
    await submit(String(session.url), withCard('4242424242424242'))
    const [invoice] = await invoices()
    expect(invoice && linesOf(invoice)).toEqual(['3000 1 × Pro (at $30.00 / month)'])
    expect(invoice?.lines.data[0]?.period).toEqual({ start: at('2026-11-16T18:00:00'), end: at('2026-12-16T18:00:00') })
  })

  it('charges the time before the anchor when the anchor passes during 3D Secure', async () => {
    const { create, advance, invoices, local } = await selling()
    const session = await create({ billing_cycle_anchor: at('2026-11-16T18:00:00') })
    const { location } = await submit(String(session.url), withCard('4000002500003155'))
    await advance('2026-11-16T18:30:00')
    await submit(`${local.url}${location}`, { decision: 'approve' })
    await advance('2026-11-16T18:31:00')
    expect((await invoices()).map(({ total, status }) => [total, status])).toEqual([
      [73, 'paid'],
      [3000, 'draft'],
    ])
  })

  it('takes a day of the month as well', async () => {
    const { session } = await selling({ billing_cycle_anchor_config: { day_of_month: 1, hour: 0 } })
    expect(session.amount_total).toBe(1500)
  })

  it('refuses an anchor that is past, too late, or beside a trial', async () => {
    const { create } = await selling()
    expect((await refusalOf(create({ billing_cycle_anchor: at('2026-11-01') }))).status).toBe(400)
    expect((await refusalOf(create({ billing_cycle_anchor: at('2027-01-01') }))).message).toContain(
      'natural billing date',
    )
    expect(await refusalOf(create({ billing_cycle_anchor: at('2026-12-01'), trial_period_days: 3 }))).toMatchObject({
      status: 400,
      message: 'You may only specify one of these parameters: billing_cycle_anchor, trial_period_days.',
    })
  })
})
