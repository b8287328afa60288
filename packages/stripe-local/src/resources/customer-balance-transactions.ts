import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'

type Transaction = Kinds['customer_balance_transaction']

defineResource({
  kind: 'customer_balance_transaction',
  operations: {
    'POST /v1/customers/{id}/balance_transactions': ({ account, path, params }) => {
      const before = account.get('customer', path.id)
      const transaction = account.atTimeOf(path.id, () =>
        adjustBalance(account, path.id, { ...params, type: 'adjustment' }),
      )
      account.emit('customer.updated', account.get('customer', path.id), before)
      return transaction
    },
    'POST /v1/customers/{id}/balance_transactions/{balance_transaction}': ({ account, path, params }) => {
      const before = ofCustomer(account, path.id, path.balance_transaction)
      return account.update('customer_balance_transaction', before.id, {
        ...(params.description !== undefined && { description: params.description || null }),
        metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
      })
    },
    'GET /v1/customers/{id}/balance_transactions/{balance_transaction}': ({ account, path }) =>
      ofCustomer(account, path.id, path.balance_transaction),
    'GET /v1/customers/{id}/balance_transactions': ({ account, path, params, url }) => {
      fromPath(account, 'customer', path.id, 'customer')
      return listOf(account, 'customer_balance_transaction', params, url, {
        among: account.store.by('customer_balance_transaction', 'customer', path.id),
        where: ({ invoice }) => params.invoice === undefined || invoice === params.invoice,
      })
    },
  },
})

/** A change of a customer's balance and what it is for. Negative amounts are credit. */
export type BalanceChange = {
  amount: number
  currency: string
  type: Stripe.CustomerBalanceTransaction.Type
  description?: string | undefined
  invoice?: string
  credit_note?: string
  checkout_session?: string
  metadata?: Stripe.Emptyable<Stripe.MetadataParam>
}

/**
 * Moves a customer's balance by an amount in minor units and keeps the transaction. The balance is in one currency: a customer
 * that has one cannot get another.
 *
 * https://docs.stripe.com/billing/customer/balance
 */
export function adjustBalance(account: Account, customerId: string, change: BalanceChange): Transaction {
  const customer = fromPath(account, 'customer', customerId, 'customer')
  const currency = change.currency.toLowerCase()
  if (customer.currency && customer.currency !== currency) {
    throw invalidRequest(
      `You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency ${customer.currency}`,
      'currency',
    )
  }
  const balance = customer.balance + change.amount
  account.update('customer', customerId, { balance, currency })
  return account.insert('customer_balance_transaction', {
    id: account.newId('cbtxn'),
    object: 'customer_balance_transaction',
    amount: change.amount,
    checkout_session: change.checkout_session ?? null,
    created: account.now,
    credit_note: change.credit_note ?? null,
    currency,
    customer: customerId,
    customer_account: null,
    description: change.description || null,
    ending_balance: balance,
    invoice: change.invoice ?? null,
    livemode: false,
    metadata: mergeMetadata({}, change.metadata),
    type: change.type,
  })
}

function ofCustomer(account: Account, customerId: string, id: string): Transaction {
  fromPath(account, 'customer', customerId, 'customer')
  const transaction = account.get('customer_balance_transaction', id, 'id', 'customer balance transaction')
  if (transaction.customer === customerId) return transaction
  throw invalidRequest(`No such customer balance transaction: '${id}'`, 'id', 'resource_missing')
}
