import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { urls } from '../../testing/checkout.ts'
import { refusalOf, startTestStripe } from '../../testing/client.ts'
import { open, submit, textOf, withCard } from '../../testing/visitor.ts'

type Params = Stripe.Checkout.SessionCreateParams

/** A map for 15 dollars, sent by post (5 dollars) or by courier (12). */
async function sending(params: Partial<Params> = {}) {
  const test = await startTestStripe()
  const { stripe } = test
  const post = await stripe.shippingRates.create({
    display_name: 'Post',
    fixed_amount: { amount: 500, currency: 'usd', currency_options: { eur: { amount: 400 } } },
    delivery_estimate: { minimum: { unit: 'business_day', value: 5 }, maximum: { unit: 'business_day', value: 7 } },
  })
  const create = (more: Partial<Params> = {}) =>
    stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price_data: { currency: 'usd', product_data: { name: 'Map' }, unit_amount: 1500 }, quantity: 1 }],
      shipping_options: [
        { shipping_rate: post.id },
        {
          shipping_rate_data: {
            display_name: 'Courier',
            type: 'fixed_amount',
            fixed_amount: { amount: 1200, currency: 'usd' },
          },
        },
      ],
      ...urls,
      ...params,
      ...more,
    })
  const session = await create()
  const courier = String(session.shipping_options[1]?.shipping_rate)
  return { ...test, post, courier, create, session, url: String(session.url) }
}

const address = {
  shipping_name: 'Ada Lovelace',
  shipping_country: 'GB',
  shipping_line1: '12 St James Square',
  shipping_city: 'London',
}

