import { asOfNow } from '../engine/balance-transactions.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'

defineResource({
  kind: 'balance_transaction',
  view: (transaction, account) => asOfNow(account, transaction),
  operations: {
    'GET /v1/balance_transactions/{id}': ({ account, path }) => account.get('balance_transaction', path.id),
    'GET /v1/balance_transactions': ({ account, params, url }) =>
      listOf(account, 'balance_transaction', params, url, {
        ...(params.source !== undefined && { among: account.store.by('balance_transaction', 'source', params.source) }),
        where: ({ currency, type }) =>
          (params.currency === undefined || currency === params.currency) &&
          (params.type === undefined || type === params.type) &&
          // There are no payouts, so nothing belongs to one.
          params.payout === undefined,
      }),
  },
})
