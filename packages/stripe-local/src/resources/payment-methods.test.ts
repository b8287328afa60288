import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'
import { moveClock } from '../../testing/clock.ts'

const noAddress = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }

/** The whole envelope of a refusal. */
async function errorOf(request: Promise<unknown>): Promise<Stripe.StripeRawError> {
  const error = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Stripe.errors.StripeError)) throw new Error('The request was expected to be refused.')
  return error.raw as Stripe.StripeRawError
}

describe('a ready-made payment method', () => {
  it('is copied when it is attached, complete and checked', async () => {
    const { stripe } = await startTestStripe()
    const customer = await stripe.customers.create()
    const { lastResponse: _, ...method } = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    const today = new Date(method.created * 1000)
    expect(method).toEqual({
      id: expect.stringMatching(/^pm_1[A-Za-z0-9]{23}$/),
      object: 'payment_method',
      allow_redisplay: 'unspecified',
      billing_details: { address: noAddress, email: null, name: null, phone: null, tax_id: null },
      card: {
        brand: 'visa',
        checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
        country: 'US',
        display_brand: 'visa',
        exp_month: today.getUTCMonth() + 1,
        exp_year: today.getUTCFullYear() + 1,
        fingerprint: expect.stringMatching(/^[A-Za-z0-9]{16}$/),
        funding: 'credit',
        generated_from: null,
        last4: '4242',
        networks: { available: ['visa'], preferred: null },
        regulated_status: 'unregulated',
        three_d_secure_usage: { supported: true },
        wallet: null,
      },
      created: expect.any(Number),
      customer: customer.id,
      customer_account: null,
      livemode: false,
      metadata: {},
      type: 'card',
    })
  })

  it('is a new payment method each time', async () => {
    const { stripe } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    const first = await stripe.paymentMethods.attach('pm_card_amex', { customer })
    const second = await stripe.paymentMethods.attach('pm_card_amex', { customer })
    expect(second.id).not.toBe(first.id)
    expect(second.card?.fingerprint).toBe(first.card?.fingerprint)
    expect(first.card).toMatchObject({ brand: 'amex', display_brand: 'american_express', last4: '8431' })
    const { data } = await stripe.customers.listPaymentMethods(customer)
    expect(data.map(({ id }) => id)).toEqual([second.id, first.id])
  })

  it('may come with a new customer and be the default at once', async () => {
    const { stripe } = await startTestStripe()
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    })
    const [method] = (await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })).data
    expect(customer.invoice_settings.default_payment_method).toBe(method?.id)
  })
})

