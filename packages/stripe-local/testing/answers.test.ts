import type Stripe from 'stripe'
import { describe, it } from 'vitest'
import { startTestStripe, type TestStripe } from './client.ts'

/** A customer with a card, a monthly and a yearly price: what most of Stripe starts from. */
async function start(): Promise<TestStripe & { customer: string; monthly: string; yearly: string }> {
  const test = await startTestStripe()
  const { stripe } = test
  const { id: product } = await stripe.products.create({ name: 'Professional' })
  const priceFor = async (interval: 'month' | 'year', unit_amount: number) =>
    (await stripe.prices.create({ product, currency: 'usd', unit_amount, recurring: { interval } })).id
  const { id: customer } = await stripe.customers.create({
    email: 'ada@example.com',
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    address: { line1: '1 Main Street', country: 'US' },
    shipping: { name: 'Ada', address: { line1: '1 Main Street' } },
    tax_id_data: [{ type: 'eu_vat', value: 'DE123456789' }],
  })
  return { ...test, customer, monthly: await priceFor('month', 1900), yearly: await priceFor('year', 19000) }
}

/** Each answer is checked when it comes: see startTestStripe. So these say only what is asked. */
describe('an answer has every field of the SDK, and no other', () => {
  it('about customers', async () => {
    const { stripe, customer } = await start()
    await stripe.customers.retrieve(customer, {
      expand: ['sources', 'subscriptions', 'tax', 'tax_ids', 'invoice_credit_balance'],
    })
    await stripe.customers.update(customer, { name: 'Ada', metadata: { a: '1' } })
    await stripe.customers.createBalanceTransaction(customer, { amount: -500, currency: 'usd' })
    await stripe.customers.listBalanceTransactions(customer)
    await stripe.customers.createTaxId(customer, { type: 'eu_vat', value: 'DE123456788' })
    await stripe.customers.listTaxIds(customer)
    await stripe.customers.listPaymentMethods(customer)
    await stripe.customers.list()
    await stripe.customers.del(customer)
    await stripe.customers.retrieve(customer)
  })

  it('about payments', async () => {
    const { stripe, customer } = await start()
    const intent = await stripe.paymentIntents.create({
      amount: 2000,
      currency: 'usd',
      customer,
      payment_method: 'pm_card_visa',
      confirm: true,
      off_session: true,
      return_url: 'https://example.com',
      expand: ['latest_charge.balance_transaction'],
    })
    await stripe.refunds.create({ payment_intent: intent.id, amount: 500 })
    await stripe.paymentIntents.create({ amount: 100, currency: 'eur' })
    await stripe.setupIntents.create({
      customer,
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://example.com',
    })
    await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
    await stripe.paymentIntents.list()
    await stripe.charges.list()
    await stripe.refunds.list()
    await stripe.setupIntents.list()
    await stripe.balanceTransactions.list()
    await stripe.balance.retrieve()
  })

  it('about payments that fail, are authenticated, and are disputed', async () => {
    const { stripe, customer } = await start()
    const pay = (payment_method: string) =>
      stripe.paymentIntents
        .create({
          amount: 2000,
          currency: 'usd',
          payment_method,
          confirm: true,
          return_url: 'https://example.com',
          customer,
        })
        .catch((error: Error) => error)
    await pay('pm_card_visa_chargeDeclined')
    await pay('pm_card_threeDSecure2Required')
    await pay('pm_card_createDispute')
    await stripe.disputes.list()
    await stripe.paymentIntents.list({ expand: ['data.latest_charge'] })
    await stripe.events.list({ limit: 100 })
  })

  it('about subscriptions', async () => {
    const { stripe, customer, monthly, yearly } = await start()
    const expand = [
      'latest_invoice.payments',
      'latest_invoice.confirmation_secret',
      'pending_setup_intent',
      'default_payment_method',
    ]
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: monthly }], expand })
    const [item] = subscription.items.data
    await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { items: [{ id: item?.id ?? '', price: yearly }], proration_behavior: 'always_invoice' },
    })
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item?.id ?? '', price: yearly }],
      proration_behavior: 'always_invoice',
      expand,
    })
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true })
    await stripe.subscriptions.update(subscription.id, {
      cancel_at_period_end: false,
      pause_collection: { behavior: 'void' },
    })
    await stripe.subscriptionItems.list({ subscription: subscription.id })
    await stripe.subscriptions.create({ customer, items: [{ price: monthly, quantity: 3 }], trial_period_days: 14 })
    await stripe.subscriptions.list({ status: 'all' })
    await stripe.subscriptions.cancel(subscription.id, { expand: ['latest_invoice'] })
  })

  it('about schedules', async () => {
    const { stripe, customer, monthly, yearly } = await start()
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] })
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id })
    await stripe.subscriptionSchedules.update(schedule.id, {
      phases: [
        {
          items: [{ price: monthly }],
          start_date: schedule.phases[0]?.start_date ?? 0,
          end_date: schedule.phases[0]?.end_date ?? 0,
        },
        { items: [{ price: yearly }], duration: { interval: 'year' } },
      ],
    })
    await stripe.subscriptionSchedules.list()
    await stripe.subscriptionSchedules.release(schedule.id)
  })

  it('about invoices and credit notes', async () => {
    const { stripe, customer } = await start()
    const rate = await stripe.taxRates.create({ display_name: 'VAT', inclusive: false, percentage: 20 })
    const coupon = await stripe.coupons.create({ percent_off: 10 })
    const invoice = await stripe.invoices.create({
      customer,
      discounts: [{ coupon: coupon.id }],
      default_tax_rates: [rate.id],
      pending_invoice_items_behavior: 'exclude',
    })
    await stripe.invoiceItems.create({
      customer,
      invoice: invoice.id,
      amount: 5000,
      currency: 'usd',
      description: 'Help',
    })
    await stripe.invoiceItems.list()
    await stripe.invoices.listLineItems(invoice.id)
    await stripe.invoices.finalizeInvoice(invoice.id)
    await stripe.invoices.pay(invoice.id, { expand: ['payments'] })
    await stripe.invoicePayments.list({ invoice: invoice.id })
    const note = await stripe.creditNotes.create({ invoice: invoice.id, amount: 1000, credit_amount: 1000 })
    await stripe.creditNotes.listLineItems(note.id)
    await stripe.creditNotes.list()
    const toSend = await stripe.invoices.create({ customer, collection_method: 'send_invoice', days_until_due: 30 })
    await stripe.invoiceItems.create({ customer, invoice: toSend.id, amount: 50000, currency: 'usd' })
    await stripe.invoices.sendInvoice(toSend.id)
    await stripe.invoices.voidInvoice(toSend.id)
    await stripe.invoices.list()
  })

  it('about Checkout and the customer portal', async () => {
    const { stripe, customer, monthly } = await start()
    const base = {
      success_url: 'https://example.com/{CHECKOUT_SESSION_ID}',
      customer,
    } satisfies Stripe.Checkout.SessionCreateParams
    const line_items = [{ price: monthly, quantity: 1 }]
    const session = await stripe.checkout.sessions.create({
      ...base,
      mode: 'subscription',
      line_items,
      allow_promotion_codes: true,
    })
    await stripe.checkout.sessions.listLineItems(session.id)
    await stripe.checkout.sessions.create({ ...base, mode: 'setup', currency: 'usd' })
    const price_data = { currency: 'usd', unit_amount: 500, product_data: { name: 'Sticker' } }
    await stripe.checkout.sessions.create({ ...base, mode: 'payment', line_items: [{ price_data, quantity: 2 }] })
    await stripe.checkout.sessions.expire(session.id)
    await stripe.checkout.sessions.list()
    await stripe.billingPortal.configurations.create({ features: { invoice_history: { enabled: true } } })
    await stripe.billingPortal.sessions.create({ customer, return_url: 'https://example.com' })
    await stripe.billingPortal.configurations.list()
  })

  it('about everything that a year of a test clock brings', async () => {
    const { stripe, monthly } = await start()
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Date.UTC(2027, 0, 31) / 1000 })
    const { id: customer } = await stripe.customers.create({
      test_clock: clock.id,
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    })
    await stripe.subscriptions.create({ customer, items: [{ price: monthly }] })
    for (const month of [1, 2]) {
      await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: Date.UTC(2027, month + 1, 1) / 1000 })
    }
    await stripe.invoices.list({ customer })
    await stripe.events.list({ limit: 100 })
    await stripe.testHelpers.testClocks.del(clock.id)
  })
})
