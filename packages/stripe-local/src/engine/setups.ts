import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { noSuch, notSupported } from '../protocol/errors.ts'
import { authenticationFailed, nextActionOf } from './authentication.ts'
import { bankOutcome, isVerified } from './bank-accounts.ts'
import { threeDSecure } from './charges.ts'
import { type Decline, declines, docUrl } from './declines.ts'
import { createMandate, type MandateData } from './mandates.ts'
import { microdepositsAction } from './microdeposit-action.ts'
import { checkOwner } from './payment-attempts.ts'
import { detailsOf, unexpectedState } from './payment-errors.ts'
import { paymentMethodOf, testCardBehind, verified } from './payment-methods.ts'

export type SetupIntent = Kinds['setup_intent']
type PaymentMethod = Kinds['payment_method']

export type SetupConfirmation = {
  paymentMethod?: string | undefined
  returnUrl?: string | undefined
  authenticated?: boolean | undefined
  mandateData?: MandateData | undefined
}

/** The fields of a setup that nobody has begun yet. */
export function newSetupIntent(account: Account, fields: Partial<SetupIntent>): SetupIntent {
  const id = account.newId('seti')
  return {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomCharacters(31)}`,
    created: account.now,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: [],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
    ...fields,
  }
}

/**
 * Makes a payment method ready for use without the customer. A decline is not an error here: the intent is back at
 * `requires_payment_method` and has `last_setup_error`.
 */
export function confirmSetupIntent(account: Account, id: string, confirmation: SetupConfirmation): SetupIntent {
  const intent = account.get('setup_intent', id)
  return account.atTimeOf(intent.customer, () => {
    const named = confirmation.paymentMethod ?? intent.payment_method
    if (!named) {
      throw unexpectedState(
        'setup_intent',
        intent,
        "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      )
    }
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      const why = intent.status === 'succeeded' ? 'it has already succeeded' : 'it has been canceled'
      throw unexpectedState('setup_intent', intent, `You cannot confirm this SetupIntent because ${why}.`)
    }
    const method = paymentMethodOf(account, named)
    checkOwner(account, intent, method)
    if (method.type === 'us_bank_account' && !isVerified(account, method)) {
      return waitForDeposits(account, intent, method, confirmation.mandateData)
    }
    if (!['card', 'sepa_debit', 'us_bank_account'].includes(method.type)) throw notSupported(`setups of ${method.type}`)
    return attempt(account, intent, method, confirmation)
  })
}

/** Nothing is set up until the customer has shown that the account is theirs. */
function waitForDeposits(
  account: Account,
  intent: SetupIntent,
  method: PaymentMethod,
  agreement: MandateData | undefined,
): SetupIntent {
  bankOutcome(account.get('local.card', method.id).number)
  if (agreement) account.update('local.card', method.id, { agreement })
  return move(account, intent.id, 'setup_intent.requires_action', {
    last_setup_error: null,
    latest_attempt: noteAttempt(account, intent, method, 'requires_action'),
    next_action: microdepositsAction(account, intent.id) as SetupIntent['next_action'],
    payment_method: method.id,
    status: 'requires_action',
  })
}

function attempt(
  account: Account,
  intent: SetupIntent,
  method: PaymentMethod,
  { returnUrl, authenticated = false, mandateData }: SetupConfirmation,
): SetupIntent {
  const card = testCardBehind(account, method)
  const asks = card?.authenticates === 'always' || card?.authenticates === 'unless_set_up'
  const requested = intent.payment_method_options?.card?.request_three_d_secure
  const asked = card?.authenticates === 'on_request' && (requested === 'any' || requested === 'challenge')
  if (!authenticated && (asks || asked)) {
    const latest_attempt = noteAttempt(account, intent, method, 'requires_action')
    return move(account, intent.id, 'setup_intent.requires_action', {
      last_setup_error: null,
      latest_attempt,
      next_action: nextActionOf(account, intent.id, { returnUrl, brand: card?.brand }) as SetupIntent['next_action'],
      payment_method: method.id,
      status: 'requires_action',
    })
  }
  const checked = account.insert('payment_method', verified(account, method))
  if (card?.declines) return refuse(account, intent, checked, declines[card.declines])
  const latest_attempt = noteAttempt(account, intent, checked, 'succeeded', authenticated)
  account.update('local.card', method.id, { setUp: true })
  const mandate = method.type === 'card' ? null : createMandate(account, method, mandateData, 'multi_use').id
  if (intent.customer && !method.customer) {
    const attached = account.update('payment_method', method.id, { customer: intent.customer })
    account.emit('payment_method.attached', attached)
  }
  return move(account, intent.id, 'setup_intent.succeeded', {
    last_setup_error: null,
    latest_attempt,
    mandate,
    next_action: null,
    payment_method: method.id,
    status: 'succeeded',
  })
}

function refuse(account: Account, intent: SetupIntent, method: PaymentMethod, decline: Decline): SetupIntent {
  const error = {
    ...detailsOf(decline),
    doc_url: docUrl(decline.code),
    message: decline.message,
    payment_method: method,
  } as SetupIntent['last_setup_error']
  return failSetup(account, intent, method, error)
}

/** The customer has approved or refused a setup on the 3D Secure page. */
export function completeSetup(account: Account, id: string, approved: boolean): SetupIntent {
  const intent = account.find('setup_intent', id)
  if (!intent) throw noSuch('setupintent', id, 'intent', 404)
  if (intent.status !== 'requires_action') {
    throw unexpectedState('setup_intent', intent, `This setup is not waiting for anybody: it is ${intent.status}.`)
  }
  if (approved) return confirmSetupIntent(account, id, { authenticated: true })
  const method = paymentMethodOf(account, intent.payment_method ?? '')
  const code = 'setup_intent_authentication_failure'
  return account.atTimeOf(intent.customer, () =>
    failSetup(account, intent, method, {
      code,
      doc_url: docUrl(code),
      message: authenticationFailed,
      payment_method: method,
      type: 'invalid_request_error',
    } as SetupIntent['last_setup_error']),
  )
}

/** Ends a setup that was not finished. Throws an ApiError (400) for one that was, or that was canceled already. */
export function cancelSetupIntent(
  account: Account,
  id: string,
  reason: Stripe.SetupIntent.CancellationReason | null = null,
): SetupIntent {
  const intent = account.get('setup_intent', id)
  if (intent.status === 'canceled') {
    throw unexpectedState('setup_intent', intent, 'You cannot cancel this SetupIntent because it is already canceled.')
  }
  if (intent.status === 'succeeded') {
    throw unexpectedState(
      'setup_intent',
      intent,
      'You cannot cancel this SetupIntent because it has a status of succeeded. Only a SetupIntent with one of the following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or `requires_action`.',
    )
  }
  return account.atTimeOf(intent.customer, () =>
    move(account, id, 'setup_intent.canceled', { cancellation_reason: reason, next_action: null, status: 'canceled' }),
  )
}

/** The setup waits for another payment method, and says why. */
export function failSetup(
  account: Account,
  intent: SetupIntent,
  method: PaymentMethod,
  error: SetupIntent['last_setup_error'],
): SetupIntent {
  const latest_attempt = noteAttempt(account, intent, method, 'failed', false, error)
  return move(account, intent.id, 'setup_intent.setup_failed', {
    last_setup_error: error,
    latest_attempt,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  })
}

const listeners: ((account: Account, intent: SetupIntent) => void)[] = []

/** Is told of every change of status of a setup intent, in the unit of work that changed it and after its events. */
export const onSetupIntentChange = (listener: (account: Account, intent: SetupIntent) => void): void =>
  void listeners.push(listener)

function move(
  account: Account,
  id: string,
  event: `setup_intent.${'succeeded' | 'canceled' | 'requires_action' | 'setup_failed'}`,
  patch: Partial<SetupIntent>,
): SetupIntent {
  const intent = account.update('setup_intent', id, patch)
  account.emit(event, intent)
  for (const listener of listeners) listener(account, intent)
  return account.get('setup_intent', id)
}

/** What the attempt looked like is kept: https://docs.stripe.com/api/setup_attempts. Answers its id. */
function noteAttempt(
  account: Account,
  intent: SetupIntent,
  method: PaymentMethod,
  status: string,
  authenticated = false,
  error: SetupIntent['last_setup_error'] = null,
): string {
  const waiting = account.find('setup_attempt', intent.latest_attempt ?? '')
  const id = waiting?.status === 'requires_action' ? waiting.id : account.newId('setatt')
  const { card } = method
  account.insert('setup_attempt', {
    id,
    object: 'setup_attempt',
    application: null,
    created: waiting?.id === id ? waiting.created : account.now,
    customer: intent.customer,
    customer_account: null,
    flow_directions: null,
    livemode: false,
    on_behalf_of: null,
    payment_method: method.id,
    payment_method_details: card
      ? {
          card: {
            brand: card.brand,
            checks: card.checks,
            country: card.country,
            exp_month: card.exp_month,
            exp_year: card.exp_year,
            fingerprint: card.fingerprint ?? null,
            funding: card.funding,
            last4: card.last4,
            network: card.brand,
            three_d_secure: authenticated ? threeDSecure() : null,
            wallet: null,
          },
          type: 'card',
        }
      : { [method.type]: {}, type: method.type },
    setup_error: error as Kinds['setup_attempt']['setup_error'],
    setup_intent: intent.id,
    status,
    usage: intent.usage,
  })
  return id
}
