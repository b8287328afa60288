import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, latestInvoice, openShop } from '../../testing/business.ts'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

/** A customer whose card was given as a source, as was done before there were payment methods. */
async function withCard(source = 'tok_visa') {
  const test = await startTestStripe()
  const customer = await test.stripe.customers.create({ email: 'ada@example.com', source })
  const card = String(customer.default_source)
  const again = async () => (await test.stripe.customers.retrieve(customer.id)) as Stripe.Customer
  return { ...test, customer, card, again }
}

describe('a card that is given as a source', () => {
  it('is the default of its new customer, and shown as a card and as a payment method', async () => {
    const { stripe, customer, card } = await withCard()
    const today = new Date()
    const { lastResponse: _, ...shown } = await stripe.customers.retrieveSource(customer.id, card)
    expect(shown).toEqual({
      id: expect.stringMatching(/^card_1\w{23}$/),
      object: 'card',
      address_city: null,
      address_country: null,
      address_line1: null,
      address_line1_check: null,
      address_line2: null,
      address_state: null,
      address_zip: null,
      address_zip_check: null,
      brand: 'Visa',
      country: 'US',
      customer: customer.id,
      cvc_check: null,
      dynamic_last4: null,
      exp_month: today.getUTCMonth() + 1,
      exp_year: today.getUTCFullYear() + 1,
      fingerprint: expect.any(String),
      funding: 'credit',
      last4: '4242',
      metadata: {},
      name: null,
      regulated_status: 'unregulated',
      tokenization_method: null,
    })
    expect(await stripe.paymentMethods.retrieve(card)).toMatchObject({
      id: card,
      object: 'payment_method',
      type: 'card',
    })
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toMatchObject([{ id: card }])
  })

  it('is told of with its customer', async () => {
    const { eventsOf, stripe } = await startTestStripe()
    const types = await eventsOf(() => stripe.customers.create({ source: 'tok_visa' }))
    expect(types).toEqual(['customer.created', 'customer.source.created', 'payment_method.attached'])
  })

  it('is expanded where an object names it', async () => {
    const { stripe, customer, card } = await withCard()
    expect(await stripe.customers.retrieve(customer.id, { expand: ['default_source', 'sources'] })).toMatchObject({
      default_source: { id: card, object: 'card', last4: '4242' },
      sources: { object: 'list', data: [{ id: card }], has_more: false, url: `/v1/customers/${customer.id}/sources` },
    })
    expect(customer).not.toHaveProperty('sources')
  })

  it('pays for subscriptions, invoices, payments and charges, unless a payment method is the default', async () => {
    const { stripe, customer, card } = await withCard()
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 1900,
      recurring: { interval: 'month' },
      product_data: { name: 'Pro' },
    })
    const subscribe = () =>
      stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], expand: ['latest_invoice'] })
    expect(await subscribe()).toMatchObject({ status: 'active', default_payment_method: null, default_source: null })
    const intent = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      customer: customer.id,
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    })
    expect(intent).toMatchObject({ status: 'succeeded', payment_method: card })
    const charge = await stripe.charges.create({ amount: 700, currency: 'usd', customer: customer.id })
    expect(charge).toMatchObject({ status: 'succeeded', payment_method: card, source: { id: card, object: 'card' } })
    expect(
      await stripe.charges.create({ amount: 700, currency: 'usd', customer: customer.id, source: card }),
    ).toMatchObject({ payment_method: card })
    const method = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } })
    await subscribe()
    expect((await stripe.charges.list({ limit: 1 })).data).toMatchObject([{ payment_method: method.id }])
  })

  it('may be named by a subscription and by an invoice', async () => {
    const { stripe, customer, card } = await withCard()
    const other = await stripe.customers.createSource(customer.id, { source: 'tok_mastercard' })
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 1900,
      recurring: { interval: 'month' },
      product_data: { name: 'Pro' },
    })
    const subscribe = (default_source: string) =>
      stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price: price.id }],
        default_source,
        expand: ['default_source'],
      })
    expect(await subscribe(other.id)).toMatchObject({ default_source: { id: other.id, brand: 'MasterCard' } })
    expect((await stripe.charges.list({ limit: 1 })).data).toMatchObject([{ payment_method: other.id }])
    expect(await refusalOf(subscribe('card_no'))).toEqual({
      status: 400,
      code: 'resource_missing',
      message: "No such source: 'card_no'",
      param: 'default_source',
    })
    await stripe.invoiceItems.create({ customer: customer.id, amount: 500, currency: 'usd' })
    const invoice = await stripe.invoices.create({
      customer: customer.id,
      default_source: other.id,
      pending_invoice_items_behavior: 'include',
    })
    expect(invoice.default_source).toBe(other.id)
    await stripe.invoices.finalizeInvoice(String(invoice.id))
    await stripe.invoices.pay(String(invoice.id), { source: card })
    expect((await stripe.charges.list({ limit: 1 })).data).toMatchObject([{ payment_method: card }])
  })
})

