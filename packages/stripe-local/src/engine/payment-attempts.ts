import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, notSupported } from '../protocol/errors.ts'
import { authenticationFailed, needsAuthentication, nextActionOf } from './authentication.ts'
import { bankOutcome, isVerified } from './bank-accounts.ts'
import { type Charge, type ChargeResult, createCharge } from './charges.ts'
import { type Decline, declines, docUrl } from './declines.ts'
import { openDispute } from './disputes.ts'
import { createMandate, type MandateData } from './mandates.ts'
import { microdepositsAction } from './microdeposit-action.ts'
import { detailsOf, unexpectedState } from './payment-errors.ts'
import { paymentMethodOf, spend, testCardBehind, verified } from './payment-methods.ts'

export type PaymentIntent = Kinds['payment_intent']
type PaymentMethod = Kinds['payment_method']

/** How a payment is confirmed. */
export type Confirmation = {
  /** In place of the intent's own: an id, or a ready-made one such as `pm_card_visa`. */
  paymentMethod?: string | undefined
  /** The customer is not there to approve. */
  offSession?: boolean | undefined
  /** Where the customer comes back to after approving. */
  returnUrl?: string | undefined
  /** Nobody could show a 3D Secure page: fail instead of waiting for the customer. */
  errorOnRequiresAction?: boolean | undefined
  /** The customer has approved: the attempt that waited for him goes on. */
  authenticated?: boolean | undefined
  mandateData?: MandateData | undefined
}

const listeners: ((account: Account, intent: PaymentIntent) => void)[] = []

/** Is told of every change of status of a payment intent, in the unit of work that changed it and after its events. */
export const onPaymentIntentChange = (listener: (account: Account, intent: PaymentIntent) => void): void =>
  void listeners.push(listener)

/** Puts an intent into another state, tells of it by an event, and then whoever waits for it. */
export function moveIntent(
  account: Account,
  id: string,
  event: `payment_intent.${'succeeded' | 'canceled' | 'processing' | 'requires_action' | 'payment_failed' | 'amount_capturable_updated'}`,
  patch: Partial<PaymentIntent>,
): PaymentIntent {
  const intent = account.update('payment_intent', id, patch)
  account.emit(event, intent)
  for (const listener of listeners) listener(account, intent)
  return account.get('payment_intent', id)
}

const confirmable = ['requires_payment_method', 'requires_confirmation', 'requires_action']

/**
 * Tries to pay. A decline is not an error here: the intent is back at `requires_payment_method` and has `last_payment_error`.
 *
 * Throws an ApiError (400) when the intent is not in a state to be confirmed, or has no payment method that it may use.
 */
export function attemptPayment(account: Account, id: string, confirmation: Confirmation): PaymentIntent {
  const intent = account.get('payment_intent', id)
  return account.atTimeOf(intent.customer, () => {
    const method = methodFor(account, intent, confirmation.paymentMethod)
    checkConfirmable(intent)
    checkOwner(account, intent, method)
    if (!intent.payment_method_types.includes(method.type)) {
      throw invalidRequest(
        `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: ${intent.payment_method_types.join(', ')}.`,
        'payment_method',
        'payment_intent_incompatible_payment_method',
      )
    }
    if (method.type === 'card') return attemptCard(account, intent, method, confirmation)
    if (method.type === 'sepa_debit') return beginDebit(account, intent, method, confirmation)
    if (method.type === 'us_bank_account') return debitBank(account, intent, method, confirmation)
    throw notSupported(`payments by ${method.type}`)
  })
}

