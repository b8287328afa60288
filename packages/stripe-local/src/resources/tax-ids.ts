import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, missingParameter, noSuch, notSupported } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'

type TaxId = Kinds['tax_id']
type Params = { type: Stripe.TaxId.Type; value: string }
type Owner = Stripe.TaxIdCreateParams.Owner

defineResource({
  kind: 'tax_id',
  operations: {
    'POST /v1/customers/{id}/tax_ids': ({ account, path, params }) => createTaxId(account, path.id, params),
    'GET /v1/customers/{id}/tax_ids/{tax_id}': ({ account, path }) => ofCustomer(account, path.id, path.tax_id),
    'GET /v1/customers/{id}/tax_ids': ({ account, path, params, url }) => {
      fromPath(account, 'customer', path.id, 'customer')
      return listOf(account, 'tax_id', params, url, { among: account.store.by('tax_id', 'customer', path.id) })
    },
    'DELETE /v1/customers/{id}/tax_ids/{tax_id}': ({ account, path }) =>
      remove(account, ofCustomer(account, path.id, path.tax_id)),
    'POST /v1/tax_ids': ({ account, params }) => {
      const customer = customerOf(account, params.owner)
      return customer === null ? keep(account, null, params) : createTaxId(account, customer, params)
    },
    'GET /v1/tax_ids/{id}': ({ account, path }) => named(account, path.id),
    'GET /v1/tax_ids': ({ account, params, url }) => {
      const customer = customerOf(account, params.owner)
      return customer === null
        ? listOf(account, 'tax_id', params, url, { where: ({ owner }) => owner?.type === 'self' })
        : listOf(account, 'tax_id', params, url, { among: account.store.by('tax_id', 'customer', customer) })
    },
    'DELETE /v1/tax_ids/{id}': ({ account, path }) => remove(account, named(account, path.id)),
  },
})

/** Whose tax id it is: a customer's, or with null the account's own, which is meant when nobody is named. */
function customerOf(account: Account, owner: Owner | undefined): string | null {
  if (!owner || owner.type === 'self') return null
  if (owner.type !== 'customer' || owner.customer_account)
    throw notSupported(`tax ids of an owner of type ${owner.type}`)
  if (!owner.customer) throw missingParameter('owner[customer]')
  return account.get('customer', owner.customer, 'owner[customer]').id
}

/** https://docs.stripe.com/api/tax_ids/customer_create */
export function createTaxId(account: Account, customerId: string, params: Params): TaxId {
  fromPath(account, 'customer', customerId, 'customer')
  const taxId = keep(account, customerId, params)
  account.emit('customer.tax_id.created', taxId)
  return taxId
}

/** How the VAT numbers of the European Union are made; of the other types every value is taken. */
const euVat = /^(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)[0-9A-Z+*]{2,12}$/

function keep(account: Account, customer: string | null, { type, value }: Params): TaxId {
  if (type === 'eu_vat' && !euVat.test(value))
    throw invalidRequest(`Invalid value for ${type}.`, 'value', 'tax_id_invalid')
  return account.insert('tax_id', {
    id: account.newId('txi'),
    object: 'tax_id',
    country: countryOf(type, value),
    created: account.now,
    customer,
    customer_account: null,
    livemode: false,
    owner:
      customer === null
        ? { type: 'self', customer_account: null }
        : { type: 'customer', customer, customer_account: null },
    type,
    value,
    verification: customer === null ? null : { status: 'pending', verified_address: null, verified_name: null },
  } as unknown as TaxId)
}

function remove(account: Account, taxId: TaxId): object {
  account.remove('tax_id', taxId.id)
  if (taxId.customer) account.emit('customer.tax_id.deleted', taxId)
  return { id: taxId.id, object: 'tax_id', deleted: true }
}

/** `us_ein` → US, and `eu_vat` → the country that the number begins with. */
function countryOf(type: string, value: string): string {
  const code = (type === 'eu_vat' ? value : type).slice(0, 2).toUpperCase()
  // Greek numbers begin with the name of the language.
  return code === 'EL' ? 'GR' : code
}

function ofCustomer(account: Account, customerId: string, id: string): TaxId {
  fromPath(account, 'customer', customerId, 'customer')
  const taxId = account.find('tax_id', id)
  if (taxId?.customer !== customerId) throw noSuch('tax ID', id)
  return taxId
}

function named(account: Account, id: string): TaxId {
  const taxId = account.find('tax_id', id)
  if (!taxId) throw noSuch('tax ID', id)
  return taxId
}
