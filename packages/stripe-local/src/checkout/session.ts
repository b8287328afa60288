import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { formatMoney, minimumCharge } from '../engine/money.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { checkoutUrl } from '../pages/urls.ts'
import { ApiError, invalidRequest, missingParameter, notSupported } from '../protocol/errors.ts'
import { currencyOf } from '../protocol/values.ts'
import { mergeMetadata } from '../resources/metadata.ts'
import { totalsOf } from './amounts.ts'
import { checkAnchor } from './anchor.ts'
import { chosenFields } from './fields.ts'
import { createSetupIntent } from './intents.ts'
import { itemsOf } from './items.ts'
import { offersOf, shownOffer } from './optional-items.ts'
import { redemptionProblem } from './promotion.ts'
import { checkedMode, checkTrialEnd, expiryOf, type Mode } from './rules.ts'
import { shippingCostOf, shippingOptionsOf } from './shipping.ts'

export type Session = Kinds['checkout.session']
type Params = Stripe.Checkout.SessionCreateParams

/** https://docs.stripe.com/api/checkout/sessions/create */
export function createSession(account: Account, params: Params): Session {
  const mode = checkedMode(params)
  const customer = params.customer === undefined ? null : account.get('customer', params.customer, 'customer')
  const since = account.timeOf(customer?.id)
  checkTrialEnd(params.subscription_data, since)
  const { items, currency } =
    mode === 'setup'
      ? { items: [], currency: setupCurrency(params) }
      : itemsOf(account, params.line_items, mode, params.currency)
  const hosted = (params.ui_mode ?? 'hosted_page') === 'hosted_page'
  const id = `cs_test_${mode === 'setup' ? 'c1' : 'a1'}${randomCharacters(56)}`
  const discounts = mode === 'setup' ? null : discountsOf(account, params.discounts, currency)
  checkAnchor(
    account,
    params.subscription_data,
    items.map(({ price }) => account.get('price', price)),
    since,
  )
  const offers = offersOf(account, params.optional_items, mode, currency ?? 'usd', items)
  const shipping_options = shippingOptionsOf(account, params.shipping_options, currency ?? 'usd')
  const shipping_cost = shippingCostOf(shipping_options)
  const totals = totalsOf(
    account,
    { mode, currency, discounts, customer: customer?.id ?? null, shipping_cost },
    items,
    params.subscription_data,
    since,
  )
  const session = account.insert('checkout.session', {
    id,
    object: 'checkout.session',
    ...chosenFields(account, params, mode),
    amount_subtotal: totals?.amount_subtotal ?? null,
    amount_total: totals?.amount_total ?? null,
    client_secret: hosted ? null : `${id}_secret_${randomCharacters(40)}`,
    consent: null,
    created: account.now,
    currency,
    currency_conversion: null,
    customer: customer?.id ?? null,
    customer_account: null,
    customer_creation: customer || mode === 'setup' ? null : creationOf(params, mode),
    customer_details: detailsBefore(customer, params.customer_email, mode),
    customer_email: params.customer_email ?? null,
    discounts,
    expires_at: expiryOf(params.expires_at, account.now),
    invoice: null,
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    mode,
    ...(params.optional_items && { optional_items: offers.map(shownOffer) }),
    payment_intent: null,
    payment_link: null,
    payment_method_types: paymentMethodTypesOf(params, mode),
    payment_status: mode === 'setup' ? 'no_payment_required' : 'unpaid',
    permissions: null,
    recovered_from: null,
    setup_intent: null,
    shipping_cost,
    shipping_options,
    status: 'open',
    subscription: null,
    total_details: totals?.total_details ?? null,
    url: hosted ? checkoutUrl(account, id) : null,
  })
  account.insert('local.checkout', {
    id,
    object: 'local.checkout',
    items,
    ...(offers.length > 0 && { offers }),
    params: passedOn(params),
    since,
    intent: null,
    payment_method: null,
    lines: null,
  })
  checkDiscounts(account, session)
  checkAmount(session)
  if (mode !== 'setup') return session
  return account.update('checkout.session', id, { setup_intent: createSetupIntent(account, session).id })
}

const setupCurrency = (params: Params): string | null => {
  if (params.currency !== undefined) return currencyOf(params.currency)
  if (params.allowed_payment_method_types) return null
  throw missingParameter('currency')
}

function discountsOf(account: Account, params: Params['discounts'], currency: string | null): Session['discounts'] {
  return (params ?? []).map(({ coupon, promotion_code }, index) => {
    if (coupon !== undefined) account.get('coupon', coupon, `discounts[${index}][coupon]`)
    if (promotion_code !== undefined) {
      account.get('promotion_code', promotion_code, `discounts[${index}][promotion_code]`)
    }
    if (!coupon && !promotion_code)
      throw invalidRequest('You must specify one of `coupon` or `promotion_code`.', `discounts[${index}]`)
    if (!currency) throw missingParameter('currency')
    return { coupon: coupon ?? null, promotion_code: promotion_code ?? null }
  })
}

function checkDiscounts(account: Account, session: Session): void {
  for (const discount of session.discounts ?? []) {
    const problem = redemptionProblem(account, session, discount)
    if (problem) throw problem
  }
}

/** What is charged at all must be worth charging. */
function checkAmount({ mode, amount_total, currency }: Session): void {
  if (mode === 'setup' || !amount_total || !currency) return
  const least = minimumCharge(currency)
  if (amount_total >= least) return
  throw new ApiError(
    400,
    `The Checkout Session's total amount due must add up to at least ${formatMoney(least, currency)} ${currency}`,
    { code: 'amount_too_small' },
  )
}

/** An invoice is somebody's: a payment that makes one makes a customer, too. */
const creationOf = (params: Params, mode: Mode): Session['customer_creation'] =>
  params.customer_creation ?? (mode === 'subscription' || params.invoice_creation?.enabled ? 'always' : 'if_required')

/** What is known of the customer before anything was entered. */
function detailsBefore(
  customer: Kinds['customer'] | null,
  email: string | undefined,
  mode: Mode,
): Session['customer_details'] {
  if (!customer && email === undefined) return null
  return {
    address: null,
    business_name: null,
    email: customer?.email ?? email ?? null,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: mode === 'setup' ? null : (customer?.tax_exempt ?? 'none'),
    tax_ids: null,
  }
}

/** Ways to pay that the pages here have. A session that allows others as well offers these. */
const offered = ['card', 'sepa_debit']

function paymentMethodTypesOf(params: Params, mode: Mode): string[] {
  const allowed = params.allowed_payment_method_types ?? ['card']
  const excluded: readonly string[] = params.excluded_payment_method_types ?? []
  const types = allowed.filter((type) => offered.includes(type) && !excluded.includes(type))
  if (types.length > 0) return types
  throw notSupported(`Checkout in ${mode} mode by ${allowed.join(', ') || 'nothing'}: it has ${offered.join(' and ')}`)
}

const passedOn = ({ customer_update, payment_intent_data, setup_intent_data, subscription_data }: Params) => ({
  ...(customer_update && { customer_update }),
  ...(payment_intent_data && { payment_intent_data }),
  ...(setup_intent_data && { setup_intent_data }),
  ...(subscription_data && { subscription_data }),
})
