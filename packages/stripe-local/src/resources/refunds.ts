import type { Account } from '../account.ts'
import { cancelRefund, createRefund, type Refund } from '../engine/refunds.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'
import { refuseUnsupported } from './unsupported.ts'

/** `customer`, `origin` and `currency` are for what is given back out of a cash balance, which holds nothing here. */
const unsupported = [
  'currency',
  'customer',
  'instructions_email',
  'origin',
  'refund_application_fee',
  'reverse_transfer',
] as const

defineResource({
  kind: 'refund',
  operations: {
    'POST /v1/refunds': ({ account, params }) => {
      refuseUnsupported('refunds with', params, unsupported)
      return createRefund(account, params)
    },
    'GET /v1/refunds/{id}': ({ account, path }) => ofPath(account, path.id),
    'POST /v1/refunds/{id}': ({ account, path, params }) => {
      const refund = ofPath(account, path.id)
      return account.atTimeOf(refund.customer, () =>
        account.change('refund.updated', 'refund', refund.id, {
          metadata: mergeMetadata(refund.metadata ?? {}, params.metadata),
        }),
      )
    },
    'POST /v1/refunds/{id}/cancel': ({ account, path }) => cancelRefund(account, ofPath(account, path.id).id),
    'GET /v1/refunds': ({ account, params, url }) =>
      listOf(account, 'refund', params, url, {
        ...(params.charge !== undefined && { among: account.store.by('refund', 'charge', params.charge) }),
        ...(params.payment_intent !== undefined && {
          among: account.store.by('refund', 'payment_intent', params.payment_intent),
        }),
        where: (refund) => params.charge === undefined || refund.charge === params.charge,
      }),
  },
})

const ofPath = (account: Account, id: string): Refund => fromPath(account, 'refund', id, 'refund')
