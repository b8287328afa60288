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

/** What older requests say in other words, so that the recordings of them can be compared. https://docs.stripe.com/changelog */
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

/** A parameter of a recorded request as the version of the API that the SDK pins has it. */
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
