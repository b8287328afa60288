import { apiVersion } from '../version.ts'

/** A parameter that an older version of the API called otherwise. */
type Rewording = {
  /** The operation, e.g. `POST /v1/subscriptions/{id}`. */
  request: RegExp
  /** The version of the API that changed it. */
  before: string
  parameter: RegExp
  /** The same in today's words. */
  today: (name: string, value: string) => (readonly [name: string, value: string])[]
}

const uiModes: Record<string, string> = { hosted: 'hosted_page', embedded: 'embedded_page', custom: 'elements' }

/** What older requests say in other words, and mean the same by. https://docs.stripe.com/changelog */
const rewordings: Rewording[] = [
  {
    request: /^POST \/v1\/(checkout\/sessions|(payment|setup)_intents)(\/\{id\}(\/confirm)?)?$/,
    before: '2026-09-30.endive',
    parameter: /^payment_method_types\[/,
    today: (name, value) => [[`allowed_${name}`, value]],
  },
  {
    request: /^POST \/v1\/(subscriptions\/\{id\}|invoices\/create_preview)$/,
    before: '2026-09-30.endive',
    parameter: /^(subscription_details\[)?billing_cycle_anchor\]?$/,
    today: (name, value) => [[`${name}[type]`, value]],
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2026-03-25.dahlia',
    parameter: /^ui_mode$/,
    today: (name, value) => [[name, uiModes[value] ?? value]],
  },
  {
    request: /^POST \/v1\/promotion_codes$/,
    before: '2025-09-30.clover',
    parameter: /^coupon$/,
    today: (_name, value) => [
      ['promotion[type]', 'coupon'],
      ['promotion[coupon]', value],
    ],
  },
  {
    request: /^POST \/v1\/subscriptions(\/\{id\})?$/,
    before: '2025-03-31.basil',
    parameter: /^(coupon|promotion_code)$/,
    today: (name, value) => [[`discounts[0][${name}]`, value]],
  },
]

/** A parameter of a request that was written for an older version of the API, as the version that the SDK pins has it. */
export function inTodaysWords(
  request: string,
  version: string,
  pair: readonly [name: string, value: string],
): (readonly [name: string, value: string])[] {
  const rewording = rewordings.find(
    (one) => version < one.before && one.request.test(request) && one.parameter.test(pair[0]),
  )
  return rewording ? rewording.today(...pair) : [pair]
}

/**
 * An encoded form that was written for the version in `Stripe-Version`, in today's words. Only words that were renamed are taken: what an
 * older version had and this one has not stays, and is refused by its name.
 *
 *     formInTodaysWords('POST /v1/subscriptions/{id}', '2025-10-29.clover', 'billing_cycle_anchor=now')
 *     // 'billing_cycle_anchor%5Btype%5D=now'
 */
export function formInTodaysWords(request: string, version: string, form: string): string {
  if (form === '' || version >= apiVersion || !rewordings.some((one) => one.request.test(request))) return form
  return form
    .split('&')
    .map((piece) => pieceInTodaysWords(request, version, piece))
    .join('&')
}

/** What cannot be decoded is left to those who say so. */
function pieceInTodaysWords(request: string, version: string, piece: string): string {
  const [first] = new URLSearchParams(piece)
  const words = first && inTodaysWords(request, version, first)
  if (!words || (words.length === 1 && words[0] === first)) return piece
  return words.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}
