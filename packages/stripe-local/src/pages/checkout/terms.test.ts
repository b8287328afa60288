import { describe, expect, it } from 'vitest'
import { subscribing, subscriptionsOf, urls } from '../../../testing/checkout.ts'
import { startTestStripe } from '../../../testing/client.ts'
import { moveClock } from '../../../testing/clock.ts'
import { open, submit, textOf, withCard } from '../../../testing/visitor.ts'

describe('a Checkout keeps to what was agreed', () => {
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
    expect(first).toEqual([
      'charge.pending',
      'checkout.session.completed',
      'customer.created',
      'customer.subscription.created',
      'customer.updated',
      'invoice.created',
      'invoice.finalized',
      'payment_intent.created',
      'payment_intent.processing',
      'payment_method.attached',
    ])
    expect(await test.again()).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'active' }])
    const later = await test.eventsOf(() => moveClock(test.local, { seconds: 60 }))
    expect(later).toEqual([
      'charge.succeeded',
      'checkout.session.async_payment_succeeded',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.succeeded',
    ])
    expect(await test.again()).toMatchObject({ payment_status: 'paid' })
  })

  it('tells of a SEPA debit that failed; the subscription stays active and its invoice is void', async () => {
    const test = await subscribing({ allowed_payment_method_types: ['sepa_debit'] }, 'eur')
    await submit(test.url, { ...withCard(''), method: 'sepa_debit', iban: 'DE62370400440532013001' })
    const later = await test.eventsOf(() => moveClock(test.local, { seconds: 60 }))
    expect(later).toEqual([
      'charge.failed',
      'checkout.session.async_payment_failed',
      'invoice.payment_failed',
      'invoice.updated',
      'invoice.voided',
      'payment_intent.canceled',
      'payment_intent.payment_failed',
    ])
    expect(await test.again()).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'active' }])
    expect((await test.stripe.invoices.list()).data).toMatchObject([{ status: 'void' }])
  })

  it('begins in the time of a customer that lives on a test clock', async () => {
    const { stripe } = await startTestStripe()
    const frozen_time = Math.floor(Date.UTC(2031, 0, 31) / 1000)
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time })
    const customer = await stripe.customers.create({ email: 'ada@example.com', test_clock: clock.id })
    const recurring = { interval: 'month' } as const
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customer.id,
      line_items: [
        { price_data: { currency: 'usd', product_data: { name: 'Plan' }, unit_amount: 900, recurring }, quantity: 1 },
      ],
      ...urls,
    })
    const filled = await submit(String(session.url), { fill: '4242424242424242' })
    expect(filled.html).toContain('value="12 / 34"')
    expect((await submit(String(session.url), withCard('4242424242424242'))).status).toBe(303)
    const [subscription] = (await stripe.subscriptions.list({ customer: customer.id })).data
    expect(subscription).toMatchObject({ start_date: frozen_time, status: 'active' })
    expect(subscription?.items.data[0]?.current_period_end).toBe(Date.UTC(2031, 1, 28) / 1000)
  })
})
