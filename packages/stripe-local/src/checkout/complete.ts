import type { Account } from '../account.ts'
import { onPaymentIntentChange } from '../engine/payments.ts'
import { redeemAll } from '../engine/redeem.ts'
import { onSetupIntentChange } from '../engine/setups.ts'
import { createSubscription } from '../engine/subscriptions/create.ts'
import type { Kinds } from '../kinds.ts'
import { linesOf } from './amounts.ts'
import { stubOf } from './anchor.ts'
import { discountParams, invoicePayment } from './invoice.ts'
import { trialEndOf } from './rules.ts'
import type { Session } from './session.ts'
import { soldIn, subscriptionParams } from './subscription.ts'

type Intent = Kinds['payment_intent'] | Kinds['setup_intent']

// A session follows its intent, whoever moved it: the page, 3D Secure in another tab, or the clock.
onPaymentIntentChange(follow)
onSetupIntentChange(follow)

/** Completes an open session whose intent went through, and tells what became of a delayed payment. */
function follow(account: Account, intent: Intent): void {
  const [checkout] = account.store.by('local.checkout', 'intent', intent.id)
  const session = checkout && account.find('checkout.session', checkout.id)
  if (!session) return
  if (session.status === 'open') {
    if (['succeeded', 'processing', 'requires_capture'].includes(intent.status))
      completeSession(account, session, intent)
  } else if (
    session.status === 'complete' &&
    session.payment_status === 'unpaid' &&
    isDelayed(account, checkout.payment_method)
  ) {
    settleSession(account, session, intent)
  }
}

/** Whether the money comes, or does not come, days after the customer has agreed. */
const isDelayed = (account: Account, method: string | null): boolean =>
  method !== null && account.find('payment_method', method)?.type !== 'card'

function settleSession(account: Account, { id }: Session, intent: Intent): void {
  if (intent.status === 'succeeded') {
    const paid = account.update('checkout.session', id, { payment_status: 'paid' })
    account.emit('checkout.session.async_payment_succeeded', paid)
    return
  }
  // An intent that failed is canceled with its invoice: of that the failure has told already.
  const isNews = intent.status === 'canceled' && 'last_payment_error' in intent && intent.last_payment_error === null
  if (intent.status === 'requires_payment_method' || isNews) {
    account.emit('checkout.session.async_payment_failed', account.get('checkout.session', id))
  }
}

/**
 * Completes a session: since 2025-03-31 the subscription begins only now that its payment has gone through, so a payment that failed
 * leaves none behind.
 *
 * @param intent what was paid or set up; null where nothing had to be
 */
export function completeSession(account: Account, session: Session, intent: Intent | null): Session {
  return account.atTimeOf(session.customer, () => {
    const lines = linesOf(account, session)
    const made =
      session.mode === 'subscription' ? subscribe(account, session, intent) : settlePayment(account, session, intent)
    account.update('local.checkout', session.id, { lines })
    const complete = account.update('checkout.session', session.id, {
      ...made,
      automatic_tax: { ...session.automatic_tax, status: session.automatic_tax.enabled ? 'complete' : null },
      payment_status: paymentStatusOf(account, session, intent),
      status: 'complete',
      url: null,
    })
    account.emit('checkout.session.completed', complete)
    return complete
  })
}

function subscribe(account: Account, session: Session, intent: Intent | null): Partial<Session> {
  const paidBy = intent?.object === 'payment_intent' ? { paidBy: intent.id } : {}
  const subscription = createSubscription(account, subscriptionParams(account, session), {
    ...soldIn(account, session),
    ...paidBy,
  })
  return { subscription: subscription.id, invoice: subscription.latest_invoice }
}

/** One payment redeems its discount, on an invoice if it makes one. */
function settlePayment(account: Account, session: Session, intent: Intent | null): Partial<Session> {
  const invoice = invoicePayment(account, session, intent?.object === 'payment_intent' ? intent : null)
  const owner = { customer: session.customer, checkout_session: session.id }
  if (!invoice) redeemAll(account, discountParams(session), owner, session.currency ?? 'usd')
  return { invoice }
}

function paymentStatusOf(account: Account, session: Session, intent: Intent | null): Session['payment_status'] {
  if (session.mode === 'setup') return 'no_payment_required'
  if (intent?.object === 'payment_intent') return intent.status === 'succeeded' ? 'paid' : 'unpaid'
  const { params, since = session.created } = account.get('local.checkout', session.id)
  const isFree =
    trialEndOf(params.subscription_data, session.created) !== null || stubOf(params.subscription_data, since)?.free
  return isFree ? 'no_payment_required' : 'paid'
}
