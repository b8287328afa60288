import { ApiError, type ErrorDetails } from '../protocol/errors.ts'
import type { Decline } from './declines.ts'

/**
 * 402: a card was refused. https://docs.stripe.com/declines
 *
 * @param context what the error shows beside the reason, e.g. the payment intent; what was done is kept when it is given
 */
export const declineError = (decline: Decline, context?: ErrorDetails): ApiError =>
  new ApiError(402, decline.message, { ...detailsOf(decline), ...context }, { keepChanges: context !== undefined })

/** The fields of a decline that stand in errors. */
export const detailsOf = ({ message, blocked, ...codes }: Decline): ErrorDetails => ({ ...codes, type: 'card_error' })

/** 400: an intent is not in a state in which this can be done to it. The error shows the intent. */
export const unexpectedState = (
  kind: 'payment_intent' | 'setup_intent',
  intent: object,
  message: string,
  param?: string,
): ApiError => new ApiError(400, message, { code: `${kind}_unexpected_state`, ...(param && { param }), [kind]: intent })
