import Stripe from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
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

    test.each([
      ['', false],
      [', nor closed twice when another process has closed it first', true],
    ])('a session that Stripe made before it failed for good is not left open%s', async (_, isClosed) => {
      const { another, webhookSecret, secretKey, local, stripe, customersOf } = app()
      const owner = anOwner()
      const client = new Stripe(secretKey, { host: 'localhost', port: local.port, protocol: 'http' })
      const { sessions } = client.checkout
      const list = sessions.list.bind(sessions)
      sessions.list = (async (...given: Parameters<typeof list>) => {
        const found = await list(...given)
        if (isClosed) for (const { id } of found.data) await stripe.checkout.sessions.expire(id)
        return found
      }) as typeof list
      const create = sessions.create.bind(sessions)
      const made: string[] = []
      sessions.create = async (...given) => {
        made.push((await create(...given)).id)
        if (made.length > 1) return create(...given)
        const answer = {
          message: 'broken',
          type: 'api_error',
          statusCode: 500,
          headers: { 'idempotent-replayed': 'true' },
        }
        throw new Stripe.errors.StripeAPIError(answer as ConstructorParameters<typeof Stripe.errors.StripeAPIError>[0])
      }
      const dues = another({ stripe: { client, webhookSecret } })
      await dues.start({ work: false })
      onTestFinished(() => dues.stop())
      const monthly = { owner, plan: 'pro', interval: 'monthly' } as const
      await expect(dues.checkout.start(monthly)).rejects.toMatchObject({ code: 'stripe_unavailable' })
      const { sessionId } = await dues.checkout.start(monthly)
      expect(made).toEqual([made[0], sessionId])
      const [customer] = await customersOf(owner.id)
      const { data } = await stripe.checkout.sessions.list({ customer: String(customer?.id) })
      expect(data.map(({ id, status }) => [id, status])).toEqual([
        [sessionId, 'open'],
        [made[0], 'expired'],
      ])
    })
  },
  { retries: 0 },
)
