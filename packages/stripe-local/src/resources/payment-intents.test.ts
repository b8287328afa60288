import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

const return_url = 'http://localhost:3000/'

/** A Stripe with a customer who has a card. */
async function start(card = 'pm_card_visa') {
  const test = await startTestStripe()
  const customer = await test.stripe.customers.create({ payment_method: card })
  const [method] = (await test.stripe.customers.listPaymentMethods(customer.id)).data
  const pay = (params: Partial<Stripe.PaymentIntentCreateParams> = {}, options?: Stripe.RequestOptions) =>
    test.stripe.paymentIntents.create(
      {
        amount: 2900,
        currency: 'usd',
        customer: customer.id,
        payment_method: method?.id ?? '',
        confirm: true,
        return_url,
        ...params,
      },
      options,
    )
  return { ...test, customer: customer.id, method: method?.id ?? '', pay }
}

/** The whole envelope of a refusal. */
async function errorOf(request: Promise<unknown>): Promise<Stripe.StripeRawError> {
  const error = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Stripe.errors.StripeError)) throw new Error('The request was expected to be refused.')
  return error.raw as Stripe.StripeRawError
}

describe('a payment intent', () => {
  it('has no line items, for nobody can give it any', async () => {
    const { stripe, pay } = await start()
    const { id } = await pay()
    expect((await stripe.paymentIntents.listAmountDetailsLineItems(id)).data).toEqual([])
    const details = { amount_details: { line_items: [{ product_name: 'Pro', quantity: 1, unit_cost: 2900 }] } }
    expect((await refusalOf(pay(details))).status).toBe(501)
    expect((await refusalOf(stripe.paymentIntents.listAmountDetailsLineItems('pi_none'))).status).toBe(404)
  })

  it('waits for a payment method, then for its confirmation, then it is paid', async () => {
    const { stripe, customer, method, eventsOf } = await start()
    const created = await stripe.paymentIntents.create({ amount: 2900, currency: 'usd', customer })
    expect(created).toMatchObject({
      id: expect.stringMatching(/^pi_3\w{23}$/),
      client_secret: expect.stringMatching(new RegExp(`^${created.id}_secret_\\w{25}$`)),
      amount_received: 0,
      automatic_payment_methods: { allow_redirects: 'always', enabled: true },
      capture_method: 'automatic_async',
      latest_charge: null,
      payment_method: null,
      status: 'requires_payment_method',
    })
    const chosen = await stripe.paymentIntents.update(created.id, { payment_method: method })
    expect(chosen).toMatchObject({ payment_method: method, status: 'requires_confirmation' })
    const events = await eventsOf(async () => {
      const paid = await stripe.paymentIntents.confirm(created.id, { return_url })
      expect(paid).toMatchObject({ amount_received: 2900, status: 'succeeded', next_action: null })
      expect(paid.latest_charge).toMatch(/^ch_3\w{23}$/)
    })
    expect(events).toEqual(['charge.succeeded', 'payment_intent.succeeded'])
  })

  it('can be created and confirmed in one, and its creation is told as it was before', async () => {
    const { pay, eventsOf, lastEvent } = await start()
    expect(await eventsOf(() => pay())).toEqual([
      'charge.succeeded',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    const { data } = await lastEvent('payment_intent.created')
    expect(data.object).toMatchObject({ status: 'requires_payment_method', payment_method: null, latest_charge: null })
  })

  it('offers the payment methods that fit it', async () => {
    const { stripe } = await startTestStripe()
    const typesOf = async (params: Partial<Stripe.PaymentIntentCreateParams>) =>
      (await stripe.paymentIntents.create({ amount: 2900, currency: 'usd', ...params })).payment_method_types
    expect(await typesOf({ capture_method: 'manual' })).toEqual(['card', 'afterpay_clearpay', 'klarna', 'link'])
    expect(await typesOf({ currency: 'eur' })).toContain('sepa_debit')
    expect(await typesOf({ automatic_payment_methods: { enabled: true, allow_redirects: 'never' } })).not.toContain(
      'klarna',
    )
    expect(await typesOf({ allowed_payment_method_types: ['card'] })).toEqual(['card'])
    expect(await typesOf({ excluded_payment_method_types: ['klarna'] })).not.toContain('klarna')
  })

  it('takes the customer’s default when nothing else is named', async () => {
    const { stripe, customer, method } = await start()
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } })
    const paid = await stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      customer,
      confirm: true,
      return_url,
    })
    expect(paid).toMatchObject({ payment_method: method, status: 'succeeded' })
  })

  it('keeps a card for later when it is asked to, and otherwise uses it up', async () => {
    const { stripe, customer, pay, eventsOf } = await start()
    const kept = await eventsOf(() => pay({ payment_method: 'pm_card_mastercard', setup_future_usage: 'off_session' }))
    expect(kept).toContain('payment_method.attached')
    expect((await stripe.customers.listPaymentMethods(customer)).data).toHaveLength(2)

    const once = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
    const stranger = { amount: 2900, currency: 'usd', payment_method: once.id, confirm: true, return_url }
    expect((await stripe.paymentIntents.create(stranger)).status).toBe('succeeded')
    expect((await refusalOf(stripe.paymentIntents.create(stranger))).message).toContain('It may not be used again.')
    expect((await refusalOf(stripe.paymentMethods.attach(once.id, { customer }))).message).toContain(
      'may not be used again',
    )
  })

  it('is found by search and in lists', async () => {
    const { stripe, customer, pay } = await start()
    const paid = await pay({ metadata: { order: '7' } })
    expect((await stripe.paymentIntents.search({ query: 'metadata["order"]:"7"' })).data[0]?.id).toBe(paid.id)
    expect((await stripe.paymentIntents.list({ customer })).data.map(({ id }) => id)).toEqual([paid.id])
  })
})

