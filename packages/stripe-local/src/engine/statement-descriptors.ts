import { invalidRequest } from '../protocol/errors.ts'

const most = 22

/**
 * What is to stand on a statement, or null for an empty text.
 *
 * Throws an ApiError (400) for more than 22 characters, for one of `< > \ ' " *` and for a text without a letter.
 *
 * https://docs.stripe.com/get-started/account/statement-descriptors
 */
export function statementDescriptorOf(text: string | null, param = 'statement_descriptor'): string | null {
  if (!text) return null
  if (text.length > most) throw invalidRequest(`The statement descriptor must be at most ${most} characters.`, param)
  if (/[<>\\'"*]/.test(text)) {
    throw invalidRequest(`The statement descriptor cannot contain any of these characters: < > \\ ' " *`, param)
  }
  if (!/[A-Za-z]/.test(text))
    throw invalidRequest('The statement descriptor must contain at least one alphabetic character.', param)
  return text
}

/** A payment that names `card` among its types has the account's own prefix on the statement: it can add a suffix, no more. */
export function refuseDescriptorForCards(descriptor: string | null, types: readonly string[] | null | undefined): void {
  if (!descriptor || !types?.includes('card')) return
  throw invalidRequest(
    'The statement_descriptor parameter is not supported for the payment_method_type `card`. To continue supporting payment_method_type `card`, please pass in `statement_descriptor_suffix` or remove the `statement_descriptor` parameter altogether. Please see https://support.stripe.com/questions/use-of-the-statement-descriptor-parameter-on-paymentintents-for-card-charges for additional details.',
    'statement_descriptor',
  )
}
