import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Item, Subscription } from '../engine/subscriptions/items.ts'
import { updateSubscription } from '../engine/subscriptions/update.ts'
import { invalidRequest, noSuch } from '../protocol/errors.ts'
import { pageOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { shownItem } from './subscriptions.ts'

type Change = Pick<
  Stripe.SubscriptionItemUpdateParams,
  'off_session' | 'payment_behavior' | 'proration_behavior' | 'proration_date'
>

/** Items live inside their subscription: to change one is to change the subscription. */
defineResource({
  kind: 'local.item',
  operations: {
    'POST /v1/subscription_items': ({ account, params }) => addItem(account, params),
    'POST /v1/subscription_items/{id}': ({ account, path, params }) => updateItem(account, path.id, params),
    'GET /v1/subscription_items/{id}': ({ account, path }) => shownItem(found(account, path.id).item, account),
    'GET /v1/subscription_items': ({ account, params, url }) => {
      const { items } = account.get('subscription', params.subscription, 'subscription')
      const page = pageOf(items.data, params)
      return { object: 'list', data: page.data.map((item) => shownItem(item, account)), has_more: page.has_more, url }
    },
    'DELETE /v1/subscription_items/{id}': ({ account, path, params }) => deleteItem(account, path.id, params),
  },
})

/** The item of an id, with its subscription. */
function found(account: Account, id: string): { item: Item; subscription: Subscription } {
  const subscription = account.find('subscription', account.find('local.item', id)?.subscription ?? '')
  const item = subscription?.items.data.find((each) => each.id === id)
  if (!subscription || !item) throw noSuch('subscription_item', id, 'item', 404)
  return { item, subscription }
}

const changeOf = ({ off_session, payment_behavior, proration_behavior, proration_date }: Change): Change => ({
  ...(off_session !== undefined && { off_session }),
  ...(payment_behavior !== undefined && { payment_behavior }),
  ...(proration_behavior !== undefined && { proration_behavior }),
  ...(proration_date !== undefined && { proration_date }),
})

/** https://docs.stripe.com/api/subscription_items/create */
function addItem(account: Account, params: Stripe.SubscriptionItemCreateParams): Item {
  const before = account.get('subscription', params.subscription, 'subscription')
  const { subscription: _id, expand: _expand, ...rest } = params
  const after = updateSubscription(account, before.id, { ...changeOf(params), items: [itemOf(rest)] })
  const item = after.items.data.find((each) => before.items.data.every((other) => other.id !== each.id))
  if (!item)
    throw invalidRequest('The item waits for the payment of its invoice: see pending_update of the subscription.')
  return shownItem(item, account)
}

/** https://docs.stripe.com/api/subscription_items/update */
function updateItem(account: Account, id: string, params: Stripe.SubscriptionItemUpdateParams): Item {
  const { subscription } = found(account, id)
  const { expand: _expand, ...rest } = params
  updateSubscription(account, subscription.id, { ...changeOf(params), items: [{ ...itemOf(rest), id }] })
  return shownItem(found(account, id).item, account)
}

/** https://docs.stripe.com/api/subscription_items/delete */
function deleteItem(account: Account, id: string, params: Stripe.SubscriptionItemDeleteParams): object {
  const { subscription } = found(account, id)
  const { clear_usage } = params
  updateSubscription(account, subscription.id, {
    ...changeOf(params),
    items: [{ id, deleted: true, ...(clear_usage !== undefined && { clear_usage }) }],
  })
  return { id, object: 'subscription_item', deleted: true }
}

/** What concerns the item itself; the rest concerns the update. */
function itemOf(params: Stripe.SubscriptionItemUpdateParams): Stripe.SubscriptionUpdateParams.Item {
  const {
    off_session: _session,
    payment_behavior: _payment,
    proration_behavior: _proration,
    proration_date: _date,
    ...item
  } = params
  return item as Stripe.SubscriptionUpdateParams.Item
}