describe('a card', () => {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2040, cvc: '123' }

  it('is made of its number, which nobody sees again, and checked when it is attached', async () => {
    const { stripe } = await startTestStripe()
    const made = await stripe.paymentMethods.create({
      type: 'card',
      card,
      billing_details: { name: 'Ada', address: { line1: '1 Main St', postal_code: '12345', country: 'US' } },
    })
    expect(made.customer).toBeNull()
    expect(made.card?.checks).toEqual({
      address_line1_check: 'unchecked',
      address_postal_code_check: 'unchecked',
      cvc_check: 'unchecked',
    })
    const customer = await stripe.customers.create()
    const attached = await stripe.paymentMethods.attach(made.id, { customer: customer.id })
    expect(attached.card?.checks?.cvc_check).toBe('pass')
    expect(attached.card?.checks?.address_postal_code_check).toBe('pass')
    const { data } = await stripe.events.list({ limit: 100 })
    expect(JSON.stringify([made, attached, data])).not.toContain(card.number)
  })

  it('is made of a token', async () => {
    const { stripe } = await startTestStripe()
    const made = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_mastercard' } })
    expect(made.card).toMatchObject({ brand: 'mastercard', last4: '4444' })
    expect(await refusalOf(stripe.paymentMethods.create({ type: 'card', card: { token: 'pm_card_visa' } }))).toEqual({
      status: 400,
      message: 'Invalid token id: pm_card_visa',
      param: 'token',
    })
  })

  it('is made of a token of its own, once', async () => {
    const { stripe } = await startTestStripe()
    const token = await stripe.tokens.create({ card: { ...card, exp_month: '12', exp_year: '2040', name: 'Ada' } })
    expect(token).toMatchObject({ card: { brand: 'Visa', last4: '4242', name: 'Ada' }, type: 'card', used: false })
    const made = await stripe.paymentMethods.create({ type: 'card', card: { token: token.id } })
    expect(made).toMatchObject({ billing_details: { name: 'Ada' }, card: { exp_year: 2040, last4: '4242' } })
    expect((await stripe.tokens.retrieve(token.id)).used).toBe(true)
    expect(await refusalOf(stripe.paymentMethods.create({ type: 'card', card: { token: token.id } }))).toMatchObject({
      code: 'token_already_used',
      message: `You cannot use a Stripe token more than once: ${token.id}.`,
    })
  })

  it('is refused when somebody types a real one', async () => {
    const { stripe } = await startTestStripe()
    const real = { ...card, number: '4012888888881881' }
    expect(await refusalOf(stripe.paymentMethods.create({ type: 'card', card: real }))).toMatchObject({
      status: 402,
      code: 'card_declined',
      message: expect.stringContaining('used a non test (live) card'),
    })
  })

  it('needs its parts', async () => {
    const { stripe } = await startTestStripe()
    const { number: _, ...incomplete } = card
    expect(await refusalOf(stripe.paymentMethods.create({ type: 'card' }))).toMatchObject({ param: 'card' })
    expect(await refusalOf(stripe.paymentMethods.create({ type: 'card', card: incomplete }))).toMatchObject({
      message: 'Missing required param: card[number].',
    })
  })
})

describe('attaching', () => {
  it('of a card that declines answers 402 with the codes of the decline', async () => {
    const { stripe } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    const error = await errorOf(stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer }))
    expect(error).toMatchObject({
      statusCode: 402,
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      advice_code: 'try_again_later',
      network_decline_code: '01',
      doc_url: 'https://stripe.com/docs/error-codes/card-declined',
      message: 'Your card was declined.',
    })
    expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([])
  })

  it('tells each decline in Stripe’s words', async () => {
    const { stripe } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    const tell = async (name: string) => {
      const error = await errorOf(stripe.paymentMethods.attach(name, { customer }))
      return [error.code, error.decline_code, error.message]
    }
    expect(await tell('pm_card_visa_chargeDeclinedInsufficientFunds')).toEqual([
      'card_declined',
      'insufficient_funds',
      'Your card has insufficient funds.',
    ])
    expect(await tell('pm_card_chargeDeclinedExpiredCard')).toEqual([
      'expired_card',
      'expired_card',
      'Your card has expired.',
    ])
    expect(await tell('pm_card_chargeDeclinedIncorrectCvc')).toEqual([
      'incorrect_cvc',
      'incorrect_cvc',
      "Your card's security code is incorrect.",
    ])
    expect(await tell('pm_card_chargeDeclinedProcessingError')).toEqual([
      'processing_error',
      'processing_error',
      'An error occurred while processing your card. Try again in a little bit.',
    ])
  })

  it('of what does not exist answers 404, and to a customer who does not exist 400', async () => {
    const { stripe } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    expect(await refusalOf(stripe.paymentMethods.attach('abcd', { customer }))).toEqual({
      status: 404,
      code: 'resource_missing',
      param: 'payment_method',
      message:
        "No such PaymentMethod: 'abcd'; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this request on that connected account. Learn more at https://stripe.com/docs/connect/authentication",
    })
    expect(await refusalOf(stripe.paymentMethods.attach('pm_card_visa', { customer: 'cus_x' }))).toEqual({
      status: 400,
      code: 'resource_missing',
      param: 'customer',
      message: "No such customer: 'cus_x'",
    })
    expect(await refusalOf(stripe.paymentMethods.attach('pm_card_visa', {}))).toMatchObject({
      message: 'Must provide customer or customer_account.',
    })
  })

  it('twice to the same customer changes nothing, and to another one is refused', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    const [ada, bob] = [(await stripe.customers.create()).id, (await stripe.customers.create()).id]
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer: ada })
    expect(await eventsOf(() => stripe.paymentMethods.attach(id, { customer: ada }))).toEqual([])
    expect(await refusalOf(stripe.paymentMethods.attach(id, { customer: bob }))).toMatchObject({
      status: 400,
      message: 'The payment method you provided has already been attached to a customer.',
    })
  })
})

