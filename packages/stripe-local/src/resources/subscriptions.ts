import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { defaultSourceShown } from '../engine/card-sources.ts'
import { cancelSubscription } from '../engine/subscriptions/cancel.ts'
import { createSubscription } from '../engine/subscriptions/create.ts'
import '../engine/subscriptions/due.ts'
import type { Item, Price, Subscription } from '../engine/subscriptions/items.ts'
import { pauseSubscription } from '../engine/subscriptions/pause.ts'
import { resumeSubscription } from '../engine/subscriptions/resume.ts'
import { updateSubscription } from '../engine/subscriptions/update.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { isCreatedWithin, listOf } from '../protocol/list.ts'
import { render } from '../protocol/render.ts'
import { defineResource } from '../resource.ts'
import { planOf } from './plans.ts'
import { refuseUnsupported } from './unsupported.ts'

defineResource({
  kind: 'subscription',
  operations: {
    'POST /v1/subscriptions': ({ account, params }) => {
      refuseUnsupported('subscriptions with', params, ['customer_account'])
      return createSubscription(account, params)
    },
    'POST /v1/subscriptions/{id}': ({ account, path, params }) => updateSubscription(account, path.id, params),
    'GET /v1/subscriptions/{id}': ({ account, path }) => account.get('subscription', path.id),
    'GET /v1/subscriptions': ({ account, params, url }) => {
      if (params.customer) account.get('customer', params.customer, 'customer')
      return listOf(account, 'subscription', params, url, {
        ...(params.customer && { among: account.store.by('subscription', 'customer', params.customer) }),
        where: (subscription) => isListed(subscription, params),
      })
    },
    'DELETE /v1/subscriptions/{id}': ({ account, path, params }) => cancelSubscription(account, path.id, params),
    'DELETE /v1/subscriptions/{id}/discount': ({ account, path }) => deleteDiscount(account, path.id),
    'POST /v1/subscriptions/{id}/pause': ({ account, path, params }) => pauseSubscription(account, path.id, params),
    'POST /v1/subscriptions/{id}/resume': ({ account, path, params }) => resumeSubscription(account, path.id, params),
    'POST /v1/subscriptions/{id}/migrate': ({ account, path, params }) => migrate(account, path.id, params),
  },
  view: (subscription, account) => ({
    ...subscription,
    items: { ...subscription.items, data: subscription.items.data.map((item) => shownItem(item, account)) },
    ...(subscription.pending_update?.subscription_items && {
      pending_update: {
        ...subscription.pending_update,
        subscription_items: subscription.pending_update.subscription_items.map((item) => shownItem(item, account)),
      },
    }),
  }),
  includes: { default_source: defaultSourceShown },
})

/** An item shows its price as it is now. */
export const shownItem = (item: Item, account: Account): Item => ({
  ...item,
  ...shownPrice(account.find('price', item.price.id) ?? item.price, account),
})

/** What is shown of each price as it is. A thousand subscriptions have one price, and their events share what they show of it. */
const shownPrices = new WeakMap<Price, Pick<Item, 'plan' | 'price'>>()

function shownPrice(price: Price, account: Account): Pick<Item, 'plan' | 'price'> {
  const known = shownPrices.get(price)
  if (known) return known
  const { deleted: _deleted, ...kept } = price as Price & { deleted?: true }
  const shown = { plan: planOf(price), price: render(account, kept as Price) }
  shownPrices.set(price, shown)
  return shown
}

/** https://docs.stripe.com/api/subscriptions/list: canceled ones only when they are asked for. */
function isListed(subscription: Subscription, params: Stripe.SubscriptionListParams): boolean {
  const { data } = subscription.items
  const starts = Math.max(...data.map((item) => item.current_period_start))
  const ends = Math.min(...data.map((item) => item.current_period_end))
  const has = (price: string | undefined) => price === undefined || data.some((item) => item.price.id === price)
  return (
    hasStatus(subscription, params.status) &&
    (params.collection_method === undefined || subscription.collection_method === params.collection_method) &&
    has(params.price) &&
    has(params.plan) &&
    isCreatedWithin(starts, params.current_period_start) &&
    isCreatedWithin(ends, params.current_period_end) &&
    (params.automatic_tax === undefined || subscription.automatic_tax.enabled === params.automatic_tax.enabled) &&
    (params.test_clock === undefined
      ? params.customer !== undefined || subscription.test_clock === null
      : subscription.test_clock === params.test_clock)
  )
}

function hasStatus({ status }: Subscription, wanted: string | undefined): boolean {
  if (wanted === 'all') return true
  if (wanted === 'ended') return status === 'canceled' || status === 'incomplete_expired'
  return wanted === undefined ? status !== 'canceled' : status === wanted
}

/** https://docs.stripe.com/api/discounts/subscription_delete */
function deleteDiscount(account: Account, id: string): object {
  const subscription = account.get('subscription', id)
  const discount = account.find('discount', subscription.discounts[0] ?? '')
  if (!discount) throw invalidRequest(`No active discount for subscription: ${id}`, undefined, 'resource_missing')
  return account.atTimeOf(subscription.customer, () => {
    account.change('customer.subscription.updated', 'subscription', id, { discounts: [] })
    account.emit('customer.discount.deleted', discount)
    const { end: _end, ...rest } = discount
    return { ...rest, deleted: true }
  })
}

/** https://docs.stripe.com/api/subscriptions/migrate: what was made before stays as it is. */
function migrate(account: Account, id: string, params: Stripe.SubscriptionMigrateParams): Subscription {
  const subscription = account.get('subscription', id)
  if (subscription.billing_mode.type === 'flexible') {
    throw invalidRequest('The subscription is already in flexible billing mode.', 'billing_mode[type]')
  }
  if (subscription.ended_at !== null) {
    throw invalidRequest('You cannot migrate a subscription that has ended.', 'billing_mode[type]')
  }
  return account.atTimeOf(subscription.customer, () =>
    account.change('customer.subscription.updated', 'subscription', id, {
      billing_mode: {
        flexible: { proration_discounts: params.billing_mode.flexible?.proration_discounts ?? 'included' },
        type: 'flexible',
        updated_at: account.now,
      },
    }),
  )
}
