import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { AnyObject, Kinds } from '../kinds.ts'
import { ApiError, invalidRequest, missingParameter, noSuch, notSupported } from '../protocol/errors.ts'
import type { Stored } from '../wire.ts'
import { numberOfReadyMadeBank } from './bank-accounts.ts'
import { billingDetailsOf } from './billing-details.ts'
import { cardShown, cardSourcesOf, isCardSource } from './card-sources.ts'
import { checkCardData, findTestCard, fingerprintOf, numberOfReadyMade, type TestCard, testCardOf } from './cards.ts'
import { declines } from './declines.ts'
import { ibanOf } from './ibans.ts'
import { declineError } from './payment-errors.ts'
import { detailsOf } from './payment-method-details.ts'

export type PaymentMethod = Kinds['payment_method']
type Card = Stored<Stripe.PaymentMethod.Card>
type BillingDetailsParam = Stripe.PaymentMethodCreateParams.BillingDetails

/** What is typed into a card form. */
export type CardData = {
  number: string
  exp_month: number
  exp_year: number
  cvc?: string | undefined
  billing_details?: BillingDetailsParam | undefined
}

/** Types that can be kept for a customer as they are, without a setup intent. */
const reusableTypes = new Set(['card', 'sepa_debit'])

/** Types that Stripe keeps once a mandate was given or the customer has approved, of which there is nothing here. */
const mandateTypes = new Set(
  'acss_debit amazon_pay au_becs_debit bacs_debit cashapp klarna paypal revolut_pay us_bank_account'.split(' '),
)

/**
 * Makes a payment method of a test card that somebody has typed in, attached to nobody.
 *
 * Throws an ApiError (402): `incorrect_number`, `card_declined` for what is no test card, `invalid_expiry_month`, `invalid_expiry_year`,
 * `invalid_cvc`.
 *
 * @example createCardPaymentMethod(account, { number: '4242 4242 4242 4242', exp_month: 12, exp_year: 2034, cvc: '123' })
 */
export function createCardPaymentMethod(account: Account, data: CardData): PaymentMethod {
  const card = testCardOf(data.number)
  const expiry = checkCardData(card, data, account.now)
  return keep(account, card.number, {
    ...newPaymentMethod(account, 'card', data.billing_details),
    card: cardOf(account, card, expiry, data.cvc !== undefined),
  })
}

/** https://docs.stripe.com/api/payment_methods/create */
export function createPaymentMethod(account: Account, params: Stripe.PaymentMethodCreateParams): PaymentMethod {
  if (params.customer || params.payment_method) {
    throw params.payment_method
      ? notSupported('cloning of payment methods for connected accounts')
      : invalidRequest(
          'You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the PaymentMethod and then attach it using the attachment method of the PaymentMethods API.',
        )
  }
  if (!params.type) throw missingParameter('type')
  if (params.radar_options) throw notSupported('sessions of Radar')
  const method = createOfType(account, params.type, params)
  return account.update('payment_method', method.id, {
    allow_redisplay: params.allow_redisplay ?? 'unspecified',
    metadata: params.metadata ? { ...(params.metadata as Record<string, string>) } : {},
  })
}

function createOfType(account: Account, type: string, params: Stripe.PaymentMethodCreateParams): PaymentMethod {
  if (type === 'card') return createOfCardParams(account, params.card, params.billing_details)
  const details = detailsOf(account.id, type, params)
  return keep(account, numberOf(type, params), {
    ...newPaymentMethod(account, type, params.billing_details),
    ...details,
  })
}

/** What a debit comes to is told by the number of the account. */
function numberOf(type: string, { sepa_debit, us_bank_account }: Stripe.PaymentMethodCreateParams): string {
  if (type === 'sepa_debit' && sepa_debit) return ibanOf(sepa_debit.iban)
  return (type === 'us_bank_account' && us_bank_account?.account_number) || type
}

function createOfCardParams(
  account: Account,
  params: Stripe.PaymentMethodCreateParams.Card | undefined,
  billingDetails: BillingDetailsParam | undefined,
): PaymentMethod {
  if (!params) throw missingParameter('card')
  if (params.token !== undefined) return createOfToken(account, params.token, billingDetails)
  const { number, exp_month, exp_year, cvc } = params
  if (number === undefined) throw missingParameter('card[number]')
  if (exp_month === undefined) throw missingParameter('card[exp_month]')
  if (exp_year === undefined) throw missingParameter('card[exp_year]')
  return createCardPaymentMethod(account, { number, exp_month, exp_year, cvc, billing_details: billingDetails })
}

