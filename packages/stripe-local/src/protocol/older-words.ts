/** A parameter that an older version of the API called otherwise. */
export type Rewording = {
  /** The operation, e.g. `POST /v1/subscriptions/{id}`. */
  request: RegExp
  /** The version of the API that changed it. */
  before: string
  /** Stripe's page about it, under https://docs.stripe.com/changelog. */
  page: string
  parameter: RegExp
  /** The same in today's words. */
  today: (name: string, value: string) => (readonly [name: string, value: string])[]
}

/** What a request of an older version meant by saying nothing. */
export type Default = {
  request: RegExp
  before: string
  page: string
  /** Only where this is said, as `name=value`. */
  when?: RegExp
  /** Not where this is said. */
  unless: RegExp
  today: readonly [name: string, value: string]
}

const uiModes: Record<string, string> = { hosted: 'hosted_page', embedded: 'embedded_page', custom: 'elements' }

/** The value under another name: `price` under `pricing[price]`. `$1` is what the first brackets of the pattern have met. */
const as =
  (pattern: RegExp, name: string): Rewording['today'] =>
  (old, value) => [[old.replace(pattern, name), value]]

const renamed = (parameter: RegExp, name: string) => ({ parameter, today: as(parameter, name) })

/** What older requests say in other words and mean the same by, the oldest change first: each finds what the ones before it have made. */
export const rewordings: readonly Rewording[] = [
  {
    request: /^POST \/v1\/(subscriptions|invoices|subscription_schedules)(\/\{id\})?$/,
    before: '2019-10-17',
    page: '2019-10-17',
    ...renamed(/^billing$/, 'collection_method'),
  },
  {
    request: /^(POST \/v1\/subscription(s|_items|_schedules)(\/\{id\})?|DELETE \/v1\/subscription_items\/\{id\})$/,
    before: '2020-08-27',
    page: '2020-08-27/deprecates-prorate-parameters-subscriptions',
    // The request that ends a subscription takes it to this day.
    parameter: /^prorate$/,
    today: (_name, value) => [['proration_behavior', value === 'false' ? 'none' : 'create_prorations']],
  },
  {
    request: /^POST \/v1\/invoices\/create_preview$/,
    before: '2020-08-27',
    page: '2020-08-27/deprecates-prorate-parameters-subscriptions',
    parameter: /^subscription_prorate$/,
    today: (_name, value) => [['subscription_proration_behavior', value === 'false' ? 'none' : 'create_prorations']],
  },
  {
    request: /^POST \/v1\/subscription_schedules(\/\{id\})?$/,
    before: '2020-08-27',
    page: '2020-08-27/renames-phases-attributes-subscription-schedules',
    ...renamed(/^(phases\[\d*\])\[plans\](.*)$/, '$1[items]$2'),
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2022-08-01',
    page: '2022-08-01/replaces-line-item-create-checkout-session',
    ...renamed(/^(line_items\[\d*\])\[(name|description|images)\](.*)$/, '$1[price_data][product_data][$2]$3'),
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2022-08-01',
    page: '2022-08-01/replaces-line-item-create-checkout-session',
    ...renamed(/^(line_items\[\d*\])\[amount\]$/, '$1[price_data][unit_amount]'),
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2022-08-01',
    page: '2022-08-01/replaces-line-item-create-checkout-session',
    ...renamed(/^(line_items\[\d*\])\[currency\]$/, '$1[price_data][currency]'),
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2022-08-01',
    page: '2022-08-01/removes-subscription-data-create-checkout-session',
    ...renamed(/^subscription_data\[items\](\[\d*\])\[plan\]$/, 'line_items$1[price]'),
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2022-08-01',
    page: '2022-08-01/removes-subscription-data-create-checkout-session',
    ...renamed(/^subscription_data\[items\](\[\d*\])\[quantity\]$/, 'line_items$1[quantity]'),
  },
  {
    request: /^POST \/v1\/subscriptions(\/\{id\})?$/,
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/deprecate-singular-coupon-promotion-code',
    ...renamed(/^(coupon|promotion_code)$/, 'discounts[0][$1]'),
  },
  {
    request: /^POST \/v1\/(invoices\/create_preview|subscription_schedules(\/\{id\})?)$/,
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/deprecate-singular-coupon-promotion-code',
    ...renamed(/^((?:schedule_details\[phases\]|phases)\[\d*\])\[coupon\]$/, '$1[discounts][0][coupon]'),
  },
  {
    request: /^POST \/v1\/invoices\/create_preview$/,
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/deprecate-singular-coupon-promotion-code',
    ...renamed(/^coupon$/, 'discounts[0][coupon]'),
  },
  {
    request: /^POST \/v1\/invoices\/create_preview$/,
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/invoice-preview-api-deprecations',
    ...renamed(
      /^subscription_(billing_cycle_anchor|cancel_at|cancel_at_period_end|cancel_now|default_tax_rates|items|proration_behavior|proration_date|resume_at|start_date|trial_end)((\[.*)?)$/,
      'subscription_details[$1]$2',
    ),
  },
  {
    request: /^POST \/v1\/(invoiceitems(\/\{id\})?|invoices\/\{id\}\/(add_lines|update_lines|lines\/\{line\}))$/,
    before: '2025-03-31.basil',
    page: 'basil',
    ...renamed(/^((?:lines\[\d*\]\[)?)price(\]?)$/, '$1pricing$2[price]'),
  },
  {
    request: /^POST \/v1\/invoiceitems(\/\{id\})?$/,
    before: '2025-03-31.basil',
    page: 'basil',
    ...renamed(/^unit_amount$/, 'unit_amount_decimal'),
  },
  {
    request: /^(POST \/v1\/credit_notes|GET \/v1\/credit_notes\/preview(\/lines)?)$/,
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices',
    ...renamed(/^refund$/, 'refunds[0][refund]'),
  },
  {
    request: /^POST \/v1\/promotion_codes$/,
    before: '2025-09-30.clover',
    page: 'clover/2025-09-30/polymorphic-coupon',
    parameter: /^coupon$/,
    today: (_name, value) => [
      ['promotion[type]', 'coupon'],
      ['promotion[coupon]', value],
    ],
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2026-03-25.dahlia',
    page: 'dahlia',
    parameter: /^ui_mode$/,
    today: (name, value) => [[name, uiModes[value] ?? value]],
  },
  {
    request: /^POST \/v1\/(subscriptions\/\{id\}(\/resume)?|invoices\/create_preview)$/,
    before: '2026-09-30.endive',
    page: 'endive',
    parameter: /^(subscription_details\[)?billing_cycle_anchor\]?$/,
    today: (name, value) =>
      /^\d+$/.test(value)
        ? [
            [`${name}[type]`, 'timestamp'],
            [`${name}[timestamp]`, value],
          ]
        : [[`${name}[type]`, value]],
  },
  {
    request: /^POST \/v1\/(checkout\/sessions|(payment|setup)_intents)(\/\{id\}(\/confirm)?)?$/,
    before: '2026-09-30.endive',
    page: 'endive',
    ...renamed(/^payment_method_types(\[.*)$/, 'allowed_payment_method_types$1'),
  },
]

/** What is meant today only when it is said. */
export const defaults: readonly Default[] = [
  {
    request: /^POST \/v1\/(subscriptions|subscription_schedules)$/,
    before: '2025-09-30.clover',
    page: 'clover/2025-09-30/billing-mode-default-flexible',
    unless: /^(billing_mode\[|from_subscription=)/,
    today: ['billing_mode[type]', 'classic'],
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2025-09-30.clover',
    page: 'clover/2025-09-30/billing-mode-default-flexible',
    when: /^mode=subscription$/,
    unless: /^subscription_data\[billing_mode\]/,
    today: ['subscription_data[billing_mode][type]', 'classic'],
  },
  {
    request: /^POST \/v1\/invoices\/create_preview$/,
    before: '2025-09-30.clover',
    page: 'clover/2025-09-30/billing-mode-default-flexible',
    when: /^subscription_details\[items\]/,
    unless: /^(subscription=|subscription_details\[billing_mode\])/,
    today: ['subscription_details[billing_mode][type]', 'classic'],
  },
  {
    request: /^POST \/v1\/(payment|setup)_intents$/,
    before: '2023-08-16',
    page: '2023-08-16/automatic-payment-methods',
    unless: /^(allowed_payment_method_types|automatic_payment_methods)\[/,
    today: ['allowed_payment_method_types[]', 'card'],
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    before: '2022-08-01',
    page: '2022-08-01/default-customer-creation-checkout-session',
    when: /^mode=payment$/,
    unless: /^customer(_creation)?=/,
    today: ['customer_creation', 'always'],
  },
  {
    request: /^POST \/v1\/invoices$/,
    before: '2022-08-01',
    page: '2022-08-01/removes-include-require-value-invoices',
    unless: /^(pending_invoice_items_behavior|subscription|from_invoice\[.*)=/,
    today: ['pending_invoice_items_behavior', 'include'],
  },
]
