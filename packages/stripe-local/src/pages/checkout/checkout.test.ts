import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { startTestStripe, type TestStripe } from '../../../testing/client.ts'
import { moveClock } from '../../../testing/clock.ts'
import { open, submit, textOf, withCard } from '../../../testing/visitor.ts'

type Params = Stripe.Checkout.SessionCreateParams

const urls = {
  success_url: 'http://shop.test/success?session={CHECKOUT_SESSION_ID}&again={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://shop.test/pricing',
}

/** A Checkout of a plan for 19 dollars a month. */
async function subscribing(params: Partial<Params> = {}, currency = 'usd') {
  const test = await startTestStripe()
  const { stripe } = test
  const product = await stripe.products.create({ name: 'Professional' })
  const price = await stripe.prices.create({
    product: product.id,
    currency,
    unit_amount: 1900,
    recurring: { interval: 'month' },
  })
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    ...urls,
    ...params,
  })
  return {
    ...test,
    price,
    session,
    url: String(session.url),
    again: () => stripe.checkout.sessions.retrieve(session.id),
  }
}

async function subscriptionsOf({ stripe }: TestStripe): Promise<Stripe.Subscription[]> {
  return (await stripe.subscriptions.list({ status: 'all' })).data
}

describe('the Checkout page of a subscription', () => {
  it('shows the plan, the amount and the interval, and says that no money moves', async () => {
    const { url } = await subscribing()
    const page = await open(url)
    expect(page.status).toBe(200)
    const text = textOf(page.html)
    expect(text).toContain('Stripe Local — a test page on this computer. No money moves.')
    expect(text).toContain('Subscribe to Professional')
    expect(text).toContain('$19.00 per month')
    expect(text).toContain('Total due today $19.00')
    expect(page.html).toContain('href="http://shop.test/pricing"')
  })

  it('pays, makes exactly the events of a first Checkout and leads to the success page', async () => {
    const test = await subscribing({ client_reference_id: 'user_1', metadata: { plan: 'pro' } })
    let location: string | null = null
    const events = await test.eventsOf(async () => {
      const visit = await submit(test.url, withCard('4242 4242 4242 4242'))
      expect(visit.status).toBe(303)
      location = visit.location
    })
    expect(location).toBe(`http://shop.test/success?session=${test.session.id}&again=${test.session.id}`)
    expect(events).toEqual([
      'charge.succeeded',
      'checkout.session.completed',
      'customer.created',
      'customer.subscription.created',
      'customer.updated',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
      'payment_method.attached',
    ])
    const session = await test.again()
    expect(session).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      amount_subtotal: 1900,
      amount_total: 1900,
      client_reference_id: 'user_1',
      metadata: { plan: 'pro' },
      payment_intent: null,
      customer_details: {
        email: 'ada@example.com',
        name: 'Ada Lovelace',
        address: { country: 'GB', postal_code: 'SW1A 1AA' },
        tax_exempt: 'none',
        tax_ids: [],
      },
    })
    const subscription = await test.stripe.subscriptions.retrieve(String(session.subscription), {
      expand: ['default_payment_method', 'latest_invoice'],
    })
    expect(subscription).toMatchObject({
      status: 'active',
      customer: session.customer,
      default_payment_method: { card: { last4: '4242' }, customer: session.customer, allow_redisplay: 'limited' },
      latest_invoice: { id: session.invoice, status: 'paid', amount_paid: 1900, billing_reason: 'subscription_create' },
    })
    expect(await test.stripe.customers.retrieve(String(session.customer))).toMatchObject({
      email: 'ada@example.com',
      name: 'Ada Lovelace',
    })
  })

  it('leaves no subscription behind when the card is declined, and takes another one', async () => {
    const test = await subscribing()
    const declined = await submit(test.url, withCard('4000000000000002'))
    expect(declined.status).toBe(422)
    expect(textOf(declined.html)).toContain('Your card was declined.')
    expect(await subscriptionsOf(test)).toEqual([])
    expect((await test.again()).status).toBe('open')
    expect((await submit(test.url, withCard('4242424242424242'))).status).toBe(303)
    expect(await subscriptionsOf(test)).toHaveLength(1)
    expect((await test.stripe.customers.list()).data).toHaveLength(1)
    expect((await test.stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  it.each([
    ['4000000000009995', 'Your card has insufficient funds.'],
    ['4000000000000069', 'Your card has expired.'],
    ['4000000000000127', "Your card's security code is incorrect."],
  ])('tells in the words of Stripe why %s was refused', async (number, words) => {
    const { url } = await subscribing()
    expect(textOf((await submit(url, withCard(number))).html)).toContain(words)
  })

  it('refuses a number that is no test card, and does not show it again', async () => {
    const test = await subscribing()
    const real = '4111111111111111'
    const events = await test.eventsOf(async () => {
      const page = await submit(test.url, withCard(real))
      expect(page.status).toBe(422)
      expect(textOf(page.html)).toContain('This is not the number of a test card, so it was refused')
      expect(page.html).not.toContain('4111')
    })
    expect(events).toEqual([])
  })

  it('pays once, however often and from wherever it is sent', async () => {
    const test = await subscribing()
    const tries = await Promise.all(Array.from({ length: 5 }, () => submit(test.url, withCard('4242424242424242'))))
    expect(tries.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303])
    expect((await submit(test.url, withCard('5555555555554444'))).status).toBe(303)
    expect(await subscriptionsOf(test)).toHaveLength(1)
    expect((await test.stripe.charges.list()).data).toHaveLength(1)
    const page = await open(test.url)
    expect(textOf(page.html)).toContain('This has been paid')
  })

  it('asks for 3D Secure and begins the subscription when it is approved', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002760003184'))
    expect(sent.location).toMatch(/^\/3ds\/pi_/)
    expect(await subscriptionsOf(test)).toEqual([])
    const bank = await open(test.local.url + sent.location)
    expect(textOf(bank.html)).toContain('Do you approve the payment of $19.00 ?')
    const approved = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(approved.location).toContain('http://shop.test/success')
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'active' }])
    const twice = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(textOf(twice.html)).toContain('Approved')
    expect(await subscriptionsOf(test)).toHaveLength(1)
  })

  it('charges nothing when 3D Secure is refused, says so, and takes another card', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002500003155'))
    const refused = await submit(test.local.url + sent.location, { decision: 'refuse' })
    expect(refused.location).toBe(`/c/pay/${test.session.id}?refused`)
    expect(textOf((await open(test.local.url + refused.location)).html)).toContain('We are unable to authenticate')
    expect(await subscriptionsOf(test)).toEqual([])
    expect((await submit(test.url, withCard('4242424242424242'))).location).toContain('/success')
    expect(await subscriptionsOf(test)).toHaveLength(1)
  })

  it('does not pay twice when another card paid while 3D Secure was open in a tab', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002760003184'))
    await submit(test.url, withCard('4242424242424242'))
    const late = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(late.status).toBe(200)
    expect((await test.stripe.charges.list()).data).toHaveLength(1)
    expect(await subscriptionsOf(test)).toHaveLength(1)
  })

  it('lowers the total by a promotion code, which can be taken off again', async () => {
    const test = await subscribing({ allow_promotion_codes: true })
    const coupon = await test.stripe.coupons.create({ percent_off: 25, duration: 'forever' })
    const promotion = await test.stripe.promotionCodes.create({
      code: 'SPRING',
      promotion: { type: 'coupon', coupon: coupon.id },
    })
    const wrong = await submit(`${test.url}/promotion-code`, { code: 'AUTUMN' })
    expect(textOf(wrong.html)).toContain('This code is invalid.')
    expect((await submit(`${test.url}/promotion-code`, { code: 'spring' })).location).toBe(`/c/pay/${test.session.id}`)
    expect(textOf((await open(test.url)).html)).toContain('Total due today $14.25')
    await submit(`${test.url}/promotion-code`, { remove: 'yes' })
    expect(textOf((await open(test.url)).html)).toContain('Total due today $19.00')
    await submit(`${test.url}/promotion-code`, { code: 'SPRING' })
    await submit(test.url, withCard('4242424242424242'))
    expect(await test.again()).toMatchObject({
      amount_subtotal: 1900,
      amount_total: 1425,
      discounts: [{ coupon: null, promotion_code: promotion.id }],
      total_details: { amount_discount: 475, amount_shipping: 0, amount_tax: 0 },
    })
    const [invoice] = (await test.stripe.invoices.list()).data
    expect(invoice).toMatchObject({ total: 1425, amount_paid: 1425, status: 'paid' })
    expect(await test.stripe.promotionCodes.retrieve(promotion.id)).toMatchObject({ times_redeemed: 1 })
  })

  it('takes off a code that ran out in the meantime, and asks before it charges more', async () => {
    const test = await subscribing({ allow_promotion_codes: true })
    const coupon = await test.stripe.coupons.create({ percent_off: 50, duration: 'once' })
    const promotion = await test.stripe.promotionCodes.create({
      code: 'HALF',
      promotion: { type: 'coupon', coupon: coupon.id },
    })
    await submit(`${test.url}/promotion-code`, { code: 'HALF' })
    await test.stripe.promotionCodes.update(promotion.id, { active: false })
    const page = await submit(test.url, withCard('4242424242424242'))
    expect(textOf(page.html)).toContain('The total is without it now')
    expect(textOf(page.html)).toContain('Total due today $19.00')
    expect((await test.stripe.charges.list()).data).toEqual([])
  })

  it('begins a trial with a card that is checked and not charged', async () => {
    const test = await subscribing({ subscription_data: { trial_period_days: 14, metadata: { from: 'checkout' } } })
    expect(textOf((await open(test.url)).html)).toContain('14 days free Then $19.00 per month')
    await submit(test.url, withCard('4242424242424242'))
    expect(await test.again()).toMatchObject({
      amount_total: 0,
      payment_status: 'no_payment_required',
      setup_intent: null,
    })
    expect(await subscriptionsOf(test)).toMatchObject([
      { status: 'trialing', metadata: { from: 'checkout' }, default_payment_method: expect.stringMatching(/^pm_/) },
    ])
    expect((await test.stripe.charges.list()).data).toEqual([])
  })

  it('does not begin a trial with a card that is declined', async () => {
    const test = await subscribing({ subscription_data: { trial_period_days: 14 } })
    expect(textOf((await submit(test.url, withCard('4000000000000002'))).html)).toContain('Your card was declined.')
    expect(await subscriptionsOf(test)).toEqual([])
  })

  it('asks for no card when nothing is due and none is wanted', async () => {
    const test = await subscribing({
      payment_method_collection: 'if_required',
      subscription_data: {
        trial_period_days: 7,
        trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
      },
    })
    expect((await open(test.url)).html).not.toContain('name="number"')
    expect((await submit(test.url, { email: 'ada@example.com' })).location).toContain('/success')
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'trialing', default_payment_method: null }])
  })

  it('keeps the customer that it was made for, and their address of email', async () => {
    const test = await startTestStripe()
    const customer = await test.stripe.customers.create({ email: 'grace@example.com' })
    const product = await test.stripe.products.create({ name: 'Professional' })
    const price = await test.stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 1900,
      recurring: { interval: 'month' },
    })
    const session = await test.stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customer.id,
      line_items: [{ price: price.id, quantity: 1 }],
      ...urls,
    })
    expect((await open(String(session.url))).html).toMatch(/value="grace@example.com"[^>]* readonly/)
    await submit(String(session.url), withCard('4242424242424242', { email: 'mallory@example.com' }))
    expect((await test.stripe.customers.list()).data).toMatchObject([
      { id: customer.id, email: 'grace@example.com', name: null },
    ])
    expect(await subscriptionsOf(test)).toMatchObject([{ customer: customer.id }])
  })

  it('charges what is left after the customer’s credit', async () => {
    const test = await startTestStripe()
    const customer = await test.stripe.customers.create({ email: 'grace@example.com', balance: -500 })
    const product = await test.stripe.products.create({ name: 'Professional' })
    const price = await test.stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 1900,
      recurring: { interval: 'month' },
    })
    const session = await test.stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customer.id,
      line_items: [{ price: price.id, quantity: 1 }],
      ...urls,
    })
    await submit(String(session.url), withCard('4242424242424242'))
    expect((await test.stripe.charges.list()).data).toMatchObject([{ amount: 1400 }])
  })

  it('is over after a day: the session expires, an event says so, and nobody can pay', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002760003184'))
    const events = await test.eventsOf(() => moveClock(test.local, { days: 1 }))
    expect(events).toEqual(['checkout.session.expired', 'payment_intent.canceled'])
    expect(await test.again()).toMatchObject({ status: 'expired', url: null })
    const page = await open(test.url)
    expect(page.status).toBe(410)
    expect(textOf(page.html)).toContain('This Checkout has expired')
    expect((await submit(test.url, withCard('4242424242424242'))).status).toBe(410)
    const bank = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(textOf(bank.html)).toContain('This is not waited for any more')
    expect(await subscriptionsOf(test)).toEqual([])
  })

  it('fills in a test card for a browser without scripts', async () => {
    const { url } = await subscribing()
    const page = await submit(url, { fill: '4000000000000002', email: 'me@example.com' })
    expect(page.html).toContain('value="4000 0000 0000 0002"')
    expect(page.html).toContain('value="me@example.com"')
  })

  it('sells what was made for this session alone', async () => {
    const test = await startTestStripe()
    const session = await test.stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [
        {
          price_data: {
            currency: 'usd',
            product_data: { name: 'Made to measure' },
            recurring: { interval: 'year' },
            unit_amount: 12_000,
          },
          quantity: 1,
        },
      ],
      ...urls,
    })
    expect(textOf((await open(String(session.url))).html)).toContain('$120.00 per year')
    expect((await submit(String(session.url), withCard('4242424242424242'))).location).toContain('/success')
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'active' }])
  })

  it('is paid by SEPA debit days after it was agreed to', async () => {
    const test = await subscribing({ allowed_payment_method_types: ['card', 'sepa_debit'] }, 'eur')
    const form = { ...withCard(''), method: 'sepa_debit', iban: 'DE89 3704 0044 0532 0130 00' }
    const first = await test.eventsOf(() => submit(test.url, form))
    expect(first).toContain('checkout.session.completed')
    expect(first).not.toContain('invoice.paid')
    expect(await test.again()).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'active' }])
    const later = await test.eventsOf(() => moveClock(test.local, { seconds: 60 }))
    expect(later).toEqual(
      expect.arrayContaining(['checkout.session.async_payment_succeeded', 'invoice.paid', 'charge.succeeded']),
    )
    expect(await test.again()).toMatchObject({ payment_status: 'paid' })
  })

  it('tells of a SEPA debit that failed; the subscription stays active and its invoice is void', async () => {
    const test = await subscribing({ allowed_payment_method_types: ['sepa_debit'] }, 'eur')
    await submit(test.url, { ...withCard(''), method: 'sepa_debit', iban: 'DE62370400440532013001' })
    const later = await test.eventsOf(() => moveClock(test.local, { seconds: 60 }))
    expect(later).toContain('checkout.session.async_payment_failed')
    expect(later).not.toContain('checkout.session.async_payment_succeeded')
    expect(await test.again()).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'active' }])
    expect((await test.stripe.invoices.list()).data).toMatchObject([{ status: 'void' }])
  })
})

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