describe('detaching', () => {
  it('takes the default away as well, and tells of both', async () => {
    const { stripe, eventsOf, lastEvent } = await startTestStripe()
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    })
    const id = customer.invoice_settings.default_payment_method as string
    expect(await eventsOf(() => stripe.paymentMethods.detach(id))).toEqual([
      'customer.updated',
      'payment_method.detached',
    ])
    expect((await lastEvent('payment_method.detached')).data.previous_attributes).toEqual({ customer: customer.id })
    const after = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer
    expect(after.invoice_settings.default_payment_method).toBeNull()
  })

  it('leaves a subscription that names it with nothing to charge: the renewal fails, and the clock goes on', async () => {
    const { local, stripe } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer })
    const product = (await stripe.products.create({ name: 'Pro' })).id
    const price_data = { currency: 'usd', product, unit_amount: 1900, recurring: { interval: 'month' } } as const
    const subscription = await stripe.subscriptions.create({
      customer,
      default_payment_method: id,
      items: [{ price_data }],
    })
    await stripe.paymentMethods.detach(id)
    await moveClock(local, { months: 1, days: 1 })
    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'past_due' })
  })

  it('is for good', async () => {
    const { stripe } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer })
    await stripe.paymentMethods.detach(id)
    expect((await refusalOf(stripe.paymentMethods.detach(id))).message).toBe(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
    )
    expect((await refusalOf(stripe.paymentMethods.attach(id, { customer }))).message).toBe(
      'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.',
    )
  })
})

describe('updating', () => {
  it('changes what is named, tells what it was, and needs a customer', async () => {
    const { stripe, lastEvent } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer })
    const updated = await stripe.paymentMethods.update(id, {
      billing_details: { name: 'Ada', address: { city: 'London' } },
      card: { exp_month: 1, exp_year: 2041 },
      metadata: { slot: 'main' },
    })
    expect(updated.billing_details).toMatchObject({ name: 'Ada', address: { ...noAddress, city: 'London' } })
    expect(updated.card).toMatchObject({ exp_month: 1, exp_year: 2041, last4: '4242' })
    expect((await lastEvent('payment_method.updated')).data.previous_attributes).toMatchObject({
      billing_details: { name: null },
    })
    const loose = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
    expect((await refusalOf(stripe.paymentMethods.update(loose.id, { metadata: { a: 'b' } }))).message).toBe(
      'You must save this PaymentMethod to a customer before you can update it.',
    )
  })
})

