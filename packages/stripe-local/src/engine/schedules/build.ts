import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { invalidRequest, notSupported } from '../../protocol/errors.ts'
import { withinFiveYears } from '../../protocol/values.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { addIntervals, type Period } from '../calendar.ts'
import {
  type ItemParam,
  nextPeriodEnd,
  type Price,
  priceOf,
  rhythmOf,
  type Subscription,
  taxRatesOf,
} from '../subscriptions/items.ts'
import { invoiceDefaults, phaseInvoiceSettings } from './invoice-settings.ts'

export type Schedule = Kinds['subscription_schedule']
export type Phase = Schedule['phases'][number]
export type PhaseParam = Omit<Stripe.SubscriptionScheduleCreateParams.Phase, 'end_date' | 'trial_end'> & {
  start_date?: number | 'now'
  end_date?: number | 'now'
  trial_end?: number | 'now'
}

/** A phase out of its parameters; it begins where the one before ends. Errors: no items, an end before the start. */
export function phaseOf(account: Account, param: PhaseParam, start: number, index: number): Phase {
  const where = `phases[${index}]`
  refuseUnsupported(param)
  const prices = param.items.map((item, i) => {
    const price = priceOf(account, item as ItemParam, `${where}[items][${i}]`)
    if (!price) throw invalidRequest('You must pass a price for each item of a phase.', `${where}[items][${i}]`)
    return price
  })
  const end_date = endOf(param, prices, start, account.now, where)
  return {
    add_invoice_items: (param.add_invoice_items ?? []).map((item) => ({
      discountable: item.discountable ?? null,
      discounts: [],
      metadata: mergeMetadata({}, item.metadata),
      period: { end: { type: 'min_item_period_end' }, start: { type: 'max_item_period_start' } },
      price: item.price ?? '',
      quantity: item.quantity ?? 1,
      tax_rates: [],
    })),
    application_fee_percent: null,
    billing_cycle_anchor: param.billing_cycle_anchor ?? null,
    billing_thresholds: null,
    collection_method: param.collection_method ?? null,
    currency: param.currency ?? prices[0]?.currency ?? 'usd',
    default_payment_method: param.default_payment_method ?? null,
    default_tax_rates: taxRatesOf(account, param.default_tax_rates, `${where}[default_tax_rates]`),
    description: param.description || null,
    discounts: discountsOf(param.discounts),
    end_date,
    invoice_settings: phaseInvoiceSettings(account, param.invoice_settings, where),
    items: param.items.map((item, i) => {
      const price = prices[i] as Price
      const isMetered = price.recurring?.usage_type === 'metered'
      return {
        billing_thresholds: null,
        discounts: discountsOf(item.discounts),
        metadata: mergeMetadata({}, item.metadata),
        plan: price.id,
        price: price.id,
        ...(!isMetered && { quantity: item.quantity ?? 1 }),
        tax_rates: taxRatesOf(account, item.tax_rates, `${where}[items][${i}][tax_rates]`),
      }
    }),
    metadata: mergeMetadata({}, param.metadata),
    on_behalf_of: null,
    proration_behavior: param.proration_behavior ?? 'create_prorations',
    start_date: start,
    transfer_data: null,
    trial_end: trialEndOf(param, { start, end: end_date }, account.now, where),
  }
}

/** A subscription takes no trial of more than five years; it is better told now than when the phase begins. */
function trialEndOf(param: PhaseParam, { start, end }: Period, now: number, where: string): number | null {
  const trialEnd = param.trial ? end : param.trial_end === 'now' ? now : (param.trial_end ?? null)
  if (trialEnd !== null && trialEnd > start) withinFiveYears(trialEnd, start, `${where}[trial_end]`)
  return trialEnd
}

type SettingsParam = Stripe.SubscriptionScheduleCreateParams.DefaultSettings

/** What neither a phase nor the settings of a schedule can ask for here. */
function refuseSettings(param: PhaseParam | SettingsParam): void {
  if (param.automatic_tax?.enabled) throw notSupported('automatic_tax: use tax rates')
  if (param.transfer_data || param.on_behalf_of || param.application_fee_percent)
    throw notSupported('Connect on schedules')
  if (param.billing_thresholds) throw notSupported('billing_thresholds')
}

