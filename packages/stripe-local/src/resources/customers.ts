import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { cardShown, cardSource, cardSourcesOf, defaultSourceShown } from '../engine/card-sources.ts'
import { attachPaymentMethod, paymentMethodOf } from '../engine/payment-methods.ts'
import { cancelAllOf } from '../engine/subscriptions/cancel.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, noSuch, notSupported } from '../protocol/errors.ts'
import { listOf, pageOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { cashBalanceOf, changeCashBalance } from './cash-balances.ts'
import { adjustBalance } from './customer-balance-transactions.ts'
import { afterReplacing, keepSource } from './customer-sources.ts'
import { mergeMetadata } from './metadata.ts'
import { createTaxId } from './tax-ids.ts'

type Customer = Kinds['customer']
type Changes = Stripe.CustomerCreateParams & Stripe.CustomerUpdateParams
type Fields = { [Name in keyof Changes]?: Changes[Name] | undefined }

defineResource({
  kind: 'customer',
  operations: {
    'POST /v1/customers': ({ account, params }) => createCustomer(account, params),
    'POST /v1/customers/{id}': ({ account, path, params }) => updateCustomer(account, path.id, params),
    'GET /v1/customers/{id}': ({ account, path }) => {
      const found = account.find('customer', path.id)
      return found && 'deleted' in found ? found : account.get('customer', path.id)
    },
    'DELETE /v1/customers/{id}': ({ account, path }) => deleteCustomer(account, path.id),
    'DELETE /v1/customers/{id}/discount': ({ account, path }) => deleteDiscount(account, path.id),
    'GET /v1/customers': ({ account, params, url }) =>
      listOf(account, 'customer', params, url, {
        ...(params.email !== undefined && { among: account.store.by('customer', 'email', params.email) }),
        where: (customer) => (customer.test_clock ?? null) === (params.test_clock ?? null),
      }),
  },
  includes: {
    tax: (): Stripe.Customer.Tax => ({
      automatic_tax: 'unrecognized_location',
      ip_address: null,
      location: null,
      provider: 'stripe',
    }),
    invoice_credit_balance: (customer) =>
      customer.currency && customer.balance ? { [customer.currency]: customer.balance } : {},
    subscriptions: (customer, account) =>
      listOf(account, 'subscription', {}, `/v1/customers/${customer.id}/subscriptions`, {
        among: account.store.by('subscription', 'customer', customer.id),
        where: (subscription) => subscription.status !== 'canceled' && subscription.status !== 'incomplete_expired',
      }),
    cash_balance: (customer, account) => cashBalanceOf(account, customer.id),
    sources: ({ id }, account) => ({
      object: 'list',
      ...pageOf(cardSourcesOf(account, id).map(cardShown), {}),
      url: `/v1/customers/${id}/sources`,
    }),
    default_source: defaultSourceShown,
    tax_ids: (customer, account) =>
      listOf(account, 'tax_id', {}, `/v1/customers/${customer.id}/tax_ids`, {
        among: account.store.by('tax_id', 'customer', customer.id),
      }),
  },
})

/** https://docs.stripe.com/api/customers/create */
export function createCustomer(account: Account, params: Stripe.CustomerCreateParams): Customer {
  if (params.test_clock) account.get('test_helpers.test_clock', params.test_clock, 'test_clock')
  refuseLocation(params)
  const clockTime = params.test_clock
    ? account.find('test_helpers.test_clock', params.test_clock)?.frozen_time
    : undefined
  return account.at(clockTime ?? account.now, () => {
    const blank = blankCustomer(account, params)
    const { id } = blank
    // Its cards must find it there, and its settings its cards.
    account.insert('customer', { ...blank, ...fieldsOf(account, blank, { ...params, invoice_settings: undefined }) })
    changeCashBalance(account, id, params.cash_balance)
    const settings = withPaymentMethod(account, id, params)
    if (settings) account.update('customer', id, { invoice_settings: invoiceSettingsOf(account, blank, settings) })
    for (const taxId of params.tax_id_data ?? []) createTaxId(account, id, taxId)
    if (params.balance) adjustBalance(account, id, { amount: params.balance, type: 'adjustment', currency: 'usd' })
    if (params.source)
      account.update('customer', id, {
        default_source: keepSource(account, id, { ...params, source: params.source }).id,
      })
    const customer = account.get('customer', id)
    account.emit('customer.created', customer)
    return customer
  })
}

// One for all who have none: no object is ever changed in place.
const noInvoiceSettings = { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null }
const noMetadata = {}
const noLocales: string[] = []

const blankCustomer = (account: Account, params: Stripe.CustomerCreateParams): Customer => ({
  id: account.newId('cus'),
  object: 'customer',
  address: null,
  balance: 0,
  created: account.now,
  currency: null,
  customer_account: null,
  default_source: null,
  delinquent: false,
  description: null,
  discount: null,
  email: null,
  invoice_prefix: params.invoice_prefix ?? randomCharacters(8).toUpperCase(),
  invoice_settings: noInvoiceSettings,
  livemode: false,
  metadata: noMetadata,
  name: null,
  next_invoice_sequence: 1,
  phone: null,
  preferred_locales: noLocales,
  shipping: null,
  tax_exempt: 'none',
  test_clock: params.test_clock ?? null,
})

/** Attaches the payment method that is given with a new customer; a ready-made one may be named again as the default. */
function withPaymentMethod(
  account: Account,
  id: string,
  { payment_method, invoice_settings }: Stripe.CustomerCreateParams,
): Stripe.CustomerCreateParams['invoice_settings'] {
  if (!payment_method) return invoice_settings
  const method = attachPaymentMethod(account, payment_method, id)
  return invoice_settings?.default_payment_method === payment_method
    ? { ...invoice_settings, default_payment_method: method.id }
    : invoice_settings
}

/** https://docs.stripe.com/api/customers/update */
export function updateCustomer(account: Account, id: string, params: Stripe.CustomerUpdateParams): Customer {
  const found = account.find('customer', id)
  // Stripe answers for one that was deleted as for a bad parameter, not as for a bad path.
  if (found && 'deleted' in found) throw noSuch('customer', id, 'id', 400)
  const before = account.get('customer', id)
  refuseLocation(params)
  return account.atTimeOf(id, () => {
    if (params.default_source !== undefined) cardSource(account, id, params.default_source, 'default_source')
    changeCashBalance(account, id, params.cash_balance)
    if (params.balance !== undefined && params.balance !== before.balance) {
      adjustBalance(account, id, {
        amount: params.balance - before.balance,
        type: 'adjustment',
        currency: before.currency ?? 'usd',
      })
    }
    const fields = fieldsOf(account, account.get('customer', id), params)
    if (!params.source) return account.change('customer.updated', 'customer', id, fields)
    const { id: default_source } = keepSource(account, id, { ...params, source: params.source })
    account.change('customer.updated', 'customer', id, { ...fields, default_source })
    afterReplacing(account, id, before.default_source)
    return account.get('customer', id)
  })
}

/** Where a customer is taxed is looked up nowhere, so an address of the network says nothing, and no location can be checked at once. */
function refuseLocation({ tax }: Partial<Changes>): void {
  if (tax?.ip_address) throw notSupported('the tax location of an IP address')
  if (tax?.validate_location === 'immediately') throw notSupported('checking the tax location of a customer')
}

/** The customer's fields that parameters name. An empty string clears a field, as everywhere in Stripe. */
function fieldsOf(account: Account, before: Customer, params: Fields): Partial<Customer> {
  const fields: Partial<Customer> = {}
  if (params.address !== undefined) fields.address = addressOf(params.address)
  if (params.business_name !== undefined) fields.business_name = params.business_name ?? ''
  if (params.individual_name !== undefined) fields.individual_name = params.individual_name ?? ''
  if (params.description !== undefined) fields.description = params.description || null
  if (params.email !== undefined) fields.email = emailOf(params.email)
  if (params.name !== undefined) fields.name = params.name || null
  if (params.phone !== undefined) fields.phone = params.phone || null
  if (params.default_source !== undefined) fields.default_source = params.default_source
  if (params.preferred_locales !== undefined) fields.preferred_locales = params.preferred_locales
  if (params.next_invoice_sequence !== undefined) fields.next_invoice_sequence = params.next_invoice_sequence
  if (params.invoice_prefix !== undefined) fields.invoice_prefix = params.invoice_prefix
  if (params.tax_exempt !== undefined) fields.tax_exempt = params.tax_exempt || 'none'
  if (params.metadata !== undefined) fields.metadata = mergeMetadata(before.metadata, params.metadata)
  if (params.shipping !== undefined) {
    const { shipping } = params
    fields.shipping = shipping
      ? { address: addressOf(shipping.address) ?? emptyAddress, name: shipping.name, phone: shipping.phone || null }
      : null
  }
  if (params.invoice_settings !== undefined)
    fields.invoice_settings = invoiceSettingsOf(account, before, params.invoice_settings)
  return fields
}

function invoiceSettingsOf(
  account: Account,
  customer: Customer,
  params: NonNullable<Changes['invoice_settings']>,
): Customer['invoice_settings'] {
  const settings = { ...customer.invoice_settings }
  if (params.default_payment_method !== undefined) {
    settings.default_payment_method = params.default_payment_method || null
    if (params.default_payment_method) {
      const method = paymentMethodOf(account, params.default_payment_method, 'invoice_settings[default_payment_method]')
      if (method.customer !== customer.id) {
        throw invalidRequest(
          `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
          'invoice_settings[default_payment_method]',
          'resource_missing',
        )
      }
    }
  }
  if (params.footer !== undefined) settings.footer = params.footer || null
  if (params.custom_fields !== undefined) settings.custom_fields = params.custom_fields || null
  if (params.rendering_options !== undefined) {
    const options = params.rendering_options
    settings.rendering_options = options
      ? { amount_tax_display: options.amount_tax_display || null, template: options.template ?? null }
      : null
  }
  return settings
}

/** https://docs.stripe.com/api/customers/delete: its subscriptions end at once; what is left answers `deleted: true`. */
function deleteCustomer(account: Account, id: string): object {
  const customer = account.get('customer', id)
  return account.atTimeOf(id, () => {
    cancelAllOf(account, id)
    account.emit('customer.deleted', account.get('customer', id))
    const stub = { id: customer.id, object: 'customer', deleted: true } as unknown as Customer
    return account.insert('customer', stub)
  })
}

/** https://docs.stripe.com/api/discounts/delete */
function deleteDiscount(account: Account, id: string): object {
  const { discount } = account.get('customer', id)
  if (!discount) throw invalidRequest(`No active discount for customer: ${id}`, undefined, 'resource_missing')
  account.update('customer', id, { discount: null })
  account.emit('customer.discount.deleted', discount)
  return { ...discount, deleted: true }
}

const emptyAddress = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }

function addressOf(address: Stripe.Emptyable<Stripe.AddressParam> | undefined): Stripe.Address | null {
  if (!address) return null
  const entries = Object.entries(address).map(([key, value]) => [
    key,
    key === 'country' && value ? value.toUpperCase() : value || null,
  ])
  return { ...emptyAddress, ...Object.fromEntries(entries) }
}

function emailOf(email: string): string | null {
  if (email === '') return null
  if (/^[^\s@]+@[^\s@]+$/.test(email)) return email
  throw invalidRequest(`Invalid email address: ${email}`, 'email', 'email_invalid')
}
