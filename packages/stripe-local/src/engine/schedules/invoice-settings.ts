import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { notSupported } from '../../protocol/errors.ts'
import type { Subscription } from '../subscriptions/items.ts'
import type { Phase, Schedule } from './build.ts'

type Param = Stripe.SubscriptionScheduleCreateParams.Phase.InvoiceSettings
type Defaults = Schedule['default_settings']['invoice_settings']

/** What stands on the invoices of a phase; null where the phase says nothing of them, and the schedule's settings hold. */
export function phaseInvoiceSettings(
  account: Account,
  param: Param | undefined,
  where: string,
): Phase['invoice_settings'] {
  if (!param || Object.keys(param).length === 0) return null
  const { issuer: _issuer, ...settings } = invoiceDefaults(account, param, undefined, where)
  return { ...settings, issuer: null }
}

/** What stands on the invoices of a schedule where a phase says nothing else: what was there before, changed by the parameters. */
export function invoiceDefaults(
  account: Account,
  param: Param | undefined,
  before: Defaults | undefined,
  where = 'default_settings',
): Defaults {
  const { account_tax_ids, custom_fields, days_until_due, description, footer, issuer } = param ?? {}
  if (issuer?.type === 'account') throw notSupported('Connect on schedules')
  const ids = account_tax_ids || null
  for (const [i, id] of (ids ?? []).entries()) {
    account.get('tax_id', id, `${where}[invoice_settings][account_tax_ids][${i}]`)
  }
  return {
    account_tax_ids: account_tax_ids === undefined ? (before?.account_tax_ids ?? null) : ids,
    custom_fields: custom_fields === undefined ? (before?.custom_fields ?? null) : custom_fields || null,
    days_until_due: days_until_due ?? before?.days_until_due ?? null,
    description: description === undefined ? (before?.description ?? null) : description || null,
    footer: footer === undefined ? (before?.footer ?? null) : footer || null,
    issuer: { type: 'self' },
  }
}

/** The same as the subscription has it, from which its invoices take it. */
export function subscriptionInvoiceSettings(
  { default_settings: { invoice_settings: defaults } }: Schedule,
  { invoice_settings: own }: Phase,
): Stripe.SubscriptionCreateParams.InvoiceSettings {
  return {
    account_tax_ids: own?.account_tax_ids ?? defaults.account_tax_ids ?? '',
    custom_fields: own?.custom_fields ?? defaults.custom_fields ?? '',
    description: own?.description ?? defaults.description ?? '',
    footer: own?.footer ?? defaults.footer ?? '',
  }
}

/** What a schedule that takes over a subscription has to say of its invoices: what the subscription said. */
export function settingsTakenOver({ invoice_settings, days_until_due }: Subscription): Param {
  const { account_tax_ids, custom_fields, description, footer } = invoice_settings
  return {
    ...(account_tax_ids && { account_tax_ids }),
    ...(custom_fields && { custom_fields }),
    ...(days_until_due !== null && { days_until_due }),
    ...(description && { description }),
    ...(footer && { footer }),
  }
}