function refuseUnsupported(param: PhaseParam): void {
  refuseSettings(param)
  if (param.items.some((item) => item.billing_thresholds)) throw notSupported('billing_thresholds')
  const isDetailed = (param.add_invoice_items ?? []).some(
    ({ discounts, period, price_data, tax_rates }) => discounts?.length || period || price_data || tax_rates,
  )
  if (isDetailed) throw notSupported('discounts, period, price_data and tax_rates of add_invoice_items on schedules')
}

const discountsOf = (
  params: Stripe.Emptyable<{ coupon?: string; discount?: string; promotion_code?: string }[]> | undefined,
): Phase['discounts'] =>
  (params || []).map(({ coupon = null, discount = null, promotion_code = null }) => ({
    coupon,
    discount,
    promotion_code,
  }))

/** Phases last until a date, for a duration, or for one interval of their first price. */
function endOf(param: PhaseParam, prices: readonly Price[], start: number, now: number, where: string): number {
  if (param.end_date !== undefined && param.duration) {
    throw invalidRequest('You may only specify one of these parameters: end_date, duration.', `${where}[end_date]`)
  }
  const end = param.end_date === 'now' ? now : (param.end_date ?? durationEnd(param.duration, prices[0], start))
  if (end > start) return end
  throw invalidRequest('The end date of a phase must be after its start date.', `${where}[end_date]`)
}

function durationEnd(duration: PhaseParam['duration'], first: Price | undefined, start: number): number {
  if (duration) return addIntervals({ time: start }, { ...duration, interval_count: duration.interval_count ?? 1 }, 1)
  return first ? addIntervals({ time: start }, rhythmOf(first), 1) : start
}

/** The phases of a schedule, one after the other. */
export function phasesOf(account: Account, params: readonly PhaseParam[], start: number): Phase[] {
  let from = start
  return params.map((param, index) => {
    const phase = phaseOf(
      account,
      param,
      index === 0 && typeof param.start_date === 'number' ? param.start_date : from,
      index,
    )
    from = phase.end_date
    return phase
  })
}

/** The one phase of a schedule that takes over a subscription as it is: it lasts until the current period ends. */
export const currentPhaseOf = (subscription: Subscription): Phase => ({
  add_invoice_items: [],
  application_fee_percent: null,
  billing_cycle_anchor: null,
  billing_thresholds: null,
  collection_method: null,
  currency: subscription.currency,
  default_payment_method: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  end_date: nextPeriodEnd(subscription.items.data),
  invoice_settings: null,
  items: subscription.items.data.map((item) => ({
    billing_thresholds: null,
    discounts: [],
    metadata: {},
    plan: item.price.id,
    price: item.price.id,
    ...(item.quantity !== undefined && { quantity: item.quantity }),
    tax_rates: [],
  })),
  metadata: {},
  on_behalf_of: null,
  proration_behavior: 'create_prorations',
  start_date: Math.max(...subscription.items.data.map((item) => item.current_period_start)),
  transfer_data: null,
  trial_end: subscription.status === 'trialing' ? subscription.trial_end : null,
})

/** What a schedule does with its subscription where a phase says nothing else. */
export const defaultSettings = (
  account: Account,
  params: SettingsParam = {},
  before?: Schedule['default_settings'],
): Schedule['default_settings'] => {
  refuseSettings(params)
  if (params.default_payment_method)
    account.get('payment_method', params.default_payment_method, 'default_settings[default_payment_method]')
  return {
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: params.billing_cycle_anchor ?? before?.billing_cycle_anchor ?? 'automatic',
    billing_thresholds: null,
    collection_method: params.collection_method ?? before?.collection_method ?? 'charge_automatically',
    default_payment_method: params.default_payment_method ?? before?.default_payment_method ?? null,
    description: params.description === undefined ? (before?.description ?? null) : params.description || null,
    invoice_settings: invoiceDefaults(account, params.invoice_settings, before?.invoice_settings),
    on_behalf_of: null,
    transfer_data: null,
  }
}