describe('other types', () => {
  it('hold what Stripe keeps of them', async () => {
    const { stripe } = await startTestStripe()
    const sepa = await stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban: 'DK50 0040 0440 1162 43' },
      billing_details: { name: 'Test User', email: 'test@example.org' },
    })
    expect(sepa.sepa_debit).toEqual({
      bank_code: '0040',
      branch_code: '',
      country: 'DK',
      fingerprint: expect.stringMatching(/^\w{16}$/),
      generated_from: { charge: null, setup_attempt: null },
      last4: '6243',
    })
    const sofort = await stripe.paymentMethods.create({ type: 'sofort', sofort: { country: 'DE' } })
    expect(sofort.sofort).toEqual({ country: 'DE' })
    expect((await stripe.paymentMethods.create({ type: 'alipay' })).alipay).toEqual({})
  })

  it('show of a bank account what Stripe shows of one at its test bank', async () => {
    const { stripe } = await startTestStripe()
    const fingerprint = expect.stringMatching(/^\w{16}$/)
    const us = await stripe.paymentMethods.create({
      type: 'us_bank_account',
      us_bank_account: {
        account_holder_type: 'individual',
        account_number: '000123456789',
        routing_number: '110000000',
      },
    })
    expect(us.us_bank_account).toEqual({
      account_holder_type: 'individual',
      account_type: 'checking',
      bank_name: 'STRIPE TEST BANK',
      financial_connections_account: null,
      fingerprint,
      last4: '6789',
      networks: { preferred: 'ach', supported: ['ach'] },
      routing_number: '110000000',
      status_details: {},
    })
    const acss = await stripe.paymentMethods.create({
      type: 'acss_debit',
      acss_debit: { account_number: '000123456789', institution_number: '000', transit_number: '11000' },
    })
    expect(acss.acss_debit).toEqual({
      bank_name: 'STRIPE TEST BANK',
      fingerprint,
      institution_number: '000',
      last4: '6789',
      transit_number: '11000',
    })
    const becs = await stripe.paymentMethods.create({
      type: 'au_becs_debit',
      au_becs_debit: { account_number: '000123456', bsb_number: '000000' },
    })
    expect(becs.au_becs_debit).toEqual({ bsb_number: '000000', fingerprint, last4: '3456' })
    const bacs = await stripe.paymentMethods.create({
      type: 'bacs_debit',
      bacs_debit: { account_number: '00012345', sort_code: '10-88-00' },
    })
    expect(bacs.bacs_debit).toEqual({ fingerprint, last4: '2345', sort_code: '108800' })
  })

  it('of a bank of which nothing is known, or kept without a mandate, are not made up', async () => {
    const { stripe } = await startTestStripe()
    const elsewhere = stripe.paymentMethods.create({
      type: 'us_bank_account',
      us_bank_account: { account_number: '000123456789', routing_number: '021000021' },
    })
    expect(await refusalOf(elsewhere)).toMatchObject({ status: 501 })
    const customer = (await stripe.customers.create()).id
    const paypal = await stripe.paymentMethods.create({ type: 'paypal' })
    expect(paypal.paypal).toEqual({ country: null, payer_email: null, payer_id: null })
    for (const id of [paypal.id, 'pm_usBankAccount_success'])
      expect(await refusalOf(stripe.paymentMethods.attach(id, { customer }))).toMatchObject({ status: 501 })
  })

  it('name the bank by its code where iDEAL is told of one, and keep the birthday that Klarna is told', async () => {
    const { stripe } = await startTestStripe()
    const ideal = await stripe.paymentMethods.create({ type: 'ideal', ideal: { bank: 'ing' } })
    expect(ideal.ideal).toEqual({ bank: 'ing', bic: 'INGBNL2A' })
    const dob = { day: 1, month: 2, year: 1990 }
    expect((await stripe.paymentMethods.create({ type: 'klarna', klarna: { dob } })).klarna).toEqual({ dob })
    expect((await stripe.paymentMethods.create({ type: 'klarna' })).klarna).toEqual({})
    const fpx = await stripe.paymentMethods.create({ type: 'fpx', fpx: { bank: 'maybank2u' } })
    expect(fpx.fpx).toEqual({ account_holder_type: null, bank: 'maybank2u' })
  })

  it('refuse an IBAN with a slip in it', async () => {
    const { stripe } = await startTestStripe()
    const create = stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban: 'DK5100400440116243' },
      billing_details: { name: 'Test User', email: 'test@example.org' },
    })
    expect(await refusalOf(create)).toMatchObject({ status: 400, code: 'invalid_bank_account_iban' })
  })
})
