import type Stripe from 'stripe'
import { type ApiError, invalidRequest, missingParameter, notSupported } from '../protocol/errors.ts'
import { onlyOne, withinFiveYears } from '../protocol/values.ts'

type Params = Stripe.Checkout.SessionCreateParams
export type Mode = 'payment' | 'setup' | 'subscription'

/** Parameters that belong to some modes alone, and which those are. */
const modesOf: { [Name in keyof Params]?: readonly Mode[] } = {
  allow_promotion_codes: ['payment', 'subscription'],
  customer_creation: ['payment'],
  discounts: ['payment', 'subscription'],
  invoice_creation: ['payment'],
  line_items: ['payment', 'subscription'],
  optional_items: ['payment', 'subscription'],
  payment_intent_data: ['payment'],
  payment_method_collection: ['subscription'],
  setup_intent_data: ['setup'],
  shipping_address_collection: ['payment', 'subscription'],
  shipping_options: ['payment'],
  submit_type: ['payment', 'subscription'],
  subscription_data: ['subscription'],
  tax_id_collection: ['payment', 'subscription'],
}

/** What Stripe has and the pages here do not: refused, because a Checkout that leaves it out would charge something else. */
const unsupported: readonly (keyof Params)[] = ['customer_account', 'payment_method_data', 'permissions']

const ofConnect = ['application_fee_amount', 'application_fee_percent', 'on_behalf_of', 'transfer_data'] as const

/** The mode of a session, after everything that does not fit together was refused in Stripe's words. */
export function checkedMode(params: Params): Mode {
  const mode = params.mode as Mode | undefined
  if (!mode) throw missingParameter('mode')
  onlyOne(params, ['customer', 'customer_email'])
  onlyOne(params, ['allow_promotion_codes', 'discounts'])
  onlyOne(params, ['customer', 'customer_creation'])
  for (const [name, modes] of Object.entries(modesOf)) {
    if (params[name as keyof Params] !== undefined && !modes.includes(mode)) throw notInMode(name, mode)
  }
  for (const name of unsupported) if (params[name] !== undefined) throw notSupported(`${name} in Checkout`)
  for (const name of ofConnect) {
    if ({ ...params.payment_intent_data, ...params.subscription_data }[name] !== undefined)
      throw notSupported('Connect in Checkout')
  }
  checkUrls(params)
  checkTrial(params.subscription_data)
  if (params.customer_email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(params.customer_email)) {
    throw invalidRequest(`Invalid email address: ${params.customer_email}`, 'customer_email', 'email_invalid')
  }
  if ((params.client_reference_id?.length ?? 0) > 200) {
    throw invalidRequest('Invalid string: must be at most 200 characters', 'client_reference_id')
  }
  if (params.discounts && params.discounts.length > 1)
    throw invalidRequest('You can only apply one discount to a Checkout Session.', 'discounts')
  if (params.custom_fields && params.custom_fields.length > 3)
    throw invalidRequest('You can only provide up to 3 custom fields.', 'custom_fields')
  if (params.optional_items && (params.ui_mode === 'elements' || params.ui_mode === 'form')) {
    throw invalidRequest(
      `You can not pass \`optional_items\` when \`ui_mode\` is \`${params.ui_mode}\`.`,
      'optional_items',
    )
  }
  return mode
}

const notInMode = (name: string, mode: Mode): ApiError =>
  name === 'customer_creation'
    ? invalidRequest('`customer_creation` can only be used in `payment` mode.', name)
    : invalidRequest(`You can not pass \`${name}\` in \`${mode}\` mode.`, name)

function checkUrls(params: Params): void {
  const hosted = (params.ui_mode ?? 'hosted_page') === 'hosted_page'
  if (hosted && params.success_url === undefined) throw missingParameter('success_url')
  if (hosted && params.return_url !== undefined) {
    throw invalidRequest(
      'You can not pass `return_url` when `ui_mode` is `hosted_page`. Use `success_url` instead.',
      'return_url',
    )
  }
  for (const name of ['success_url', 'cancel_url', 'return_url'] as const) {
    if (params[name] !== undefined) checkUrl(params[name], name)
  }
}

/** An address that a browser can be sent to, or Stripe's 400 (`url_invalid`). */
export function checkUrl(url: string, param: string): string {
  if (url.length > 5000) throw invalidRequest('Invalid URL: URL must be 5000 characters or less.', param, 'url_invalid')
  const host = url.split(/[/?#]/)[0] ?? ''
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url) && (host.includes('.') || /^[\w-]+:\d+$/.test(host))) {
    throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', param, 'url_invalid')
  }
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw invalidRequest('Not a valid URL', param, 'url_invalid')
}

function checkTrial(data: Params['subscription_data']): void {
  if (!data) return
  onlyOne(data, ['trial_end', 'trial_period_days'], 'subscription_data[trial_end]')
  if (data.trial_period_days !== undefined && data.trial_period_days < 1) {
    throw invalidRequest('The minimum number of trial period days is 1.', 'subscription_data[trial_period_days]')
  }
  if (data.trial_period_days !== undefined && data.trial_period_days > 730) {
    throw invalidRequest(
      'The maximum number of trial period days is 730 (2 years).',
      'subscription_data[trial_period_days]',
    )
  }
  for (const name of ['billing_cycle_anchor', 'billing_cycle_anchor_config'] as const) {
    for (const other of ['billing_cycle_anchor', 'trial_end', 'trial_period_days'] as const) {
      if (name !== other) onlyOne(data, [name, other], `subscription_data[${name}]`)
    }
  }
}

/** When a trial that the parameters ask for ends; null without one. */
export function trialEndOf(data: Params['subscription_data'], now: number): number | null {
  if (data?.trial_period_days !== undefined) return now + data.trial_period_days * 86_400
  return data?.trial_end ?? null
}

/** `trial_end` must leave the customer two days. Asked at creation only: a slow customer keeps the trial. */
export function checkTrialEnd(data: Params['subscription_data'], now: number): void {
  if (data?.trial_end === undefined) return
  if (data.trial_end < now + 2 * 86_400) {
    throw invalidRequest(
      'The `trial_end` date has to be at least 2 days in the future.',
      'subscription_data[trial_end]',
    )
  }
  withinFiveYears(data.trial_end, now, 'subscription_data[trial_end]')
}

/** When the session ends: a day from now, or what was asked for, between half an hour and a day. */
export function expiryOf(expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined) return now + 86_400
  if (expiresAt < now + 1800) {
    throw invalidRequest(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      'expires_at',
    )
  }
  if (expiresAt > now + 86_400) {
    throw invalidRequest(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      'expires_at',
    )
  }
  return expiresAt
}
