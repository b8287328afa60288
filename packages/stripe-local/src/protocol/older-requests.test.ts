import { describe, expect, it } from 'vitest'
import { startTestStripe } from '../../testing/client.ts'
import { apiVersion } from '../version.ts'
import { formInTodaysWords } from './older-requests.ts'

describe('a request that was written for an older version of the API', () => {
  it('is understood where its words were renamed since', () => {
    const update = 'POST /v1/subscriptions/{id}'
    expect(formInTodaysWords(update, '2025-10-29.clover', 'trial_end=now&billing_cycle_anchor=now')).toBe(
      'trial_end=now&billing_cycle_anchor%5Btype%5D=now',
    )
    expect(formInTodaysWords(update, '2024-06-20', 'coupon=A%26B')).toBe('discounts%5B0%5D%5Bcoupon%5D=A%26B')
    expect(formInTodaysWords('POST /v1/checkout/sessions', '2025-10-29.clover', 'ui_mode=embedded')).toBe(
      'ui_mode=embedded_page',
    )
  })

  it('is left as it is by the version that the SDK pins, and where nothing was renamed', () => {
    const form = 'billing_cycle_anchor=now&a=%zz&b=+%20'
    expect(formInTodaysWords('POST /v1/subscriptions/{id}', apiVersion, form)).toBe(form)
    expect(formInTodaysWords('POST /v1/customers', '2020-08-27', form)).toBe(form)
    expect(formInTodaysWords('POST /v1/subscriptions/{id}', '2025-10-29.clover', 'a=%zz&b=+%20&&c')).toBe(
      'a=%zz&b=+%20&&c',
    )
  })

  it('says by its header which version that is', async () => {
    const { local } = await startTestStripe()
    const create = async (version: string) => {
      const response = await fetch(`${local.url}/v1/payment_intents`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer sk_test_resources',
          'content-type': 'application/x-www-form-urlencoded',
          'stripe-version': version,
        },
        body: 'amount=2000&currency=usd&payment_method_types[]=card',
      })
      return { status: response.status, body: await response.json() }
    }
    expect(await create('2025-10-29.clover')).toMatchObject({ status: 200, body: { payment_method_types: ['card'] } })
    expect(await create(apiVersion)).toMatchObject({ status: 400, body: { error: { code: 'parameter_unknown' } } })
  })
})
