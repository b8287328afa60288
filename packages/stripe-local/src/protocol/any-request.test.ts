import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Request, requestsIn } from '../../testing/requests.ts'
import { createWorld, type World } from '../../testing/world.ts'
import { handlers } from '../resource.ts'
import { ApiError } from './errors.ts'
import { checkParameters } from './parameters.ts'
import { render } from './render.ts'

const nobody = { id: null, idempotency_key: null }

/** A business in the middle of its work: something of most kinds. */
function newBusiness(): World {
  const world = createWorld()
  const { account, ask } = world
  const customer = world.customer()
  const [monthly, yearly] = [world.price(1900), world.price(19_000, { interval: 'year' })]
  const subscription = world.subscribe({ customer, items: [{ price: monthly }] })
  world.subscribe({ customer, items: [{ price: yearly, quantity: 3 }], trial_period_days: 7 })
  const scheduled = world.subscribe({ customer, items: [{ price: yearly }] })
  ask('POST /v1/subscription_schedules', { from_subscription: scheduled.id })
  ask('POST /v1/coupons', { percent_off: 20, id: 'TWENTY' })
  ask('POST /v1/promotion_codes', { promotion: { type: 'coupon', coupon: 'TWENTY' } })
  ask('POST /v1/tax_rates', { display_name: 'VAT', inclusive: false, percentage: 19 })
  ask('POST /v1/invoiceitems', { customer, amount: 700, currency: 'usd' })
  ask('POST /v1/invoices', { customer })
  ask('POST /v1/payment_intents', { amount: 2000, currency: 'usd', customer })
  ask('POST /v1/setup_intents', { customer })
  ask('POST /v1/checkout/sessions', {
    mode: 'subscription',
    line_items: [{ price: monthly, quantity: 1 }],
    success_url: 'https://example.com',
  })
  ask('POST /v1/billing/meters', {
    display_name: 'Calls',
    event_name: 'calls',
    default_aggregation: { formula: 'sum' },
  })
  ask('POST /v1/entitlements/features', { name: 'Export', lookup_key: 'export' })
  ask('POST /v1/test_helpers/test_clocks', { frozen_time: account.now })
  ask('POST /v1/webhook_endpoints', { url: 'https://example.com', enabled_events: ['*'] })
  ask('POST /v1/shipping_rates', { display_name: 'Post', fixed_amount: { amount: 500, currency: 'usd' } })
  world.update(subscription.id, { metadata: { a: '1' } })
  return world
}

function answer({ account }: World, { operation, path, params }: Request): string {
  const checked = checkParameters(operation, params) as Record<string, unknown>
  const handler = handlers.get(operation)
  if (!handler) throw new Error(`Nothing handles ${operation}.`)
  const call = { account, operation, path, params: checked, url: '/v1' }
  return JSON.stringify(account.work(nobody, () => render(account, handler(call as never) as never)))
}

describe('a request that is of its schema', () => {
  it('is carried out or refused in Stripe’s words, whatever stands in it', () => {
    for (let business = 0; business < 40; business++) {
      // What a request deletes is gone for those after it, so every hundred begin anew.
      const world = newBusiness()
      fc.assert(
        fc.property(requestsIn(world), (request) => {
          try {
            expect(answer(world, request)).toBeTruthy()
          } catch (error) {
            if (!(error instanceof ApiError)) throw error
            expect([400, 402, 403, 404, 409, 501]).toContain(error.status)
            expect(error.message).toBeTruthy()
          }
        }),
      )
    }
  })
})