/** A token is used once; the ready-made ones such as `tok_visa` as often as one likes. */
function createOfToken(account: Account, id: string, billingDetails?: BillingDetailsParam): PaymentMethod {
  const readyMade = id.startsWith('tok_') ? numberOfReadyMade(id) : undefined
  if (readyMade) return createReadyMade(account, readyMade, billingDetails)
  const token = account.find('token', id)
  const number = account.find('local.card', id)?.number
  if (!token?.card || !number) throw invalidRequest(`Invalid token id: ${id}`, 'token')
  if (token.used) {
    throw invalidRequest(`You cannot use a Stripe token more than once: ${id}.`, 'token', 'token_already_used')
  }
  account.update('token', id, { used: true })
  const { cvc_check, exp_month, exp_year, name } = token.card
  const details = billingDetails ?? (name ? { name } : undefined)
  return keep(account, number, {
    ...newPaymentMethod(account, 'card', details),
    card: cardOf(account, testCardOf(number), { exp_month, exp_year }, cvc_check !== null),
  })
}

/** A copy of what stands behind `pm_card_visa` or `tok_visa`: it expires in a year. */
function createReadyMade(account: Account, number: string, billingDetails?: BillingDetailsParam): PaymentMethod {
  const today = new Date(account.now * 1000)
  const expiry = { exp_month: today.getUTCMonth() + 1, exp_year: today.getUTCFullYear() + 1 }
  return keep(account, number, {
    ...newPaymentMethod(account, 'card', billingDetails),
    card: cardOf(account, testCardOf(number), expiry, true),
  })
}

/**
 * A card of the old kind out of a token, attached to nobody yet. Of a ready-made one such as `tok_visa` no security code was given.
 *
 * Throws an ApiError (400): `resource_missing` for what is no token, `token_already_used`.
 */
export function createCardOfToken(account: Account, token: string): PaymentMethod {
  const readyMade = token.startsWith('tok_') && numberOfReadyMade(token) !== undefined
  if (!readyMade && !account.find('token', token)) throw noSuch('token', token, 'source')
  const made = createOfToken(account, token)
  const id = account.newId('card')
  const { number } = account.get('local.card', made.id)
  account.remove('local.card', made.id)
  account.remove('payment_method', made.id)
  account.insert('local.card', { id, object: 'local.card', number })
  const { card } = made
  const unchecked = readyMade && card?.checks ? { card: { ...card, checks: { ...card.checks, cvc_check: null } } } : {}
  return account.insert('payment_method', { ...made, ...unchecked, id })
}

/** Ready-made bank accounts, which Stripe has too: to say that there is no such one would be wrong. */
const readyMadeBank = /^pm_(usBankAccount|acssDebit|auBecsDebit|bacsDebit)(_\w+)?$/

/**
 * The payment method that an id names; a ready-made one such as `pm_card_visa` is copied first. Throws Stripe's "No such PaymentMethod".
 *
 * @param status 404 when the id stood in the path
 */
export function paymentMethodOf(
  account: Account,
  id: string,
  param = 'payment_method',
  status: 400 | 404 = 400,
): PaymentMethod {
  const number = id.startsWith('pm_card_') ? numberOfReadyMade(id) : undefined
  if (number) return createReadyMade(account, number)
  const bank = numberOfReadyMadeBank(id)
  if (bank) {
    const us_bank_account = { account_holder_type: 'individual', account_number: bank, routing_number: '110000000' }
    return createOfType(account, 'us_bank_account', { us_bank_account })
  }
  const found = account.find('payment_method', id)
  if (found) return found
  if (readyMadeBank.test(id)) throw notSupported(`the ready-made payment method ${id}`)
  throw new ApiError(
    status,
    `No such PaymentMethod: '${id}'; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this request on that connected account. Learn more at https://stripe.com/docs/connect/authentication`,
    { code: 'resource_missing', param },
  )
}

/**
 * Gives a payment method to a customer, so that it can be used again. Attaching it to the customer that has it already changes nothing.
 *
 * Throws an ApiError: 402 for a card that declines (with `decline_code`, `advice_code`, `network_decline_code`), 404 for an unknown payment
 * method, 400 for an unknown customer or a payment method that cannot be attached (any more).
 *
 * https://docs.stripe.com/api/payment_methods/attach
 */
export function attachPaymentMethod(account: Account, id: string, customerId: string): PaymentMethod {
  return account.atTimeOf(customerId, () => {
    const method = paymentMethodOf(account, id, 'payment_method', 404)
    account.get('customer', customerId, 'customer')
    if (method.customer === customerId) return method
    if (method.customer) {
      throw invalidRequest('The payment method you provided has already been attached to a customer.', 'payment_method')
    }
    if (account.find('local.card', method.id)?.spent) {
      throw invalidRequest(
        'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.',
        'payment_method',
      )
    }
    if (mandateTypes.has(method.type)) throw notSupported(`payment methods of the type ${method.type} on customers`)
    if (!reusableTypes.has(method.type)) {
      throw invalidRequest(
        `The payment method of type \`${method.type}\` cannot be attached to a customer.`,
        'payment_method',
      )
    }
    const decline = testCardBehind(account, method)?.declines
    if (decline) throw declineError(declines[decline])
    const attached = account.update('payment_method', method.id, {
      ...verified(account, method),
      customer: customerId,
    })
    account.emit('payment_method.attached', attached)
    return attached
  })
}

