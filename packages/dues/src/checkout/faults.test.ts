import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'
import { DuesError } from '../errors.ts'

/** What may be told to somebody whose request ran into a fault: try again. */
const passing = ['busy', 'stripe_unavailable']

onEachApp(
  'when calls to Stripe fail, are lost on their way back, or are told to wait',
  (app) => {
    test.each([1, 2, 3])('an owner has one customer and one open Checkout all the same (seed %i)', async (seed) => {
      const { dues, other, stripe, faults, customersOf } = app()
      const owner = anOwner()
      const monthly = { owner, plan: 'pro', interval: 'monthly' } as const
      const yearly = { owner, plan: 'pro', interval: 'yearly' } as const
      await faults({ seed, api: { status500: 0.1, status429: 0.1, status409: 0.1, resetAfterWrite: 0.3 } })
      for (let round = 0; round < 6; round++) {
        const wishes = [dues.checkout.start(monthly), other.checkout.start(monthly), other.checkout.start(yearly)]
        for (const wish of await Promise.allSettled(wishes)) {
          if (wish.status === 'fulfilled') continue
          expect(wish.reason).toBeInstanceOf(DuesError)
          expect(passing).toContain(wish.reason.code)
        }
      }
      await faults({})
      const { sessionId } = await dues.checkout.start(monthly)
      const customers = await customersOf(owner.id)
      expect(customers).toHaveLength(1)
      const open = await stripe.checkout.sessions.list({ customer: String(customers[0]?.id), status: 'open' })
      expect(open.data.map(({ id }) => id)).toEqual([sessionId])
    })
  },
  { retries: 0 },
)
