import type Stripe from 'stripe'
import { type Account, createAccount } from '../src/account.ts'
import { advance } from '../src/engine/advance.ts'
import type { Operations } from '../src/generated/operations.generated.ts'
import type { Kinds } from '../src/kinds.ts'
import { handlers, type Operation } from '../src/resource.ts'
import '../src/resources/index.ts'

const nobody = { id: null, idempotency_key: null }

/** What a test without a server works with. */
export type World = {
  account: Account
  /** Asks what a request would ask; the answer is the object as it is kept. */
  ask: <O extends Operation>(
    operation: O,
    params: NonNullable<Operations[O]>,
    path?: Record<string, string>,
  ) => { id: string }
  /** Makes a price of a product of its own; answers its id. */
  price: (unitAmount: number, recurring?: Stripe.PriceCreateParams.Recurring) => string
  /** Makes a customer with a card; answers their id. */
  customer: (card?: string) => string
  /** Gives a customer another default card. */
  payWith: (customer: string, card: string) => void
  subscribe: (params: Stripe.SubscriptionCreateParams) => Kinds['subscription']
  update: (id: string, params: Stripe.SubscriptionUpdateParams) => Kinds['subscription']
  /** Moves the clock on by so many seconds. */
  wait: (seconds: number) => void
}

/** An account without a server around it, for tests that try thousands of histories. Time has to be faked: it moves by `wait` alone. */
export function createWorld(): World {
  const account = createAccount({ key: 'sk_test_world', pagesUrl: () => 'http://localhost' })

  function ask<O extends Operation>(
    operation: O,
    params: NonNullable<Operations[O]>,
    path: Record<string, string> = {},
  ): { id: string } {
    const handler = handlers.get(operation)
    if (!handler) throw new Error(`Nothing handles ${operation}.`)
    const call = { account, operation, path, params, url: '' }
    return account.work(nobody, () => handler(call as never)) as { id: string }
  }

  function payWith(customer: string, card: string): void {
    const { id } = ask('POST /v1/payment_methods/{id}/attach', { customer }, { id: card })
    ask('POST /v1/customers/{id}', { invoice_settings: { default_payment_method: id } }, { id: customer })
  }

  return {
    account,
    ask,
    payWith,
    price: (unit_amount, recurring = { interval: 'month' }) =>
      ask('POST /v1/prices', {
        currency: 'usd',
        unit_amount,
        recurring,
        product_data: { name: `At ${unit_amount}` },
      }).id,
    customer: (card = 'pm_card_visa') => {
      const { id } = ask('POST /v1/customers', {})
      payWith(id, card)
      return id
    },
    subscribe: (params) => account.get('subscription', ask('POST /v1/subscriptions', params).id),
    update: (id, params) => account.get('subscription', ask('POST /v1/subscriptions/{id}', params, { id }).id),
    wait: (seconds) => advance(account, account.clock.now() + seconds),
  }
}
