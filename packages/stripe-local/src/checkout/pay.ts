import type { Account } from '../account.ts'
import { dryRun } from '../engine/dry-run.ts'
import { createPaymentMethod } from '../engine/payment-methods.ts'
import { confirmPaymentIntent, createCardPaymentMethod } from '../engine/payments.ts'
import { confirmSetupIntent } from '../engine/setups.ts'
import { draftSubscription } from '../engine/subscriptions/create.ts'
import { settle } from '../engine/totals.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError } from '../protocol/errors.ts'
import { completeSession } from './complete.ts'
import { recordEntries } from './customer.ts'
import type { Entered, Method } from './entered.ts'
import { paymentIntentFor, refusalOf, setupIntentFor } from './intents.ts'
import { anchorDue, passAnchor } from './pass-anchor.ts'
import { redemptionProblem, removeDiscount } from './promotion.ts'
import type { Session } from './session.ts'
import { soldIn, subscriptionParams } from './subscription.ts'

/** What came of an attempt to pay. */
export type Outcome =
  | { status: 'complete' | 'over' }
  /** The customer has to approve this intent on the 3D Secure page. */
  | { status: 'requires_action'; intent: string }
  | { status: 'refused'; message: string }

/**
 * Pays a session with what was entered on its page. Nothing but an open session is paid: a second click, another tab and a reload find it
 * complete. What Stripe refuses is an outcome, and the session stays open for another try.
 */
export function payCheckout(account: Account, id: string, entered: Entered): Outcome {
  const session = account.get('checkout.session', id)
  if (session.status !== 'open') return { status: session.status === 'complete' ? 'complete' : 'over' }
  const anchor = anchorDue(account, session)
  if (anchor !== null && anchor <= account.timeOf(session.customer)) {
    passAnchor(account, session)
    return {
      status: 'refused',
      message: 'The billing date has passed, and the total is another: look at it before you pay.',
    }
  }
  const [discount] = session.discounts ?? []
  const problem = discount && redemptionProblem(account, session, discount)
  if (problem && session.allow_promotion_codes) {
    removeDiscount(account, id)
    return { status: 'refused', message: `${problem.message} The total is without it now: look at it before you pay.` }
  }
  try {
    return account.attempt(() => account.atTimeOf(session.customer, () => attempt(account, session, entered)))
  } catch (error) {
    // What cannot be sold (a currency that the customer does not have, a coupon that ran out) is undone and told.
    if (error instanceof ApiError && error.status < 500) return { status: 'refused', message: error.message }
    throw error
  }
}

function attempt(account: Account, before: Session, entered: Entered): Outcome {
  const session = recordEntries(account, before, entered)
  const due = dueNow(account, session)
  if (!entered.method) {
    if (due > 0) throw new Error(`${session.id} was to be paid without a payment method.`)
    completeSession(account, session, null)
    return { status: 'complete' }
  }
  const method = methodOf(account, entered.method, entered)
  account.update('local.checkout', session.id, { payment_method: method.id })
  if (due > 0) {
    const intent = paymentIntentFor(account, session, due)
    return outcomeOf(
      account,
      session,
      confirmPaymentIntent(account, intent.id, { paymentMethod: method.id, ...mandate(method) }),
    )
  }
  const intent = setupIntentFor(account, session)
  return outcomeOf(
    account,
    session,
    confirmSetupIntent(account, intent.id, { paymentMethod: method.id, ...mandate(method) }),
  )
}

/** What is charged today, after the customer's balance, in minor units: by the code that will bill it. */
function dueNow(account: Account, session: Session): number {
  if (session.mode === 'setup') return 0
  const { currency, customer } = session
  if (session.mode === 'payment' || !currency || !customer) return session.amount_total ?? 0
  const invoice = dryRun(account, (quiet) =>
    draftSubscription(quiet, subscriptionParams(account, session), soldIn(account, session)),
  )
  return invoice ? settle(invoice.total, account.get('customer', customer).balance, currency).amountDue : 0
}

function methodOf(account: Account, method: Method, entered: Entered): Kinds['payment_method'] {
  const { address, email, name, phone } = entered
  const billing_details = {
    email,
    ...(name && { name }),
    ...(phone && { phone }),
    ...(address && { address: given(address) }),
  }
  const made =
    method.type === 'card'
      ? createCardPaymentMethod(account, { ...method.card, billing_details })
      : createPaymentMethod(account, { type: 'sepa_debit', sepa_debit: { iban: method.iban }, billing_details })
  return account.update('payment_method', made.id, { allow_redisplay: 'limited' })
}

const given = (address: object): Record<string, string> =>
  Object.fromEntries(Object.entries(address).filter(([, value]) => value !== null))

/** A debit needs the customer's permission, which the page has asked for. */
const mandate = (method: Kinds['payment_method']) =>
  method.type === 'card'
    ? {}
    : {
        mandateData: {
          customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'Checkout' } },
        },
      }

function outcomeOf(
  account: Account,
  { id }: Session,
  intent: Kinds['payment_intent'] | Kinds['setup_intent'],
): Outcome {
  if (account.get('checkout.session', id).status === 'complete') return { status: 'complete' }
  if (intent.status === 'requires_action') return { status: 'requires_action', intent: intent.id }
  return { status: 'refused', message: refusalOf(intent) }
}
