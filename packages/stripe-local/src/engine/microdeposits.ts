import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, invalidRequest } from '../protocol/errors.ts'
import { onlyOne } from '../protocol/values.ts'
import { docUrl } from './declines.ts'
import { moveIntent } from './payment-attempts.ts'
import { unexpectedState } from './payment-errors.ts'
import { confirmPaymentIntent } from './payments.ts'
import { confirmSetupIntent, failSetup } from './setups.ts'

type PaymentIntent = Kinds['payment_intent']
type SetupIntent = Kinds['setup_intent']
type Intent = PaymentIntent | SetupIntent

/** What somebody read on the statement of their account. */
export type Deposits = { amounts?: number[] | undefined; descriptor_code?: string | undefined }

/** The values of https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-microdeposits, and what comes of them. */
const readings: Record<string, 'verified' | 'attempts_exceeded' | 'timeout'> = {
  '32,45': 'verified',
  SM11AA: 'verified',
  '10,11': 'attempts_exceeded',
  SM33CC: 'attempts_exceeded',
  '40,41': 'timeout',
  SM44DD: 'timeout',
}

const messages = {
  attempts_exceeded: 'You have exceeded the number of allowed verification attempts.',
  timeout: 'Payment method should be verified with microdeposits within the required period.',
}

/**
 * Shows that an account is its customer's by what was deposited there; the payment, or the setup, goes on then.
 *
 * Throws an ApiError (400): `…_unexpected_state` when nothing waits for it, `payment_method_microdeposit_verification_amounts_invalid`,
 * `…_amounts_mismatch`, `…_descriptor_code_mismatch`, after which one may try again; `…_attempts_exceeded` and `…_timeout`, after which another
 * payment method is needed.
 */
export function verifyMicrodeposits<I extends Intent>(account: Account, intent: I, deposits: Deposits): Intent {
  const method = intent.payment_method
  if (intent.status !== 'requires_action' || intent.next_action?.type !== 'verify_with_microdeposits' || !method) {
    throw unexpectedState(
      intent.object,
      intent,
      `This ${intent.object === 'payment_intent' ? 'PaymentIntent' : 'SetupIntent'} is not waiting for microdeposits to be verified: it has a status of ${intent.status}.`,
    )
  }
  const reading = readings[readingOf(deposits)]
  if (!reading) throw mismatch(deposits)
  return account.atTimeOf(intent.customer, () => {
    if (reading !== 'verified') return fail(account, intent, reading)
    const { agreement } = account.update('local.card', method, { verified: true })
    const confirmation = { mandateData: agreement }
    return intent.object === 'payment_intent'
      ? confirmPaymentIntent(account, intent.id, confirmation)
      : confirmSetupIntent(account, intent.id, confirmation)
  })
}

function readingOf({ amounts, descriptor_code }: Deposits): string {
  onlyOne({ amounts, descriptor_code }, ['amounts', 'descriptor_code'])
  if (descriptor_code !== undefined) return descriptor_code.toUpperCase()
  if (amounts === undefined) throw invalidRequest('You must provide either amounts or descriptor_code.')
  if (amounts.length !== 2) {
    throw invalidRequest(
      'You must provide exactly two microdeposit amounts.',
      'amounts',
      'payment_method_microdeposit_verification_amounts_invalid',
    )
  }
  return amounts.toSorted((a, b) => a - b).join()
}

const mismatch = ({ amounts }: Deposits): ApiError =>
  amounts
    ? invalidRequest(
        'The amounts provided do not match the amounts that were sent to the bank account.',
        'amounts',
        'payment_method_microdeposit_verification_amounts_mismatch',
      )
    : invalidRequest(
        'The verification code provided does not match the one sent to the bank account.',
        'descriptor_code',
        'payment_method_microdeposit_verification_descriptor_code_mismatch',
      )

/** The account cannot be verified any more: the intent waits for another payment method, and the answer says why. */
function fail(account: Account, intent: Intent, reason: keyof typeof messages): never {
  const code = `payment_method_microdeposit_verification_${reason}`
  const message = messages[reason]
  const method = account.get('payment_method', intent.payment_method ?? '')
  const error = { code, doc_url: docUrl(code), message, payment_method: method, type: 'invalid_request_error' }
  const failed =
    intent.object === 'payment_intent'
      ? moveIntent(account, intent.id, 'payment_intent.payment_failed', {
          last_payment_error: { ...error, payment_method_type: method.type } as PaymentIntent['last_payment_error'],
          next_action: null,
          payment_method: null,
          status: 'requires_payment_method',
        })
      : failSetup(account, intent, method, error as SetupIntent['last_setup_error'])
  throw new ApiError(400, message, { code, [intent.object]: failed }, { keepChanges: true })
}
