import type Stripe from 'stripe'

/** Why a card is refused: what stands in the error, in `last_payment_error` and in the failed charge. */
export type Decline = {
  code: string
  decline_code: string
  message: string
  advice_code?: Stripe.Charge.Outcome.AdviceCode
  /** What the card network answered, as a number of its own. */
  network_decline_code?: string
  param?: string
  /** Refused by Stripe itself, before the bank was asked. */
  blocked?: true
}

const declined = 'Your card was declined.'

/**
 * Every refusal that a test card can stand for. https://docs.stripe.com/declines/codes
 *
 * Codes and messages are Stripe's; the network's codes are those of ISO 8583, of which only the one of a generic decline was seen in
 * an answer of Stripe's test mode.
 */
export const declines = {
  generic_decline: {
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: declined,
    advice_code: 'try_again_later',
    network_decline_code: '01',
  },
  insufficient_funds: {
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
    advice_code: 'try_again_later',
    network_decline_code: '51',
  },
  lost_card: {
    code: 'card_declined',
    decline_code: 'lost_card',
    message: declined,
    advice_code: 'do_not_try_again',
    network_decline_code: '41',
  },
  stolen_card: {
    code: 'card_declined',
    decline_code: 'stolen_card',
    message: declined,
    advice_code: 'do_not_try_again',
    network_decline_code: '43',
  },
  card_velocity_exceeded: {
    code: 'card_declined',
    decline_code: 'card_velocity_exceeded',
    message: 'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    advice_code: 'try_again_later',
    network_decline_code: '65',
  },
  expired_card: {
    code: 'expired_card',
    decline_code: 'expired_card',
    message: 'Your card has expired.',
    advice_code: 'confirm_card_data',
    network_decline_code: '54',
    param: 'exp_month',
  },
  incorrect_cvc: {
    code: 'incorrect_cvc',
    decline_code: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
    advice_code: 'confirm_card_data',
    param: 'cvc',
  },
  processing_error: {
    code: 'processing_error',
    decline_code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
    advice_code: 'try_again_later',
  },
  fraudulent: { code: 'card_declined', decline_code: 'fraudulent', message: declined, blocked: true },
  authentication_required: {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
  authentication_not_handled: {
    code: 'authentication_required',
    decline_code: 'authentication_not_handled',
    message:
      "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're ready, you can upgrade your integration to handle actions at https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions.",
  },
} as const satisfies Record<string, Decline>

export type DeclineName = keyof typeof declines

/** `https://stripe.com/docs/error-codes/card-declined`, as errors that objects keep carry it. */
export const docUrl = (code: string): string => `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`
