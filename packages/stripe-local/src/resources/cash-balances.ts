import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { pageOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'

/**
 * What a customer has paid in by bank transfer: https://docs.stripe.com/api/cash_balance. No bank transfer comes in here, so there is never
 * anything in it, and its list of transactions is empty; how it is to be reconciled is kept.
 */
defineResource({
  kind: 'local.cash_balance',
  operations: {
    'GET /v1/customers/{id}/cash_balance': ({ account, path }) => cashBalanceOf(account, path.id),
    'POST /v1/customers/{id}/cash_balance': ({ account, path, params }) => {
      account.get('customer', path.id)
      changeCashBalance(account, path.id, params)
      return cashBalanceOf(account, path.id)
    },
    'GET /v1/customers/{id}/cash_balance_transactions': ({ account, path, params, url }) => {
      account.get('customer', path.id)
      return { object: 'list', ...pageOf([], params), url }
    },
  },
})

/** Keeps how a customer's cash is to be reconciled; `merchant_default` forgets what was kept. */
export function changeCashBalance(
  account: Account,
  id: string,
  params: Stripe.CustomerUpdateParams.CashBalance = {},
): void {
  const mode = params.settings?.reconciliation_mode
  if (mode === 'merchant_default') account.remove('local.cash_balance', id)
  else if (mode) account.insert('local.cash_balance', { id, object: 'local.cash_balance', reconciliation_mode: mode })
}

/** The cash balance of a customer. Throws an ApiError (404) when there is no such customer. */
export function cashBalanceOf(account: Account, id: string): Stripe.CashBalance {
  const { livemode } = account.get('customer', id)
  const own = account.find('local.cash_balance', id)?.reconciliation_mode
  return {
    object: 'cash_balance',
    available: null,
    customer: id,
    customer_account: null,
    livemode,
    settings: { reconciliation_mode: own ?? 'automatic', using_merchant_default: own === undefined },
  }
}
