import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, missingParameter, noSuch } from '../../protocol/errors.ts'
import { currencyOf } from '../../protocol/values.ts'
import { customerMethod } from '../collection.ts'
import { createInvoice, pendingItems } from '../invoices/create.ts'
import { finalizeInvoice } from '../invoices/finalize.ts'
import { markPaid } from '../invoices/paid.ts'
import type { Invoice } from '../invoices/totals.ts'
import { amountFor, termsIn } from '../pricing.ts'
import { redeemAll } from '../redeem.ts'
import { addOneTimeItems } from './add-invoice-items.ts'
import { discountsLeft } from './bill-now.ts'
import { nextPendingInvoice } from './bill-pending.ts'
import { currentStatus, savedMethod } from './collected.ts'
import { scheduledEnd } from './ending.ts'
import { blankSubscription, settingsOf } from './fields.ts'
import { firstLines } from './first-period.ts'
import {
  checkItems,
  type Item,
  type ItemParam,
  itemList,
  newItem,
  type Price,
  priceOf,
  type Subscription,
} from './items.ts'
import { type PaidNow, type PaymentBehavior, payNow } from './pay-now.ts'
import { createPendingSetup, wantsApproval } from './pending-setup.ts'
import { discountsOf } from './prorations.ts'
import { checkThresholds } from './thresholds.ts'
import { beginningOf, type Timing } from './timing.ts'

/** Where a subscription comes from, and how its first invoice is paid when not as `payment_behavior` says. */
export type FirstPayment = {
  /** A payment intent that has succeeded already, for exactly what is due: a Checkout was paid before its subscription began. */
  paidBy?: string
  /** What the subscription was bought in, for its discounts. */
  checkoutSession?: string
  /** When it was sold: the time up to its billing cycle anchor is charged from then on. */
  since?: number
  /** The schedule that begins it. */
  schedule?: string
}

/**
 * Begins a subscription, with its first invoice and the payment of that: https://docs.stripe.com/api/subscriptions/create
 *
 * Errors: `resource_missing` (customer, price, payment method; nothing to pay with), with `error_if_incomplete` the 402 of the payment.
 * What it throws must undo the unit of work, or the `attempt` around it: objects were made on the way.
 *
 * @example
 * // a Checkout whose payment has succeeded:
 * createSubscription(account, { customer, items: [{ price }] }, { paidBy: intent.id })
 */
export function createSubscription(
  account: Account,
  params: Stripe.SubscriptionCreateParams,
  payment: FirstPayment = {},
): Subscription {
  return begin(account, params, payment, (begun) => complete(account, begun, params, payment))
}

/**
 * The first invoice that a subscription would have, drafted and not paid. It makes objects on the way: whoever asks undoes them.
 * Undefined when there would be none.
 */
export const draftSubscription = (
  account: Account,
  params: Stripe.SubscriptionCreateParams,
  payment: FirstPayment = {},
): Invoice | undefined => begin(account, params, payment, ({ invoice }) => invoice)

/** A subscription with its first invoice, before that is paid. */
type Begun = { subscription: Subscription; invoice: Invoice | undefined }

function begin<T>(
  account: Account,
  params: Stripe.SubscriptionCreateParams,
  payment: FirstPayment,
  then: (begun: Begun) => T,
): T {
  if (!params.customer) throw missingParameter('customer')
  const customer = account.find('customer', params.customer)
  if (!customer || 'deleted' in customer) throw noSuch('customer', params.customer, 'customer', 404)
  if (!params.items?.length) throw missingParameter('items')
  if (params.payment_behavior === 'pending_if_incomplete') {
    throw invalidRequest(
      'Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.',
      'payment_behavior',
    )
  }
  return account.atTimeOf(customer.id, () => then(prepare(account, params, payment)))
}

function prepare(account: Account, params: Stripe.SubscriptionCreateParams, payment: FirstPayment): Begun {
  const customer = account.get('customer', params.customer ?? '', 'customer')
  const isSold = payment.checkoutSession !== undefined
  const prices = (params.items ?? []).map((param, i) => pricedItem(account, param as ItemParam, i, isSold))
  const currency = params.currency ? currencyOf(params.currency) : (prices[0]?.price.currency ?? 'usd')
  refuseOtherCurrencies(prices, currency, params.currency !== undefined)
  if (customer.currency !== null && customer.currency !== undefined && customer.currency !== currency) {
    throw invalidRequest(
      `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${customer.currency}`,
      'currency',
    )
  }
  const timing = beginningOf(
    account,
    params,
    prices.map(({ price }) => price),
    payment.since,
  )
  const id = account.newId('sub')
  const blank = blankSubscription(account, {
    id,
    anchor: timing.anchor.time,
    billing_mode: billingModeOf(params.billing_mode, account.now),
    currency,
    customer: customer.id,
    start: timing.start,
    test_clock: customer.test_clock ?? null,
  })
  const owner = {
    customer: customer.id,
    subscription: id,
    ...(payment.checkoutSession && { checkout_session: payment.checkoutSession }),
  }
  const items = prices.map(({ param, price }, i) =>
    newItem(account, blank, owner, param, price, timing.periodOf(price), `items[${i}]`),
  )
  checkItems(blank, items)
  const settled: Subscription = {
    ...blank,
    ...settingsOf(account, blank, params),
    billing_cycle_anchor_config: timing.anchorConfig,
    discounts: redeemAll(account, params.discounts, owner, currency, 'discounts', costOf(items, currency, timing)),
    items: itemList(id, items),
    ...(payment.schedule && { schedule: payment.schedule }),
    trial_end: timing.trialEnd,
    trial_start: timing.trialEnd === null ? null : account.now,
  }
  checkThresholds(account, settled)
  account.insert('subscription', { ...settled, ...scheduledEnd(account, settled, params) })
  addOneTimeItems(account, settled, params.add_invoice_items ?? [])
  const invoice = firstInvoice(account, account.get('subscription', id), timing)
  return { subscription: account.get('subscription', id), invoice }
}