describe('a declined payment', () => {
  it('answers 402 with the whole intent, and what happened is kept', async () => {
    const { stripe, customer, pay, eventsOf } = await start('pm_card_chargeCustomerFail')
    let error: Stripe.StripeRawError | undefined
    const events = await eventsOf(async () => {
      error = await errorOf(pay())
    })
    expect(events).toEqual(['charge.failed', 'payment_intent.created', 'payment_intent.payment_failed'])
    expect(error).toMatchObject({
      statusCode: 402,
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      advice_code: 'try_again_later',
      network_decline_code: '01',
      message: 'Your card was declined.',
      charge: expect.stringMatching(/^ch_/),
      payment_intent: { customer, status: 'requires_payment_method', payment_method: null },
      payment_method: { customer, card: { last4: '0341' } },
    })
    const intent = await stripe.paymentIntents.retrieve(error?.payment_intent?.id ?? '', { expand: ['latest_charge'] })
    expect(intent.last_payment_error).toMatchObject({
      charge: error?.charge,
      code: 'card_declined',
      doc_url: 'https://stripe.com/docs/error-codes/card-declined',
      message: 'Your card was declined.',
      payment_method_type: 'card',
      type: 'card_error',
    })
    expect(intent.latest_charge).toMatchObject({
      id: error?.charge,
      amount_captured: 0,
      balance_transaction: null,
      captured: false,
      failure_code: 'card_declined',
      failure_message: 'Your card was declined.',
      outcome: {
        network_status: 'declined_by_network',
        reason: 'generic_decline',
        seller_message: 'The bank did not return any further details with this decline.',
        type: 'issuer_declined',
      },
      paid: false,
      receipt_url: null,
      status: 'failed',
    })
  })

  it('can be tried again with another card', async () => {
    const { stripe, pay } = await start('pm_card_chargeCustomerFail')
    const { payment_intent } = await errorOf(pay())
    const paid = await stripe.paymentIntents.confirm(payment_intent?.id ?? '', {
      payment_method: 'pm_card_visa',
      return_url,
    })
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null })
    const charges = await stripe.charges.list({ payment_intent: paid.id })
    expect(charges.data.map(({ status }) => status)).toEqual(['succeeded', 'failed'])
  })

  it('answers a repeat under the same idempotency key with the same 402', async () => {
    const { stripe, customer, pay } = await start('pm_card_chargeCustomerFail')
    const options = { idempotencyKey: 'once' }
    const [first, second] = [await errorOf(pay({}, options)), await errorOf(pay({}, options))]
    expect(second.payment_intent?.id).toBe(first.payment_intent?.id)
    expect((await stripe.paymentIntents.list({ customer })).data).toHaveLength(1)
  })
})