function attemptCard(
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  { offSession = false, returnUrl, errorOnRequiresAction = false, authenticated = false }: Confirmation,
): PaymentIntent {
  const card = testCardBehind(account, method)
  const setUp = account.find('local.card', method.id)?.setUp ?? false
  const requested = intent.payment_method_options?.card?.request_three_d_secure
  if (card && !authenticated && needsAuthentication(card, { offSession, setUp, requested })) {
    // An invoice waits for its customer, who gets a mail; nobody waits for anybody in a payment without him.
    if (offSession && !isForInvoice(intent)) {
      return failPayment(account, intent, method, declines.authentication_required, null)
    }
    if (errorOnRequiresAction) return failPayment(account, intent, method, declines.authentication_not_handled, null)
    return moveIntent(account, intent.id, 'payment_intent.requires_action', {
      last_payment_error: null,
      next_action: nextActionOf(account, intent.id, { returnUrl, brand: card.brand }),
      payment_method: method.id,
      status: 'requires_action',
    })
  }
  const refusal = card?.declinesCharges ?? card?.declines
  const result: ChargeResult = { status: 'succeeded', captured: intent.capture_method !== 'manual', authenticated }
  const checked = account.insert('payment_method', verified(account, method))
  if (refusal) {
    const decline = declines[refusal]
    const charge = createCharge(account, intent, checked, card, { ...result, status: 'failed', decline })
    if (!method.customer) spend(account, method)
    account.emit('charge.failed', charge)
    return failPayment(account, intent, checked, decline, charge)
  }
  if (authenticated && intent.setup_future_usage === 'off_session') {
    account.update('local.card', method.id, { setUp: true })
  }
  const charge = createCharge(account, intent, checked, card, result)
  account.emit('charge.succeeded', charge)
  keepOrSpend(account, intent, checked)
  return result.captured ? succeed(account, intent, charge) : authorize(account, intent, charge)
}

/** The payment has gone through: the money is there, or on its way by its own date. */
export function succeed(account: Account, intent: PaymentIntent, charge: Charge): PaymentIntent {
  const method = account.find('payment_method', charge.payment_method ?? '')
  const disputed = method && testCardBehind(account, method)?.disputes
  if (disputed) openDispute(account, charge, disputed)
  return moveIntent(account, intent.id, 'payment_intent.succeeded', {
    amount_capturable: 0,
    amount_received: charge.amount_captured,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: charge.payment_method,
    status: 'succeeded',
  })
}

const authorize = (account: Account, intent: PaymentIntent, charge: Charge): PaymentIntent =>
  moveIntent(account, intent.id, 'payment_intent.amount_capturable_updated', {
    amount_capturable: charge.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: charge.payment_method,
    status: 'requires_capture',
  })

/** An account is debited once its customer has shown that it is theirs. */
function debitBank(
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  confirmation: Confirmation,
): PaymentIntent {
  bankOutcome(account.get('local.card', method.id).number)
  if (isVerified(account, method)) return beginDebit(account, intent, method, confirmation)
  const { mandateData: agreement } = confirmation
  if (agreement) account.update('local.card', method.id, { agreement })
  return moveIntent(account, intent.id, 'payment_intent.requires_action', {
    last_payment_error: null,
    next_action: microdepositsAction(account, intent.id),
    payment_method: method.id,
    status: 'requires_action',
  })
}

/** A bank debit takes its time: the charge is pending and the intent processing. */
function beginDebit(
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  { mandateData }: Confirmation,
): PaymentIntent {
  const mandate = createMandate(account, method, mandateData, intent.setup_future_usage ? 'multi_use' : 'single_use')
  const charge = createCharge(account, intent, method, undefined, {
    status: 'pending',
    captured: true,
    mandate: mandate.id,
  })
  account.emit('charge.pending', charge)
  keepOrSpend(account, intent, method)
  return moveIntent(account, intent.id, 'payment_intent.processing', {
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: 'processing',
  })
}

/** A refusal: the intent waits for another payment method, and says why. */
function failPayment(
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  decline: Decline,
  charge: Charge | null,
): PaymentIntent {
  return moveIntent(account, intent.id, 'payment_intent.payment_failed', {
    last_payment_error: {
      ...detailsOf(decline),
      type: 'card_error',
      ...(charge && { charge: charge.id }),
      doc_url: docUrl(decline.code),
      message: decline.message,
      payment_method: method,
      payment_method_type: method.type,
    } as PaymentIntent['last_payment_error'],
    ...(charge && { latest_charge: charge.id }),
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  })
}