describe('the sources of a customer', () => {
  it('are as many as one likes; the first is the default', async () => {
    const { stripe, eventsOf, again, customer, card } = await withCard()
    const events = await eventsOf(async () => {
      const other = await stripe.customers.createSource(customer.id, { source: 'tok_mastercard', metadata: { a: '1' } })
      expect(other).toMatchObject({ object: 'card', brand: 'MasterCard', customer: customer.id, metadata: { a: '1' } })
      const { data } = await stripe.customers.listSources(customer.id, { object: 'card' })
      expect(data.map(({ id }) => id)).toEqual([other.id, card])
      expect((await stripe.customers.listSources(customer.id, { object: 'bank_account' })).data).toEqual([])
    })
    expect(events).toEqual(['customer.source.created', 'payment_method.attached'])
    expect((await again()).default_source).toBe(card)
    const bare = await stripe.customers.create()
    expect(await eventsOf(() => stripe.customers.createSource(bare.id, { source: 'tok_visa' }))).toEqual([
      'customer.source.created',
      'customer.updated',
      'payment_method.attached',
    ])
  })

  it('are changed, and tell of what they were', async () => {
    const { stripe, customer, card, lastEvent } = await withCard()
    const changed = await stripe.customers.updateSource(customer.id, card, {
      name: 'Ada',
      address_zip: 'SW1A 1AA',
      exp_year: '2041',
      metadata: { a: '1' },
    })
    expect(changed).toMatchObject({ name: 'Ada', address_zip: 'SW1A 1AA', exp_year: 2041, metadata: { a: '1' } })
    expect((await refusalOf(stripe.customers.updateSource(customer.id, card, { account_holder_name: 'A' }))).code).toBe(
      'parameter_unknown',
    )
    const { data } = await lastEvent('customer.source.updated')
    expect(data).toMatchObject({
      object: { id: card, name: 'Ada' },
      previous_attributes: { name: null, address_zip: null, metadata: { a: null } },
    })
    expect((await stripe.paymentMethods.retrieve(card)).billing_details.name).toBe('Ada')
  })

  it('are chosen as the default, and replaced by a new one', async () => {
    const { stripe, customer, card, again, eventsOf } = await withCard()
    const other = await stripe.customers.createSource(customer.id, { source: 'tok_mastercard' })
    await stripe.customers.update(customer.id, { default_source: other.id })
    expect((await again()).default_source).toBe(other.id)
    const types = await eventsOf(() => stripe.customers.update(customer.id, { source: 'tok_amex', name: 'Ada' }))
    expect(types).toEqual([
      'customer.source.created',
      'customer.source.deleted',
      'customer.updated',
      'payment_method.attached',
      'payment_method.detached',
    ])
    const { default_source, name } = await again()
    expect(name).toBe('Ada')
    const { data } = await stripe.customers.listSources(customer.id)
    expect(data.map(({ id }) => id)).toEqual([default_source, card])
  })

  it('go, and the newest of the others becomes the default', async () => {
    const { stripe, customer, card, again, eventsOf } = await withCard()
    const other = await stripe.customers.createSource(customer.id, { source: 'tok_mastercard' })
    const types = await eventsOf(async () => {
      expect(await stripe.customers.deleteSource(customer.id, card)).toMatchObject({
        id: card,
        object: 'card',
        deleted: true,
      })
    })
    expect(types).toEqual(['customer.source.deleted', 'customer.updated', 'payment_method.detached'])
    expect((await again()).default_source).toBe(other.id)
    await stripe.paymentMethods.detach(other.id)
    expect((await again()).default_source).toBeNull()
    expect((await refusalOf(stripe.customers.retrieveSource(customer.id, card))).status).toBe(404)
    expect((await refusalOf(stripe.charges.create({ amount: 700, currency: 'usd', customer: customer.id }))).code).toBe(
      'missing',
    )
  })

  it('that are new are tried at once for what is past due', async () => {
    const shop = await openShop({ card: null })
    await shop.stripe.customers.update(shop.customer.id, { source: 'tok_visa' })
    const { id } = await shop.subscribe([{ price: (await shop.price({ unit_amount: 1900 })).id }])
    await shop.stripe.customers.update(shop.customer.id, { source: 'tok_chargeCustomerFail' })
    await shop.advance(at('2026-02-01T02:00:00'))
    const now = () => shop.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
    expect((await now()).status).toBe('past_due')
    await shop.stripe.customers.update(shop.customer.id, { source: 'tok_visa' })
    const mended = await now()
    expect(mended.status).toBe('active')
    expect(latestInvoice(mended).status).toBe('paid')
  })

  it('are refused where there is no such token, it was used, or its bank says no', async () => {
    const { stripe, customer, again, card } = await withCard()
    const create = (source: string) => stripe.customers.createSource(customer.id, { source })
    expect(await refusalOf(create('tok_missing'))).toEqual({
      status: 400,
      code: 'resource_missing',
      message: "No such token: 'tok_missing'",
      param: 'source',
    })
    const token = await stripe.tokens.create({
      card: { number: '4242424242424242', exp_month: '12', exp_year: '2040', cvc: '123', name: 'Ada' },
    })
    expect(await create(token.id)).toMatchObject({ name: 'Ada', cvc_check: 'pass', exp_year: 2040 })
    expect((await refusalOf(create(token.id))).code).toBe('token_already_used')
    const refused = stripe.customers.create({ email: 'no@example.com', source: 'tok_chargeDeclined' })
    expect(await refusalOf(refused)).toMatchObject({ status: 402, code: 'card_declined' })
    expect((await stripe.customers.list({ email: 'no@example.com' })).data).toEqual([])
    expect((await again()).default_source).toBe(card)
  })
})
