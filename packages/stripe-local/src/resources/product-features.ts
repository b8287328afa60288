import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, noSuch } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'

type ProductFeature = Kinds['product_feature']

defineResource({
  kind: 'product_feature',
  operations: {
    'POST /v1/products/{id}/features': ({ account, path, params }) => {
      fromPath(account, 'product', path.id, 'product')
      const feature = account.get('entitlements.feature', params.entitlement_feature, 'entitlement_feature')
      if (
        account.store.by('product_feature', 'product', path.id).some((one) => one.entitlement_feature.id === feature.id)
      ) {
        throw invalidRequest(
          `The feature ${feature.id} is attached to the product ${path.id} already.`,
          'entitlement_feature',
        )
      }
      if (!feature.active)
        throw invalidRequest(
          `The feature ${feature.id} is archived, so it cannot be attached to a product.`,
          'entitlement_feature',
        )
      return account.insert('product_feature', {
        id: account.newId('prodft'),
        object: 'product_feature',
        entitlement_feature: feature,
        livemode: false,
        product: path.id,
      })
    },
    'GET /v1/products/{id}/features/{feature}': ({ account, path }) => ofProduct(account, path.id, path.feature),
    'GET /v1/products/{id}/features': ({ account, path, params, url }) => {
      fromPath(account, 'product', path.id, 'product')
      return listOf(account, 'product_feature', params, url, {
        among: account.store.by('product_feature', 'product', path.id),
      })
    },
    'DELETE /v1/products/{id}/features/{feature}': ({ account, path }) => {
      const { id } = ofProduct(account, path.id, path.feature)
      account.remove('product_feature', id)
      return { id, object: 'product_feature', deleted: true }
    },
  },
  view: ({ product: _ours, ...shown }, account) => ({
    ...shown,
    entitlement_feature:
      account.find('entitlements.feature', shown.entitlement_feature.id) ?? shown.entitlement_feature,
  }),
})

function ofProduct(account: Account, product: string, id: string): ProductFeature {
  fromPath(account, 'product', product, 'product')
  const feature = account.get('product_feature', id, 'id', 'product feature')
  if (feature.product === product) return feature
  throw noSuch('product feature', id)
}