describe('3D Secure', () => {
  it('sends the customer to our page, where there is somewhere to come back to', async () => {
    const { local, pay, eventsOf } = await start('pm_card_authenticationRequired')
    const events = await eventsOf(async () => {
      const intent = await pay()
      expect(intent).toMatchObject({ latest_charge: null, last_payment_error: null, status: 'requires_action' })
      expect(intent.next_action).toEqual({
        redirect_to_url: { return_url, url: `${local.url}/3ds/${intent.id}` },
        type: 'redirect_to_url',
      })
    })
    expect(events).toEqual(['payment_intent.created', 'payment_intent.requires_action'])
  })

  it('is left to Stripe.js otherwise', async () => {
    const { local, stripe, customer, method } = await start('pm_card_threeDSecure2Required')
    const intent = await stripe.paymentIntents.create({
      amount: 2900,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      currency: 'usd',
      customer,
      payment_method: method,
      confirm: true,
    })
    expect(intent.next_action).toMatchObject({
      type: 'use_stripe_sdk',
      use_stripe_sdk: { stripe_js: `${local.url}/3ds/${intent.id}`, type: 'stripe_3ds2_fingerprint' },
    })
  })

  it('declines while the customer is away', async () => {
    const { pay } = await start('pm_card_authenticationRequired')
    const error = await errorOf(pay({ off_session: true }))
    expect(error).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      decline_code: 'authentication_required',
      message: 'Your card was declined. This transaction requires authentication.',
      payment_intent: { status: 'requires_payment_method', latest_charge: null },
    })
  })

  it('is an error where nobody could do it', async () => {
    const { pay } = await start('pm_card_authenticationRequired')
    expect(await refusalOf(pay({ error_on_requires_action: true }))).toMatchObject({
      status: 402,
      code: 'authentication_required',
    })
  })

  it('is asked of a card that supports it only on request', async () => {
    const { pay } = await start('pm_card_threeDSecureOptional')
    expect((await pay()).status).toBe('succeeded')
    const asked = await pay({ payment_method_options: { card: { request_three_d_secure: 'any' } } })
    expect(asked.status).toBe('requires_action')
    expect(asked.payment_method_options?.card?.request_three_d_secure).toBe('any')
  })
})

describe('manual capture', () => {
  it('authorizes first and takes a part later; the rest is released', async () => {
    const { stripe, pay, eventsOf } = await start()
    let intent: Stripe.PaymentIntent | undefined
    const authorized = await eventsOf(async () => {
      intent = await pay({ capture_method: 'manual' })
    })
    expect(authorized).toEqual([
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
    ])
    expect(intent).toMatchObject({ amount_capturable: 2900, amount_received: 0, status: 'requires_capture' })
    const id = intent?.id ?? ''
    const captured = await eventsOf(() => stripe.paymentIntents.capture(id, { amount_to_capture: 1900 }))
    expect(captured).toEqual(['charge.captured', 'payment_intent.succeeded'])
    const { latest_charge: charge, ...after } = await stripe.paymentIntents.retrieve(id, {
      expand: ['latest_charge.balance_transaction'],
    })
    expect(after).toMatchObject({ amount_capturable: 0, amount_received: 1900, status: 'succeeded' })
    expect(charge).toMatchObject({
      amount: 2900,
      amount_captured: 1900,
      amount_refunded: 1000,
      balance_transaction: { amount: 1900, fee: 85, net: 1815 },
      captured: true,
      refunded: false,
    })
  })

  it('does not take more than was authorized, nor twice', async () => {
    const { stripe, pay } = await start()
    const { id } = await pay({ capture_method: 'manual' })
    expect(await refusalOf(stripe.paymentIntents.capture(id, { amount_to_capture: 3000 }))).toMatchObject({
      status: 400,
      code: 'amount_too_large',
    })
    await stripe.paymentIntents.capture(id)
    expect((await refusalOf(stripe.paymentIntents.capture(id))).message).toBe(
      'This PaymentIntent could not be captured because it has already been captured.',
    )
    const other = await pay({ capture_method: 'manual' })
    await stripe.paymentIntents.capture(other.id, { amount_to_capture: 1900 })
    expect((await refusalOf(stripe.paymentIntents.capture(other.id))).message).toBe(
      'The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized amount has been released.',
    )
  })

  it('gives the authorization back when it is canceled', async () => {
    const { stripe, pay, eventsOf } = await start()
    const { id } = await pay({ capture_method: 'manual' })
    const events = await eventsOf(async () => {
      const canceled = await stripe.paymentIntents.cancel(id, { cancellation_reason: 'requested_by_customer' })
      expect(canceled).toMatchObject({
        amount_capturable: 0,
        canceled_at: expect.any(Number),
        cancellation_reason: 'requested_by_customer',
        status: 'canceled',
      })
    })
    expect(events).toEqual(['charge.refunded', 'payment_intent.canceled'])
    const [charge] = (await stripe.charges.list({ payment_intent: id })).data
    expect(charge).toMatchObject({ amount_refunded: 2900, captured: false, refunded: true })
    expect((await stripe.balanceTransactions.list()).data).toEqual([])
  })
})