describe('shipping at Checkout', () => {
  it('is offered with what it costs, the first option chosen until the customer chooses', async () => {
    const { session, post, courier, stripe } = await sending()
    expect(session).toMatchObject({
      amount_subtotal: 1500,
      amount_total: 2000,
      shipping_cost: { amount_subtotal: 500, amount_tax: 0, amount_total: 500, shipping_rate: post.id },
      shipping_options: [
        { shipping_amount: 500, shipping_rate: post.id },
        { shipping_amount: 1200, shipping_rate: courier },
      ],
      total_details: { amount_discount: 0, amount_shipping: 500, amount_tax: 0 },
    })
    expect(await stripe.shippingRates.retrieve(courier)).toMatchObject({ display_name: 'Courier', active: true })
    const expanded = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['shipping_cost.shipping_rate', 'shipping_options.shipping_rate', 'shipping_cost.taxes'],
    })
    expect(expanded.shipping_cost).toMatchObject({ shipping_rate: { display_name: 'Post' }, taxes: [] })
    expect(expanded.shipping_options[1]).toMatchObject({ shipping_rate: { display_name: 'Courier' } })
  })

  it('is chosen on the page, charged with the order, and written to the payment with its address', async () => {
    const { eventsOf, stripe, session, url, courier } = await sending({
      shipping_address_collection: { allowed_countries: ['GB'] },
    })
    const before = textOf((await open(url)).html)
    expect(before).toContain('Shipping Post $5.00 Total due today $20.00')
    expect(before).toContain('Post 5–7 business days $5.00 Courier $12.00')
    const form = withCard('4242424242424242', { ...address, shipping_rate: courier })
    const chosen = await submit(url, { ...form, choose: 'shipping' })
    expect(textOf(chosen.html)).toContain('Total due today $27.00')
    expect(chosen.html).toContain('value="12 St James Square"')
    expect(await eventsOf(() => submit(url, form))).toEqual([
      'charge.succeeded',
      'checkout.session.completed',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    const shipping = {
      address: {
        city: 'London',
        country: 'GB',
        line1: '12 St James Square',
        line2: null,
        postal_code: null,
        state: null,
      },
      carrier: null,
      name: 'Ada Lovelace',
      phone: null,
      tracking_number: null,
    }
    expect(
      await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] }),
    ).toMatchObject({
      status: 'complete',
      amount_total: 2700,
      shipping_cost: { amount_total: 1200, shipping_rate: courier },
      total_details: { amount_shipping: 1200 },
      payment_intent: { amount: 2700, shipping, latest_charge: { amount: 2700, shipping } },
    })
  })

  it('is never charged unseen: without the script, another choice shows its total first', async () => {
    const { stripe, url, courier } = await sending()
    const form = withCard('4242424242424242', { shipping_rate: courier })
    const first = await submit(url, form)
    expect(first.status).toBe(422)
    expect(textOf(first.html)).toContain('The way to ship has changed the total')
    expect((await stripe.charges.list()).data).toEqual([])
    expect((await submit(url, form)).status).toBe(303)
    expect((await stripe.charges.list()).data).toMatchObject([{ amount: 2700 }])
  })

  it('takes no rate that it does not offer', async () => {
    const { stripe, url, session } = await sending()
    const visit = await submit(url, withCard('4242424242424242', { shipping_rate: 'shr_other', choose: 'shipping' }))
    expect(textOf(visit.html)).toContain('This way to ship is not offered here.')
    expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(2000)
  })

  it('is neither discounted nor free with the order', async () => {
    const { stripe, create } = await sending()
    const coupon = await stripe.coupons.create({ percent_off: 100 })
    expect(await create({ discounts: [{ coupon: coupon.id }] })).toMatchObject({
      amount_subtotal: 1500,
      amount_total: 500,
      total_details: { amount_discount: 1500, amount_shipping: 500 },
    })
  })

  it('stands on the invoice of the payment', async () => {
    const { stripe, session, url, post } = await sending({ invoice_creation: { enabled: true } })
    await submit(url, withCard('4242424242424242'))
    const { invoice } = await stripe.checkout.sessions.retrieve(session.id, { expand: ['invoice'] })
    expect(invoice).toMatchObject({
      status: 'paid',
      amount_shipping: 500,
      shipping_cost: { amount_subtotal: 500, amount_tax: 0, amount_total: 500, shipping_rate: post.id },
      subtotal: 1500,
      total: 2000,
      total_excluding_tax: 2000,
      amount_paid: 2000,
    })
    const page = await open(String((invoice as Stripe.Invoice).hosted_invoice_url))
    expect(textOf(page.html)).toContain('Subtotal $15.00 Shipping $5.00 Total $20.00')
  })

  it('is replaced by an update, which keeps the choice if it can', async () => {
    const { stripe, session, courier, post } = await sending()
    const only = await stripe.checkout.sessions.update(session.id, { shipping_options: [{ shipping_rate: courier }] })
    expect(only).toMatchObject({ amount_total: 2700, shipping_cost: { shipping_rate: courier } })
    const both = await stripe.checkout.sessions.update(session.id, {
      shipping_options: [{ shipping_rate: post.id }, { shipping_rate: courier }],
    })
    expect(both).toMatchObject({ amount_total: 2700, shipping_cost: { shipping_rate: courier } })
    const none = await stripe.checkout.sessions.update(session.id, { shipping_options: '' })
    expect(none).toMatchObject({ amount_total: 1500, shipping_cost: null, shipping_options: [] })
    await stripe.checkout.sessions.expire(session.id)
    expect(
      await refusalOf(stripe.checkout.sessions.update(session.id, { shipping_options: [{ shipping_rate: post.id }] })),
    ).toMatchObject({ status: 400, param: 'shipping_options' })
  })

  it('is charged in the currency of the session', async () => {
    const { create, post } = await sending()
    const line_items = [
      { price_data: { currency: 'eur', product_data: { name: 'Map' }, unit_amount: 1500 }, quantity: 1 },
    ]
    const euros = await create({ line_items, shipping_options: [{ shipping_rate: post.id }] })
    expect(euros).toMatchObject({ currency: 'eur', amount_total: 1900 })
    expect(await refusalOf(create({ line_items }))).toMatchObject({
      message: "The shipping rate specified only supports `usd`. This doesn't match the expected currency: `eur`.",
      param: 'shipping_options[1][shipping_rate]',
    })
  })

  it('refuses what cannot be offered', async () => {
    const { create, stripe, post } = await sending()
    const option = { shipping_rate: post.id }
    expect(await refusalOf(create({ shipping_options: Array(6).fill(option) }))).toMatchObject({
      message: 'Array shipping_options exceeded maximum 5 allowed elements.',
    })
    expect(await refusalOf(create({ shipping_options: [{ shipping_rate: 'shr_x' }] }))).toMatchObject({
      status: 400,
      code: 'resource_missing',
      message: "No such shipping rate: 'shr_x'",
      param: 'shipping_options[0][shipping_rate]',
    })
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 900,
      recurring: { interval: 'month' },
      product_data: { name: 'Pro' },
    })
    expect(
      await refusalOf(create({ mode: 'subscription', line_items: [{ price: price.id, quantity: 1 }] })),
    ).toMatchObject({ message: 'You can not pass `shipping_options` in `subscription` mode.' })
    await stripe.shippingRates.update(post.id, { active: false })
    expect((await refusalOf(create())).param).toBe('shipping_options[0][shipping_rate]')
  })
})
