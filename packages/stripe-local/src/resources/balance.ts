import type { Account } from '../account.ts'
import { asOfNow } from '../engine/balance-transactions.ts'
import { defineResource } from '../resource.ts'

type Amount = { amount: number; currency: string; source_types: { card: number } }

defineResource({
  kind: 'balance_transaction',
  operations: {
    'GET /v1/balance': ({ account }) => balanceOf(account),
  },
})

/** What all balance transactions come to, by currency. https://docs.stripe.com/api/balance */
function balanceOf(account: Account): object {
  const sums = new Map<string, { available: number; pending: number }>([['usd', { available: 0, pending: 0 }]])
  for (const transaction of account.store.all('balance_transaction')) {
    const sum = sums.get(transaction.currency) ?? { available: 0, pending: 0 }
    sum[asOfNow(account, transaction).status === 'available' ? 'available' : 'pending'] += transaction.net
    sums.set(transaction.currency, sum)
  }
  const amounts = (part: 'available' | 'pending'): Amount[] =>
    Array.from(sums, ([currency, sum]) => ({ amount: sum[part], currency, source_types: { card: sum[part] } }))
  return {
    object: 'balance',
    available: amounts('available'),
    livemode: false,
    pending: amounts('pending'),
  }
}
