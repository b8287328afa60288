import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

type Feature = Kinds['entitlements.feature']

defineResource({
  kind: 'entitlements.feature',
  operations: {
    'POST /v1/entitlements/features': ({ account, params }) => {
      if (featureWithKey(account, params.lookup_key)) {
        throw invalidRequest(`A feature with the lookup_key ${params.lookup_key} already exists.`, 'lookup_key')
      }
      return account.insert('entitlements.feature', {
        id: account.newId('feat'),
        object: 'entitlements.feature',
        active: true,
        livemode: false,
        lookup_key: params.lookup_key,
        metadata: mergeMetadata({}, params.metadata),
        name: params.name,
      })
    },
    'POST /v1/entitlements/features/{id}': ({ account, path, params }) => {
      const before = account.get('entitlements.feature', path.id)
      return account.update('entitlements.feature', path.id, {
        metadata: mergeMetadata(before.metadata, params.metadata),
        ...(params.active !== undefined && { active: params.active }),
        ...(params.name !== undefined && { name: params.name }),
      })
    },
    'GET /v1/entitlements/features/{id}': ({ account, path }) => account.get('entitlements.feature', path.id),
    'GET /v1/entitlements/features': ({ account, params, url }) =>
      listOf(account, 'entitlements.feature', params, url, {
        where: (feature) =>
          feature.active !== (params.archived ?? false) &&
          (params.lookup_key === undefined || feature.lookup_key === params.lookup_key),
      }),
  },
})

/** A lookup key names one feature, archived or not. */
const featureWithKey = (account: Account, key: string): Feature | undefined =>
  account.store.all('entitlements.feature').find((feature) => feature.lookup_key === key)
