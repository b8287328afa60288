import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, noSuch } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import type { Stored } from '../wire.ts'
import { mergeMetadata } from './metadata.ts'
import { createPrice } from './prices.ts'

type Price = Kinds['price']
type Plan = Stored<Stripe.Plan>

/** A plan is a recurring price under the names that it had before prices: one object, seen two ways. */
defineResource({
  kind: 'price',
  operations: {
    'POST /v1/plans': ({ account, params }) => planOf(createPlan(account, params)),
    'POST /v1/plans/{id}': ({ account, path, params }) => planOf(updatePlan(account, path.id, params)),
    'GET /v1/plans/{id}': ({ account, path }) => planOf(planned(account, path.id)),
    'GET /v1/plans': ({ account, params, url }) => {
      const page = listOf(account, 'price', params, url, {
        where: (price) =>
          price.recurring !== null &&
          (params.active === undefined || price.active === params.active) &&
          (params.product === undefined || price.product === params.product),
      })
      return { ...page, data: page.data.map(planOf) }
    },
    'DELETE /v1/plans/{id}': ({ account, path }) => {
      const price = planned(account, path.id)
      // Subscriptions go on by a deleted plan, so what it costs is kept.
      account.insert('price', { ...price, active: false, lookup_key: null, deleted: true } as unknown as Price)
      account.emit('plan.deleted', planOf(price))
      account.emit('price.deleted', price)
      return { id: price.id, object: 'plan', deleted: true }
    },
  },
})

/** A recurring price as a plan. Tiers are shown when `expand` asks for them, as they are of a price. */
export function planOf(price: Price): Plan {
  const { recurring, transform_quantity } = price
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: recurring?.interval ?? 'month',
    interval_count: recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: recurring?.meter ?? null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: price.tiers_mode,
    transform_usage: transform_quantity && { divide_by: transform_quantity.divide_by, round: transform_quantity.round },
    trial_period_days: recurring?.trial_period_days ?? null,
    usage_type: recurring?.usage_type ?? 'licensed',
  }
}

function planned(account: Account, id: string): Price {
  const price = account.find('price', id)
  if (!price || 'deleted' in price || !price.recurring) throw noSuch('plan', id, 'plan', 404)
  return price
}

function createPlan(account: Account, params: Stripe.PlanCreateParams): Price {
  if (params.id !== undefined && account.find('price', params.id)) {
    throw new ApiError(400, 'Plan already exists.', { code: 'resource_already_exists' })
  }
  const {
    product,
    transform_usage,
    amount,
    amount_decimal,
    interval,
    interval_count,
    meter,
    trial_period_days,
    usage_type,
  } = params
  const { price, announce } = createPrice(account, {
    id: params.id ?? account.newId('plan'),
    currency: params.currency,
    recurring: {
      interval,
      ...(interval_count !== undefined && { interval_count }),
      ...(meter !== undefined && { meter }),
      ...(trial_period_days !== undefined && { trial_period_days }),
      ...(usage_type !== undefined && { usage_type }),
    },
    ...(typeof product === 'string' ? { product } : product && { product_data: product }),
    ...(amount !== undefined && { unit_amount: amount }),
    ...(amount_decimal !== undefined && { unit_amount_decimal: amount_decimal }),
    ...(transform_usage && { transform_quantity: transform_usage }),
    ...(params.billing_scheme && { billing_scheme: params.billing_scheme }),
    ...(params.tiers && { tiers: params.tiers }),
    ...(params.tiers_mode && { tiers_mode: params.tiers_mode }),
    ...(params.active !== undefined && { active: params.active }),
    ...(params.nickname !== undefined && { nickname: params.nickname }),
    ...(params.metadata && { metadata: params.metadata }),
  })
  announce()
  return price
}

function updatePlan(account: Account, id: string, params: Stripe.PlanUpdateParams): Price {
  const before = planned(account, id)
  if (params.product !== undefined) account.get('product', params.product, 'product')
  const after = account.change('price.updated', 'price', id, {
    metadata: mergeMetadata(before.metadata, params.metadata),
    ...(params.active !== undefined && { active: params.active }),
    ...(params.nickname !== undefined && { nickname: params.nickname || null }),
    ...(params.product !== undefined && { product: params.product }),
    ...(params.trial_period_days !== undefined &&
      before.recurring && { recurring: { ...before.recurring, trial_period_days: params.trial_period_days || null } }),
  })
  if (after !== before) account.emit('plan.updated', planOf(after), planOf(before) as never)
  return after
}