describe('what Stripe refuses', () => {
  it('are amounts and currencies that it does not charge', async () => {
    const { stripe } = await startTestStripe()
    const create = (amount: number, currency = 'usd') => refusalOf(stripe.paymentIntents.create({ amount, currency }))
    expect(await create(49)).toEqual({
      status: 400,
      code: 'amount_too_small',
      param: 'amount',
      message: 'Amount must be at least $0.50 usd',
    })
    expect(await create(100_000_000)).toMatchObject({
      code: 'amount_too_large',
      message: 'Amount must be no more than $999,999.99 usd',
    })
    expect(await create(0)).toMatchObject({ code: 'parameter_invalid_integer', param: 'amount' })
    expect(await create(1000, 'xyz')).toMatchObject({ message: expect.stringContaining('Invalid currency: xyz.') })
  })

  it('is a statement descriptor where a card is named, or one that no statement can show', async () => {
    const { stripe } = await startTestStripe()
    const create = (more: object) => stripe.paymentIntents.create({ amount: 1000, currency: 'usd', ...more })
    const refused = await refusalOf(
      create({ allowed_payment_method_types: ['card'], statement_descriptor: 'COFFEE AT OURS' }),
    )
    expect(refused).toMatchObject({ status: 400, param: 'statement_descriptor' })
    expect(refused.message).toMatch(
      /^The statement_descriptor parameter is not supported for the payment_method_type `card`\./,
    )
    expect((await refusalOf(create({ statement_descriptor: 'x'.repeat(23) }))).message).toBe(
      'The statement descriptor must be at most 22 characters.',
    )
    const suffixed = await create({ allowed_payment_method_types: ['card'], statement_descriptor_suffix: 'COFFEE' })
    expect(suffixed.statement_descriptor_suffix).toBe('COFFEE')
  })

  it('is a confirmation that might need a return_url and has none', async () => {
    const { stripe, customer, method } = await start()
    const create = stripe.paymentIntents.create({
      amount: 2900,
      currency: 'usd',
      customer,
      payment_method: method,
      confirm: true,
    })
    expect((await refusalOf(create)).message).toContain('you must provide a `return_url`')
  })

  it('is a confirmation without a payment method, or of what is paid', async () => {
    const { stripe, customer, pay } = await start()
    const { id } = await stripe.paymentIntents.create({ amount: 2900, currency: 'usd' })
    expect(await refusalOf(stripe.paymentIntents.confirm(id, { return_url }))).toEqual({
      status: 400,
      code: 'payment_intent_unexpected_state',
      message:
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    })
    const mine = await stripe.paymentIntents.create({ amount: 2900, currency: 'usd', customer })
    expect((await refusalOf(stripe.paymentIntents.confirm(mine.id, { return_url }))).message).toContain(
      `To confirm the PaymentIntent with ${customer}, specify a payment method attached to this customer`,
    )
    const paid = await pay()
    expect(await refusalOf(stripe.paymentIntents.confirm(paid.id, { return_url }))).toMatchObject({
      code: 'payment_intent_unexpected_state',
      message:
        'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
    })
  })

  it('is somebody else’s card', async () => {
    const { stripe, customer, method, pay } = await start()
    const other = (await stripe.customers.create()).id
    expect((await refusalOf(pay({ customer: other }))).message).toBe(
      `The PaymentMethod ${method} does not belong to the Customer you supplied ${other}. Please use this PaymentMethod with the Customer that it belongs to instead.`,
    )
    const nobody = stripe.paymentIntents.create({
      amount: 2900,
      currency: 'usd',
      payment_method: method,
      confirm: true,
      return_url,
    })
    expect((await refusalOf(nobody)).message).toBe(
      `The \`payment_method\` parameter supplied ${method} belongs to the Customer ${customer}. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`,
    )
  })

  it('is to change the amount, to cancel or to look up what cannot be', async () => {
    const { stripe, pay } = await start()
    const { id } = await pay()
    expect((await refusalOf(stripe.paymentIntents.update(id, { amount: 100 }))).message).toContain(
      "This PaymentIntent's amount could not be updated because it has a status of succeeded.",
    )
    expect((await stripe.paymentIntents.update(id, { metadata: { a: 'b' } })).metadata).toEqual({ a: 'b' })
    expect((await refusalOf(stripe.paymentIntents.cancel(id))).message).toContain(
      'You cannot cancel this PaymentIntent because it has a status of succeeded.',
    )
    expect(await refusalOf(stripe.paymentIntents.retrieve('pi_x'))).toEqual({
      status: 404,
      code: 'resource_missing',
      param: 'intent',
      message: "No such payment_intent: 'pi_x'",
    })
  })

  it('is answered 501 where Stripe Local cannot do what is asked', async () => {
    const { stripe } = await startTestStripe()
    const create = stripe.paymentIntents.create({ amount: 2900, currency: 'usd', application_fee_amount: 100 })
    expect(await refusalOf(create)).toMatchObject({ status: 501, code: 'not_supported_by_stripe_local' })
  })
})
