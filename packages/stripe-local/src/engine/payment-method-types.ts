import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import { noSuch } from '../protocol/errors.ts'

type Options = Record<string, object>

/** What can be done with a type of payment method. */
type Facts = {
  /** Currencies in which it pays; all of them where nothing is said. */
  currencies?: readonly string[]
  /** A payment can be authorized first and captured later. */
  manualCapture?: true
  /** The customer is sent to another page. */
  redirects?: true
  /** It can be kept and charged while the customer is away. */
  reusable?: true
  /** What `payment_method_options` of an intent says of it: for a payment, for an invoice's payment, for a setup. */
  options: { payment?: object; invoice?: object; setup?: object }
}

const euro = ['eur']
const card = { mandate_options: null, network: null, request_three_d_secure: 'automatic' }

/** The types that the account has switched on, as a new account in the United States has, and what is known of them. */
const facts: Record<string, Facts> = {
  card: {
    manualCapture: true,
    reusable: true,
    options: { payment: { installments: null, ...card }, invoice: { installments: null, ...card }, setup: card },
  },
  acss_debit: {
    currencies: ['usd', 'cad'],
    reusable: true,
    options: {
      payment: { verification_method: 'automatic' },
      invoice: {
        mandate_options: { interval_description: null, payment_schedule: null, transaction_type: null },
        verification_method: 'automatic',
      },
    },
  },
  afterpay_clearpay: {
    currencies: ['usd', 'cad', 'gbp', 'aud', 'nzd', 'eur'],
    manualCapture: true,
    redirects: true,
    options: { payment: { reference: null } },
  },
  alipay: {
    currencies: ['usd', 'cny', 'aud', 'cad', 'eur', 'gbp', 'hkd', 'jpy', 'myr', 'nzd', 'sgd'],
    redirects: true,
    options: { payment: {} },
  },
  bancontact: { currencies: euro, redirects: true, options: { payment: { preferred_language: 'en' } } },
  cashapp: { currencies: ['usd'], redirects: true, reusable: true, options: { invoice: {} } },
  ideal: { currencies: euro, redirects: true, options: { payment: {} } },
  klarna: {
    currencies: ['usd', 'eur', 'gbp', 'dkk', 'nok', 'sek', 'czk', 'pln', 'ron', 'chf', 'aud', 'nzd', 'cad'],
    manualCapture: true,
    redirects: true,
    reusable: true,
    options: { payment: { preferred_locale: null } },
  },
  link: {
    manualCapture: true,
    reusable: true,
    options: { payment: { persistent_token: null }, invoice: { persistent_token: null } },
  },
  sepa_debit: {
    currencies: euro,
    reusable: true,
    options: { payment: { mandate_options: {} }, invoice: { mandate_options: {} } },
  },
  us_bank_account: {
    currencies: ['usd'],
    reusable: true,
    options: {
      payment: {
        financial_connections: { permissions: ['payment_method'], prefetch: [] },
        mandate_options: {},
        transaction_purpose: 'unspecified',
        verification_method: 'automatic',
      },
      invoice: { mandate_options: {}, transaction_purpose: 'unspecified', verification_method: 'automatic' },
      setup: { mandate_options: {}, verification_method: 'automatic' },
    },
  },
  wechat_pay: { currencies: ['usd', 'cny'], options: { payment: { app_id: null, client: null } } },
}

const paymentTypes =
  'card acss_debit afterpay_clearpay alipay bancontact ideal klarna link sepa_debit us_bank_account wechat_pay'
const invoiceTypes = 'acss_debit card cashapp link sepa_debit us_bank_account'
const setupTypes = 'card bancontact ideal sepa_debit acss_debit klarna link us_bank_account'

/** The types that are on. */
export const switchedOn: readonly string[] = Object.keys(facts)

/** What an intent says that narrows the choice. */
export type Narrowing = {
  currency?: string
  captureMethod?: string | undefined
  allowRedirects?: string | undefined
  setupFutureUsage?: string | null | undefined
  excluded?: readonly string[] | null | undefined
  allowed?: readonly string[] | null | undefined
}

/** The types that a payment intent offers when it is left to the account: `card` first, then by name. */
export const typesForPayment = (narrowing: Narrowing): string[] => fitting(paymentTypes, narrowing)

/** The types with which an invoice in this currency can be paid. */
export const typesForInvoice = (currency: string): string[] => fitting(invoiceTypes, { currency })

/** The types that a setup intent offers when it is left to the account. */
export const typesForSetup = (narrowing: Narrowing): string[] => fitting(setupTypes, narrowing)

function fitting(types: string, narrowing: Narrowing): string[] {
  const { currency, captureMethod, allowRedirects, setupFutureUsage, excluded, allowed } = narrowing
  return (allowed ?? types.split(' ')).filter((type) => {
    const { currencies, manualCapture, redirects, reusable } = facts[type] ?? { currencies: undefined }
    return (
      (!currency || !currencies || currencies.includes(currency)) &&
      (captureMethod !== 'manual' || manualCapture) &&
      (allowRedirects !== 'never' || !redirects) &&
      (setupFutureUsage !== 'off_session' || reusable) &&
      !excluded?.includes(type)
    )
  })
}

/**
 * `payment_method_options` of an intent: what Stripe fills in for each of its types, with what was asked for.
 *
 * @param given the parameter of the same name
 */
export function optionsOf(
  types: readonly string[],
  purpose: 'payment' | 'invoice' | 'setup',
  given: object | undefined,
): Stripe.PaymentIntent.PaymentMethodOptions {
  const options: Options = {}
  for (const type of types) {
    const filledIn = facts[type]?.options[purpose]
    const asked = (given as Options | undefined)?.[type]
    if (filledIn || asked) options[type] = { ...filledIn, ...asked }
  }
  return options as Stripe.PaymentIntent.PaymentMethodOptions
}

/** The configuration that says which types are on: each account has one. */
export const configurationOf = (accountId: string): { id: string; parent: null } => ({
  id: `pmc_1${createHash('sha256').update(accountId).digest('hex').slice(0, 23)}`,
  parent: null,
})

/** An account has one configuration; another is Stripe's 400 (`resource_missing`). */
export function checkConfiguration(accountId: string, id: string | undefined): void {
  if (id === undefined || id === configurationOf(accountId).id) return
  throw noSuch('payment_method_configuration', id, 'payment_method_configuration')
}
