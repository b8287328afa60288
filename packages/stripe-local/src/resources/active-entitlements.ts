import type { Account } from '../account.ts'
import { onEvent } from '../events/reactions.ts'
import type { AnyObject, Kinds } from '../kinds.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'

type Entitlement = Kinds['entitlements.active_entitlement']
type Feature = Kinds['entitlements.feature']

defineResource({
  kind: 'entitlements.active_entitlement',
  operations: {
    'GET /v1/entitlements/active_entitlements/{id}': ({ account, path }) =>
      account.get('entitlements.active_entitlement', path.id, 'id', 'active entitlement'),
    'GET /v1/entitlements/active_entitlements': ({ account, params, url }) => {
      account.get('customer', params.customer, 'customer')
      return listOf(account, 'entitlements.active_entitlement', params, url, {
        among: entitlementsOf(account, params.customer),
      })
    },
  },
  view: shown,
})

/** While a subscription is one of these, its customer has what its products grant. */
const granting = new Set(['trialing', 'active', 'past_due'])

onEvent('customer.subscription.', (account, object) =>
  refreshEntitlements(account, (object as { customer?: string }).customer),
)

const entitlementsOf = (account: Account, customer: string): Entitlement[] =>
  account.store.by('entitlements.active_entitlement', 'customer', customer)

/**
 * Gives a customer the features of the products that they subscribe to, takes away the rest, and tells of it when that changed
 * anything. https://docs.stripe.com/billing/entitlements
 */
export function refreshEntitlements(account: Account, customer: string | undefined): void {
  if (customer === undefined) return
  const had = entitlementsOf(account, customer)
  const granted = featuresOf(account, customer)
  const lost = had.filter(({ feature }) => !granted.has(String(feature)))
  const gained = [...granted.values()].filter(({ id }) => !had.some(({ feature }) => feature === id))
  if (lost.length === 0 && gained.length === 0) return
  const before = summaryOf(customer, had)
  for (const { id } of lost) account.remove('entitlements.active_entitlement', id)
  for (const feature of gained) {
    account.insert('entitlements.active_entitlement', {
      id: account.newId('ent_test'),
      object: 'entitlements.active_entitlement',
      customer,
      feature: feature.id,
      livemode: false,
      lookup_key: feature.lookup_key,
    })
  }
  const after = summaryOf(customer, entitlementsOf(account, customer))
  account.emit('entitlements.active_entitlement_summary.updated', after as unknown as AnyObject, before as never)
}

function featuresOf(account: Account, customer: string): Map<string, Feature> {
  const features = new Map<string, Feature>()
  for (const subscription of account.store.by('subscription', 'customer', customer)) {
    if (!granting.has(subscription.status)) continue
    for (const { price } of subscription.items.data) {
      const product = account.find('price', price.id)?.product ?? price.product
      for (const attached of account.store.by('product_feature', 'product', String(product))) {
        const feature = account.find('entitlements.feature', attached.entitlement_feature.id)
        if (feature) features.set(feature.id, feature)
      }
    }
  }
  return features
}

const summaryOf = (customer: string, entitlements: readonly Entitlement[]) => ({
  object: 'entitlements.active_entitlement_summary',
  customer,
  entitlements: {
    object: 'list',
    data: entitlements.slice(0, 10).map(shown),
    has_more: entitlements.length > 10,
    url: `/v1/customer/${customer}/entitlements`,
  },
  livemode: false,
})

function shown({ customer: _ours, ...entitlement }: Entitlement): Omit<Entitlement, 'customer'> {
  return entitlement
}