/** The customer refused: no card error, and no decline. */
export function failAuthentication(account: Account, intent: PaymentIntent): PaymentIntent {
  const code = 'payment_intent_authentication_failure'
  const method = account.find('payment_method', intent.payment_method ?? '')
  return moveIntent(account, intent.id, 'payment_intent.payment_failed', {
    last_payment_error: {
      code,
      doc_url: docUrl(code),
      message: authenticationFailed,
      ...(method && { payment_method: method, payment_method_type: method.type }),
      type: 'invalid_request_error',
    } as PaymentIntent['last_payment_error'],
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  })
}

/** The payment intent of an invoice names it. */
export const isForInvoice = (intent: PaymentIntent): boolean =>
  intent.payment_details?.order_reference?.startsWith('in_') ?? false

/** Attaches the payment method that the customer agreed to have kept; what belongs to nobody cannot be used again. */
function keepOrSpend(account: Account, intent: PaymentIntent, method: PaymentMethod): void {
  if (method.customer) return
  if (intent.customer && intent.setup_future_usage) {
    account.emit('payment_method.attached', account.update('payment_method', method.id, { customer: intent.customer }))
  } else spend(account, method)
}

/** What was named, the intent's own, or the customer's default. */
function methodFor(account: Account, intent: PaymentIntent, named: string | undefined): PaymentMethod {
  const id = named ?? intent.payment_method ?? defaultOf(account, intent.customer)
  if (id) return paymentMethodOf(account, id)
  throw unexpectedState(
    'payment_intent',
    intent,
    `You cannot confirm this PaymentIntent because it's missing a payment method. ${
      intent.customer
        ? `To confirm the PaymentIntent with ${intent.customer}, specify a payment method attached to this customer along with the customer ID.`
        : 'You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.'
    }`,
  )
}

function defaultOf(account: Account, customerId: string | null): string | null {
  const customer = customerId ? account.find('customer', customerId) : undefined
  return customer && !('deleted' in customer)
    ? (customer.invoice_settings.default_payment_method ?? customer.default_source)
    : null
}

/** Throws Stripe's 400 (`payment_intent_unexpected_state`) for an intent that is paid, canceled or under way. */
export function checkConfirmable(intent: PaymentIntent): void {
  if (confirmable.includes(intent.status)) return
  throw unexpectedState(
    'payment_intent',
    intent,
    intent.status === 'succeeded'
      ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
      : `This PaymentIntent could not be confirmed because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: ${confirmable.join(', ')}.`,
  )
}

/**
 * 400 when an intent must not use a payment method: one that belongs to a customer is for him alone, one that belongs to nobody is used
 * once.
 */
export function checkOwner(
  account: Account,
  intent: { object: 'payment_intent' | 'setup_intent'; customer: string | null },
  method: PaymentMethod,
): void {
  if (method.customer && method.customer === intent.customer) return
  if (method.customer && intent.customer) {
    throw invalidRequest(
      `The PaymentMethod ${method.id} does not belong to the Customer you supplied ${intent.customer}. Please use this PaymentMethod with the Customer that it belongs to instead.`,
      'payment_method',
    )
  }
  if (method.customer) throw customerMissing(intent.object, method.id, method.customer)
  if (account.find('local.card', method.id)?.spent) {
    throw invalidRequest(
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
      'payment_method',
    )
  }
}

const customerMissing = (object: 'payment_intent' | 'setup_intent', method: string, customer: string) =>
  object === 'payment_intent'
    ? invalidRequest(
        `The \`payment_method\` parameter supplied ${method} belongs to the Customer ${customer}. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`,
        'payment_method',
      )
    : invalidRequest(
        `The payment method supplied (${method}) belongs to the Customer ${customer}. Please include the Customer in the \`customer\` parameter on the SetupIntent.`,
        'payment_method',
      )
