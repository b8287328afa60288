import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { urls } from '../../../testing/checkout.ts'
import { startTestStripe } from '../../../testing/client.ts'
import { open, submit, textOf, withCard } from '../../../testing/visitor.ts'

type Params = Stripe.Checkout.SessionCreateParams

describe('the Checkout page of a payment', () => {
  async function paying(params: Partial<Params> = {}) {
    const test = await startTestStripe()
    const product = await test.stripe.products.create({ name: 'Map of Arran' })
    const price = await test.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1500 })
    const session = await test.stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price: price.id, quantity: 2 }],
      ...urls,
      ...params,
    })
    return { ...test, session, url: String(session.url) }
  }

  it('charges once, without a customer, and shows the payment', async () => {
    const test = await paying({ payment_intent_data: { description: 'Two maps', metadata: { order: '7' } } })
    expect(textOf((await open(test.url)).html)).toContain('Pay $30.00')
    const events = await test.eventsOf(() => submit(test.url, withCard('4242424242424242')))
    expect(events).toEqual([
      'charge.succeeded',
      'checkout.session.completed',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    const session = await test.stripe.checkout.sessions.retrieve(test.session.id, {
      expand: ['payment_intent', 'line_items'],
    })
    expect(session).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      customer: null,
      payment_intent: { amount: 3000, status: 'succeeded', description: 'Two maps', metadata: { order: '7' } },
      line_items: { data: [{ description: 'Map of Arran', quantity: 2, amount_total: 3000 }] },
    })
    const { sessions } = test.stripe.checkout
    const { id: payment_intent } = session.payment_intent as Stripe.PaymentIntent
    expect((await sessions.list({ payment_intent })).data.map(({ id }) => id)).toEqual([session.id])
    expect((await sessions.list({ payment_intent: 'pi_another' })).data).toEqual([])
  })

  it('makes an invoice that is paid already, where the session asks for one', async () => {
    const test = await paying({
      invoice_creation: { enabled: true, invoice_data: { description: 'Thank you', metadata: { order: '7' } } },
    })
    expect(test.session.customer_creation).toBe('always')
    await submit(test.url, withCard('4242424242424242'))
    const session = await test.stripe.checkout.sessions.retrieve(test.session.id, { expand: ['invoice'] })
    expect(session).toMatchObject({
      customer: expect.stringMatching(/^cus_/),
      invoice: { status: 'paid', total: 3000, amount_paid: 3000, description: 'Thank you', metadata: { order: '7' } },
    })
    expect((await test.stripe.charges.list()).data).toHaveLength(1)
  })

  it('redeems a discount when it is paid, and not before', async () => {
    const test = await startTestStripe()
    const coupon = await test.stripe.coupons.create({ amount_off: 500, currency: 'usd', max_redemptions: 1 })
    const create = () =>
      test.stripe.checkout.sessions.create({
        mode: 'payment',
        line_items: [
          { price_data: { currency: 'usd', product_data: { name: 'Map' }, unit_amount: 1500 }, quantity: 1 },
        ],
        discounts: [{ coupon: coupon.id }],
        ...urls,
      })
    const [first, second] = [await create(), await create()]
    await submit(String(first.url), withCard('4242424242424242'))
    expect((await test.stripe.charges.list()).data).toMatchObject([{ amount: 1000 }])
    expect(await test.stripe.coupons.retrieve(coupon.id)).toMatchObject({ times_redeemed: 1 })
    const late = await submit(String(second.url), withCard('4242424242424242'))
    expect(textOf(late.html)).toContain('expired')
    expect((await test.stripe.charges.list()).data).toHaveLength(1)
  })

  it('gives an address of email and a tax id to a customer without them', async () => {
    const test = await startTestStripe()
    const customer = await test.stripe.customers.create({})
    const session = await test.stripe.checkout.sessions.create({
      mode: 'payment',
      customer: customer.id,
      customer_update: { name: 'auto', address: 'auto' },
      tax_id_collection: { enabled: true },
      line_items: [{ price_data: { currency: 'usd', product_data: { name: 'Map' }, unit_amount: 1500 }, quantity: 1 }],
      ...urls,
    })
    await submit(String(session.url), withCard('4242424242424242', { tax_id_type: 'eu_vat', tax_id: 'DE123456789' }))
    expect(await test.stripe.customers.retrieve(customer.id)).toMatchObject({
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      address: { country: 'GB', postal_code: 'SW1A 1AA' },
    })
    expect((await test.stripe.customers.listTaxIds(customer.id)).data).toMatchObject([
      { type: 'eu_vat', value: 'DE123456789' },
    ])
  })

  it('lets the customer choose how many, where the session does', async () => {
    const test = await startTestStripe()
    const product = await test.stripe.products.create({ name: 'Map of Arran' })
    const price = await test.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1500 })
    const session = await test.stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price: price.id, quantity: 1, adjustable_quantity: { enabled: true, maximum: 5 } }],
      ...urls,
    })
    const url = String(session.url)
    const [item] = (await test.stripe.checkout.sessions.listLineItems(session.id)).data
    await submit(`${url}/quantity`, { item: String(item?.id), quantity: '3' })
    expect(await test.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ amount_total: 4500 })
    expect((await submit(`${url}/quantity`, { item: String(item?.id), quantity: '6' })).status).toBe(422)
  })

  it('collects what the merchant asks for', async () => {
    const test = await paying({
      custom_fields: [{ key: 'sheet', label: { type: 'custom', custom: 'Sheet' }, type: 'numeric' }],
      consent_collection: { terms_of_service: 'required' },
      phone_number_collection: { enabled: true },
      shipping_address_collection: { allowed_countries: ['GB'] },
    })
    const incomplete = await submit(test.url, withCard('4242424242424242', { custom_sheet: 'nine' }))
    expect(incomplete.status).toBe(422)
    for (const words of ['Digits only', 'accept the terms', 'Enter a phone number', 'Enter the street and number']) {
      expect(textOf(incomplete.html)).toContain(words)
    }
    const shipping = {
      shipping_name: 'Ada',
      shipping_country: 'GB',
      shipping_line1: '12 St James’s Square',
      shipping_city: 'London',
    }
    await submit(
      test.url,
      withCard('4242424242424242', { custom_sheet: '69', terms: 'yes', phone: '+44 20', ...shipping }),
    )
    expect(await test.stripe.checkout.sessions.retrieve(test.session.id)).toMatchObject({
      status: 'complete',
      consent: { terms_of_service: 'accepted' },
      custom_fields: [{ key: 'sheet', numeric: { value: '69' } }],
      customer_details: { phone: '+44 20' },
      collected_information: { shipping_details: { name: 'Ada', address: { city: 'London', country: 'GB' } } },
    })
  })
})

describe('the Checkout page of a setup', () => {
  it('saves a card for the customer and charges nothing', async () => {
    const test = await startTestStripe()
    const customer = await test.stripe.customers.create({ email: 'ada@example.com' })
    const session = await test.stripe.checkout.sessions.create({
      mode: 'setup',
      customer: customer.id,
      currency: 'usd',
      success_url: urls.success_url,
    })
    expect(session).toMatchObject({
      setup_intent: expect.stringMatching(/^seti_/),
      payment_status: 'no_payment_required',
    })
    expect(textOf((await open(String(session.url))).html)).toContain('Nothing is charged today.')
    const events = await test.eventsOf(() => submit(String(session.url), withCard('4242424242424242')))
    expect(events).toEqual(['checkout.session.completed', 'payment_method.attached', 'setup_intent.succeeded'])
    const methods = await test.stripe.customers.listPaymentMethods(customer.id)
    expect(methods.data).toMatchObject([{ card: { last4: '4242' } }])
    expect(await test.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      amount_total: null,
    })
  })
})
