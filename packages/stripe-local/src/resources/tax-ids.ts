import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { noSuch } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'

type TaxId = Kinds['tax_id']

defineResource({
  kind: 'tax_id',
  operations: {
    'POST /v1/customers/{id}/tax_ids': ({ account, path, params }) => createTaxId(account, path.id, params),
    'GET /v1/customers/{id}/tax_ids/{tax_id}': ({ account, path }) => ofCustomer(account, path.id, path.tax_id),
    'GET /v1/customers/{id}/tax_ids': ({ account, path, params, url }) => {
      account.get('customer', path.id, 'customer')
      return listOf(account, 'tax_id', params, url, { among: account.store.by('tax_id', 'customer', path.id) })
    },
    'DELETE /v1/customers/{id}/tax_ids/{tax_id}': ({ account, path }) => {
      const taxId = ofCustomer(account, path.id, path.tax_id)
      account.remove('tax_id', taxId.id)
      account.emit('customer.tax_id.deleted', taxId)
      return { id: taxId.id, object: 'tax_id', deleted: true }
    },
  },
})

/** https://docs.stripe.com/api/tax_ids/customer_create */
export function createTaxId(
  account: Account,
  customerId: string,
  params: { type: Stripe.TaxId.Type; value: string },
): TaxId {
  account.get('customer', customerId, 'customer')
  const taxId = account.insert('tax_id', {
    id: account.newId('txi'),
    object: 'tax_id',
    country: countryOf(params.type, params.value),
    created: account.now,
    customer: customerId,
    customer_account: null,
    livemode: false,
    owner: { type: 'customer', customer: customerId, customer_account: null },
    type: params.type,
    value: params.value,
    verification: { status: 'pending', verified_address: null, verified_name: null },
  } as unknown as TaxId)
  account.emit('customer.tax_id.created', taxId)
  return taxId
}

/** `us_ein` → US, and `eu_vat` → the country that the number begins with. */
const countryOf = (type: string, value: string): string => (type === 'eu_vat' ? value : type).slice(0, 2).toUpperCase()

function ofCustomer(account: Account, customerId: string, id: string): TaxId {
  account.get('customer', customerId, 'customer')
  const taxId = account.find('tax_id', id)
  if (taxId?.customer !== customerId) throw noSuch('tax ID', id)
  return taxId
}
