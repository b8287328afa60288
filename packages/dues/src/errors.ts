/**
 * One refusal: the HTTP status that fits, when it comes, and what to do about it. `details` names what `error.details` carries.
 */
export type Refusal = {
  readonly status: number
  readonly when: string
  readonly mend: string
  readonly details?: readonly string[]
}

/** Every refusal of Dues, by its stable code. `docs/errors.md` is written from here (`scripts/write-docs.ts`), so a new code is told there, too. */
export const refusals = {
  settings_invalid: {
    status: 500,
    when: 'The app is not set up right: a key, a price, an option. All that is wrong is named at once.',
    mend: 'Mend the settings that the message names; for prices run `dues push`.',
  },
  not_signed_in: {
    status: 401,
    when: 'Nobody is signed in, as `identify` has it.',
    mend: 'Sign in and try again. A browser is sent to the sign-in page and back.',
  },
  cross_site: {
    status: 403,
    when: 'A POST that another site made a browser send.',
    mend: 'Send it from a page of the app’s own origin.',
  },
  not_found: {
    status: 404,
    when: 'There is nothing at this address.',
    mend: 'Check the path against the routes of the handler.',
  },
  method_not_allowed: {
    status: 405,
    when: 'The address takes another method.',
    mend: 'Use the one that the `Allow` header names.',
  },
  payload_too_large: { status: 413, when: 'The body is larger than any that fits here.', mend: 'Send a smaller one.' },
  bad_request: {
    status: 400,
    when: 'A field or an argument is missing or malformed.',
    mend: 'Send what the message asks for.',
  },
  signature_invalid: {
    status: 400,
    when: 'A delivery that Stripe did not sign with a known secret, or whose signature is too old.',
    mend: 'Compare the endpoint’s signing secret, hand on the raw body, and check the server’s clock.',
  },
  payload_invalid: {
    status: 400,
    when: 'A signed body that is no event.',
    mend: 'Point only Stripe’s webhooks at this address.',
  },
  plan_unknown: {
    status: 422,
    when: 'No plan of the catalogue has this name.',
    mend: 'Take one of those that the message lists.',
  },
  interval_unknown: {
    status: 422,
    when: 'The plan is there and is not sold by this interval.',
    mend: 'Take one of the intervals that the message lists.',
    details: ['plan'],
  },
  add_on_unknown: {
    status: 422,
    when: 'No add-on of the catalogue has this name.',
    mend: 'Take one of those that the message lists.',
  },
  add_on_unavailable: {
    status: 422,
    when: 'The add-on is there, and this plan is not sold with it. Nothing was changed.',
    mend: 'Leave it out, or take one of the plans that the message names.',
    details: ['addOn', 'plan'],
  },
  currency_unknown: {
    status: 422,
    when: 'The price is there and is not sold in this currency.',
    mend: 'Take one of the currencies that the message lists, or leave it out.',
    details: ['plan', 'interval'],
  },
  price_unavailable: {
    status: 409,
    when: 'The plan has no price at Stripe yet that Dues knows of.',
    mend: 'Run `dues push`.',
    details: ['plan', 'interval'],
  },
  price_archived: {
    status: 409,
    when: 'The price is there at Stripe and was archived. Nothing was changed.',
    mend: 'Run `dues push`, which sells the prices of the configuration again.',
    details: ['requestId', 'param'],
  },
  already_subscribed: {
    status: 409,
    when: 'There is a subscription that may still charge.',
    mend: 'Switch it instead of buying another.',
    details: ['plan', 'interval', 'status'],
  },
  already_on_plan: {
    status: 409,
    when: 'The subscription is on this plan and interval already. Nothing was changed.',
    mend: 'Nothing is left to do.',
    details: ['plan', 'interval'],
  },
  nothing_to_undo: {
    status: 409,
    when: 'No change of the plan is planned.',
    mend: 'Nothing is left to do: the plan goes on as it is.',
  },
  membership_ending: {
    status: 409,
    when: 'A change was wanted for the end of a period with which the membership ends.',
    mend: 'Resume the membership first, or make the change now.',
  },
  not_paused: {
    status: 409,
    when: 'The membership is not paused, or there is none.',
    mend: 'Nothing is left to do.',
  },
  not_on_trial: {
    status: 409,
    when: 'There is no trial whose end could be moved.',
    mend: 'Nothing is left to do: the membership is paid for, or over.',
  },
  discount_invalid: {
    status: 422,
    when: 'There is no such coupon or promotion code, or it cannot be used for this membership.',
    mend: 'Check how it is written, and what it is for at Stripe.',
  },
  no_payment_method: {
    status: 409,
    when: 'No card of the owner is known that could be charged.',
    mend: 'Start a Checkout, which asks for one.',
  },
  membership_paused: {
    status: 409,
    when: 'The membership is paused, and what was wanted can only be done while it goes on.',
    mend: 'Unpause it first.',
    details: ['status', 'payUrl'],
  },
  seat_below_usage: {
    status: 409,
    when: 'Fewer seats were wanted than are in use, as `seatsInUse` tells it.',
    mend: 'Free some first.',
    details: ['used', 'wanted'],
  },
  limit_below_usage: {
    status: 409,
    when: 'Fewer of an add-on were wanted, and with them less of a limit than is in use. Only what is not counted anew each period is looked at.',
    mend: 'Free some first.',
    details: ['feature', 'used', 'wanted'],
  },
  preview_expired: {
    status: 409,
    when: 'The amounts that were confirmed are out of date. Nothing was charged.',
    mend: 'Preview again and confirm that.',
  },
  not_subscribed: {
    status: 409,
    when: 'There is no subscription that this could be about.',
    mend: 'Choose a plan and subscribe to it.',
  },
  nothing_to_cancel: { status: 409, when: 'Nothing is being charged.', mend: 'Nothing is left to do.' },
  nothing_to_resume: {
    status: 409,
    when: 'The membership is not set to end, or there never was one.',
    mend: 'Nothing is left to do; or choose a plan and subscribe to it.',
  },
  period_over: {
    status: 409,
    when: 'A membership is to be resumed whose period is over. Nothing is charged any more.',
    mend: 'Choose a plan to come back.',
  },
  not_your_session: {
    status: 403,
    when: 'A Checkout of somebody else’s.',
    mend: 'Sign in as the one who started it.',
  },
  plan_required: {
    status: 403,
    when: 'A route is for members of a plan that the owner does not have.',
    mend: 'Choose one of the plans that the message names. A browser is sent to the pricing page.',
    details: ['plan', 'required', 'pricing'],
  },
  feature_required: {
    status: 403,
    when: 'The owner’s plan does not include this feature.',
    mend: 'Choose one of the plans that the message names. A browser is sent to the pricing page.',
    details: ['plan', 'feature', 'pricing'],
  },
  limit_reached: {
    status: 402,
    when: 'A counted feature is used up, or this use asks for more than is left. Nothing was counted.',
    mend: 'Wait for `details.resetsAt`, or switch to a plan with more.',
    details: ['feature', 'asked', 'used', 'limit', 'remaining', 'resetsAt'],
  },
  payment_failed: {
    status: 402,
    when: 'The card was declined, or a renewal is not paid. The membership is as it was before.',
    mend: 'Pay at `details.payUrl`, or change the card and try again; `details.declineCode` is Stripe’s reason.',
    details: ['payUrl', 'invoice', 'declineCode', 'stripeCode'],
  },
  action_required: {
    status: 402,
    when: 'The bank wants the member’s word first, or a first payment is not finished. Nothing was changed yet.',
    mend: 'Send the member to `details.payUrl`.',
    details: ['payUrl', 'invoice'],
  },
  last_payment_method: {
    status: 409,
    when: 'A card is to be removed that a live membership is charged to, and there is no other. Nothing was changed.',
    mend: 'Add another card first, or pass `confirm`.',
    details: ['subscription'],
  },
  nothing_to_pay: { status: 409, when: 'Every invoice of the membership is settled.', mend: 'Nothing is left to do.' },
  invoice_not_open: {
    status: 409,
    when: 'An invoice is to be paid or voided that is void, paid, or a draft.',
    mend: 'Give back what was paid by a refund or a credit note; finalize a draft first.',
  },
  nothing_to_refund: {
    status: 409,
    when: 'No money of this invoice is left to go back: nothing was paid by card, all of it was refunded, or it is disputed.',
    mend: 'Nothing is left to do; what was paid from credit goes back by a credit note.',
  },
  already_refunded: {
    status: 409,
    when: 'As much of this invoice went back before, by a refund without a key. Nothing went back now.',
    mend: 'Leave it, or give the second refund a key of its own.',
    details: ['amount', 'currency', 'refundedAt'],
  },
  refund_too_large: {
    status: 422,
    when: 'More was to go back than is left of what was paid. Nothing was refunded.',
    mend: 'Refund `details.left` at the most, in minor units.',
    details: ['left', 'currency'],
  },
  busy: {
    status: 409,
    when: 'Something else happens to the same membership at this moment.',
    mend: 'Look again, and try again.',
  },
  stripe_unavailable: {
    status: 503,
    when: 'Stripe was not reached or is overloaded. Nothing was changed; access goes on from what is known.',
    mend: 'Try again in a minute.',
    details: ['requestId', 'stripeCode'],
  },
  stripe_refused: {
    status: 502,
    when: 'Stripe said no, in `message`.',
    mend: 'Look the request up in Stripe’s dashboard by `details.requestId`.',
    details: ['requestId', 'stripeCode', 'param'],
  },
  database_unavailable: {
    status: 503,
    when: 'The database was not reached. A delivery of Stripe’s is not acknowledged then, and comes again.',
    mend: 'Try again; look after the database.',
  },
} as const satisfies Readonly<Record<string, Refusal>>

export type RefusalCode = keyof typeof refusals

/**
 * The one error class of Dues. `code` is stable and meant for programs, `message` says what to do and is meant for people.
 *
 * @example
 * try { await member.switchTo('ent', 'monthly') } catch (error) {
 *   if (error instanceof DuesError && error.code === 'payment_failed') showCardForm(error.message)
 * }
 */
export class DuesError extends Error {
  readonly code: RefusalCode
  /** The HTTP status that the handler answers with. */
  readonly status: number
  /** What a program can go on with: Stripe's decline code, where to pay, which plan it was. Never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>

  constructor(
    code: RefusalCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, string | number | boolean | null> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'DuesError'
    this.code = code
    this.status = refusals[code].status
    this.details = options.details ?? {}
  }
}