function complete(
  account: Account,
  { subscription: begun, invoice }: Begun,
  params: Stripe.SubscriptionCreateParams,
  payment: FirstPayment,
): Subscription {
  const paid = pay(account, invoice, params, payment)
  const subscription = account.update('subscription', begun.id, {
    ...outcomeOf(account, begun, invoice, paid),
    next_pending_invoice_item_invoice: nextPendingInvoice(begun, account.now),
    pending_setup_intent: setupIntentFor(account, begun, paid),
  })
  account.emit('customer.subscription.created', subscription)
  return subscription
}

/** What is bought now, in minor units, which a promotion code may ask to be enough: nothing in a trial. */
const costOf = (items: readonly Item[], currency: string, { trialEnd }: Timing): number =>
  trialEnd === null
    ? items.reduce((sum, { price, quantity }) => sum + amountFor(termsIn(price, currency) ?? price, quantity ?? 0), 0)
    : 0

type Priced = { param: ItemParam; price: Price }

function pricedItem(account: Account, param: ItemParam, index: number, isSold: boolean): Priced {
  const price = priceOf(account, param, `items[${index}]`, isSold)
  if (!price) throw missingParameter(`items[${index}][price]`)
  return { param, price }
}

function refuseOtherCurrencies(items: readonly Priced[], currency: string, wasGiven: boolean): void {
  if (wasGiven) return
  const index = items.findIndex(({ price }) => price.currency !== currency)
  const other = items[index]
  if (!other) return
  throw invalidRequest(
    `This \`price\` has \`currency=${other.price.currency}\`, but other items use \`currency=${currency}\`. All items must have pricing in the same currency. When using multi-currency prices, you can specify \`currency\` at the top level, to be used by all items.`,
    `items[${index}][price]`,
  )
}

/** Subscriptions are billed flexibly unless somebody asks for the classic way. */
export const billingModeOf = (
  param: Stripe.SubscriptionCreateParams.BillingMode | undefined,
  now: number,
): Subscription['billing_mode'] =>
  param?.type === 'classic'
    ? { flexible: null, type: 'classic', updated_at: now }
    : {
        flexible: { proration_discounts: param?.flexible?.proration_discounts ?? 'included' },
        type: 'flexible',
        updated_at: now,
      }

/** The invoice of the first period or of the trial; undefined when there is nothing to show on it. */
function firstInvoice(account: Account, subscription: Subscription, timing: Timing): Invoice | undefined {
  const items = pendingItems(account, subscription.customer, subscription.id)
  const lines = firstLines(account, subscription, timing)
  if (!lines && items.length === 0) return undefined
  const sends = subscription.collection_method === 'send_invoice'
  const invoice = createInvoice(account, {
    customer: subscription.customer,
    currency: subscription.currency,
    billing_reason: 'subscription_create',
    period: { start: account.now, end: account.now },
    subscription,
    items,
    ...(lines && { lines }),
    discounts: discountsOf(account, subscription),
    ...(sends && { finalizeAfter: account.settings.finalizeAfter }),
  })
  account.update('subscription', subscription.id, { latest_invoice: invoice.id })
  return invoice
}

function pay(
  account: Account,
  invoice: Invoice | undefined,
  params: Stripe.SubscriptionCreateParams,
  { paidBy }: FirstPayment,
): PaidNow {
  if (!invoice) return { status: 'paid' }
  if (paidBy === undefined) {
    return payNow(
      account,
      invoice,
      (params.payment_behavior ?? 'allow_incomplete') as PaymentBehavior,
      params.off_session,
    )
  }
  const intent = account.get('payment_intent', paidBy)
  const open = finalizeInvoice(account, invoice.id, { intent: paidBy })
  if (open.status === 'open' && open.amount_due !== intent.amount) {
    throw new Error(`${paidBy} paid ${intent.amount} for an invoice of ${open.amount_due}.`)
  }
  if (open.status === 'open' && intent.status === 'succeeded')
    markPaid(account, open.id, { attempts: 1, intent: paidBy })
  return { status: intent.status === 'processing' ? 'processing' : 'paid', intent }
}

/** What the payment of the first invoice makes of a subscription. */
function outcomeOf(
  account: Account,
  subscription: Subscription,
  invoice: Invoice | undefined,
  paid: PaidNow,
): Partial<Subscription> {
  const isLive = paid.status === 'paid' || paid.status === 'processing' || paid.status === 'draft'
  return {
    status: isLive ? currentStatus(account, subscription) : 'incomplete',
    ...(invoice && { discounts: discountsLeft(account, subscription, invoice) }),
    ...savedMethod(subscription, paid.intent?.payment_method ?? null),
  }
}

/** Where nothing was charged, a setup intent waits for a payment method, or for the customer to approve the one that is there. */
function setupIntentFor(account: Account, subscription: Subscription, paid: PaidNow): string | null {
  if (paid.intent || paid.status !== 'paid' || subscription.collection_method === 'send_invoice') return null
  const method = subscription.default_payment_method ?? customerMethod(account, subscription.customer)
  if (method && !wantsApproval(account, method)) return null
  return createPendingSetup(account, subscription, method).id
}
