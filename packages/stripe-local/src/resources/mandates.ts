import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'

defineResource({
  kind: 'mandate',
  operations: {
    'GET /v1/mandates/{id}': ({ account, path }) => fromPath(account, 'mandate', path.id, 'mandate'),
  },
})