/** Takes a payment method away from its customer, for good. Where it was the default, the customer has none afterwards. */
export function detachPaymentMethod(account: Account, id: string): PaymentMethod {
  const method = paymentMethodOf(account, id, 'payment_method', 404)
  const { customer } = method
  if (!customer) {
    throw invalidRequest('The payment method you provided is not attached to a customer so detachment is impossible.')
  }
  return account.atTimeOf(customer, () => {
    spend(account, method)
    const detached = account.change('payment_method.detached', 'payment_method', method.id, { customer: null })
    if (isCardSource(method.id)) account.emit('customer.source.deleted', cardShown(method) as AnyObject)
    const owner = account.find('customer', customer)
    if (owner && !('deleted' in owner))
      account.change('customer.updated', 'customer', customer, without(account, owner, method))
    return detached
  })
}

/** What a customer has as defaults without a payment method. The newest of the other cards takes the place of a default source. */
function without(account: Account, owner: Kinds['customer'], { id }: PaymentMethod): Partial<Kinds['customer']> {
  const { default_source, invoice_settings: settings } = owner
  return {
    ...(settings.default_payment_method === id && { invoice_settings: { ...settings, default_payment_method: null } }),
    ...(default_source === id && { default_source: cardSourcesOf(account, owner.id).at(-1)?.id ?? null }),
  }
}

/** The test card behind a payment method of the type `card`. */
export function testCardBehind(account: Account, method: PaymentMethod): TestCard | undefined {
  const number = account.find('local.card', method.id)?.number
  return number && method.card ? findTestCard(number) : undefined
}

/** What is not attached can be used once. */
export function spend(account: Account, method: PaymentMethod): void {
  account.update('local.card', method.id, { spent: true })
}

/** The payment method as it is once a bank has looked at it: nothing of the card is unchecked any more. */
export function verified(account: Account, method: PaymentMethod): PaymentMethod {
  const card = testCardBehind(account, method)
  const checks = method.card?.checks
  if (!card || !checks || !method.card) return method
  const result = (check: string | null, outcome: string = 'pass') => (check === 'unchecked' ? outcome : check)
  return {
    ...method,
    card: {
      ...method.card,
      checks: {
        address_line1_check: result(checks.address_line1_check, card.checks?.line1),
        address_postal_code_check: result(checks.address_postal_code_check, card.checks?.postalCode),
        cvc_check: result(checks.cvc_check, card.checks?.cvc),
      },
    },
  }
}

function keep(account: Account, number: string, method: PaymentMethod): PaymentMethod {
  account.insert('local.card', { id: method.id, object: 'local.card', number })
  return account.insert('payment_method', withAddressChecks(method))
}

const newPaymentMethod = (account: Account, type: string, billingDetails?: BillingDetailsParam): PaymentMethod => ({
  id: account.newId('pm'),
  object: 'payment_method',
  allow_redisplay: 'unspecified',
  billing_details: billingDetailsOf(billingDetails),
  created: account.now,
  customer: null,
  customer_account: null,
  livemode: false,
  metadata: {},
  type,
})

const displayBrands: Record<string, string> = { amex: 'american_express', diners: 'diners_club', unionpay: 'union_pay' }

const cardOf = (
  account: Account,
  card: TestCard,
  expiry: { exp_month: number; exp_year: number },
  hasCvc: boolean,
): Card => ({
  brand: card.brand,
  checks: {
    address_line1_check: null,
    address_postal_code_check: null,
    cvc_check: hasCvc ? 'unchecked' : null,
  },
  country: card.country,
  display_brand: displayBrands[card.brand] ?? card.brand,
  ...expiry,
  fingerprint: fingerprintOf(account.id, card.number),
  funding: card.funding,
  generated_from: null,
  last4: card.number.slice(-4),
  networks: { available: [card.brand], preferred: null },
  regulated_status: 'unregulated',
  three_d_secure_usage: { supported: true },
  wallet: null,
})

/** What is given of the address will be checked together with the card. */
function withAddressChecks(method: PaymentMethod): PaymentMethod {
  const { address } = method.billing_details
  if (!method.card?.checks || !address) return method
  const checks = {
    ...method.card.checks,
    address_line1_check: address.line1 ? 'unchecked' : null,
    address_postal_code_check: address.postal_code ? 'unchecked' : null,
  }
  return { ...method, card: { ...method.card, checks } }
}
