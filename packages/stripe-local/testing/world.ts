import type Stripe from 'stripe'
import { type Account, createAccount } from '../src/account.ts'
import { advance } from '../src/engine/advance.ts'
import { attachPaymentMethod } from '../src/engine/payment-methods.ts'
import '../src/resources/index.ts'
import { createSubscription } from '../src/engine/subscriptions/create.ts'
import { updateSubscription } from '../src/engine/subscriptions/update.ts'
import type { Kinds } from '../src/kinds.ts'
import { createCustomer, updateCustomer } from '../src/resources/customers.ts'
import { createPrice } from '../src/resources/prices.ts'
import { createProduct } from '../src/resources/products.ts'

const nobody = { id: null, idempotency_key: null }

/** An account without a server around it, for tests that try thousands of histories. Time has to be faked: it moves by `wait` alone. */
export function createWorld() {
  const account = createAccount({ key: 'sk_test_world', pagesUrl: () => 'http://localhost' })
  const work = <T>(run: () => T): T => account.work(nobody, run)

  return {
    account,
    work,
    price: (unit_amount: number, recurring: Stripe.PriceCreateParams.Recurring = { interval: 'month' }): string =>
      work(() => {
        const product = createProduct(account, { name: `At ${unit_amount}` })
        const { price } = createPrice(account, { currency: 'usd', unit_amount, recurring, product: product.id })
        return price.id
      }),
    customer: (card = 'pm_card_visa'): string => {
      const { id } = work(() => createCustomer(account, {}))
      payWith(account, id, card)
      return id
    },
    payWith: (customer: string, card: string): void => payWith(account, customer, card),
    subscribe: (params: Stripe.SubscriptionCreateParams): Kinds['subscription'] =>
      work(() => createSubscription(account, params)),
    update: (id: string, params: Stripe.SubscriptionUpdateParams): Kinds['subscription'] =>
      work(() => updateSubscription(account, id, params)),
    /** Moves the clock on by so many seconds. */
    wait: (seconds: number): void => advance(account, account.clock.now() + seconds),
  }
}

export type World = ReturnType<typeof createWorld>

function payWith(account: Account, customer: string, card: string): void {
  account.work(nobody, () => {
    const { id } = attachPaymentMethod(account, card, customer)
    updateCustomer(account, customer, { invoice_settings: { default_payment_method: id } })
  })
}
