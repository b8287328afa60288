import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { aStand, type Somebody } from '../../testing/stand.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { cancelSubscription } from './cancel.ts'
import { comeBack } from './come-back.ts'

onOneDatabase('a click to come back that falls behind another', (open) => {
  test('and whose process dies, at any statement and any call, buys nothing, nor does the next click', async () => {
    const stand = await aStand(open)
    const { stripe, immortal } = stand
    const click = (process: Context, { id }: Somebody) => comeBack(process, id, { plan: 'pro', interval: 'monthly' })
    /** Between its look at what there is and its purchase a click asks for the card: then the other is made. */
    const behind = async (process: Context, who: Somebody) => {
      const retrieve: Stripe['customers']['retrieve'] = async (...given: [string]) => {
        const found = await process.stripe.customers.retrieve(...given)
        await click(immortal, who)
        return found
      }
      const slow = Object.create(process.stripe) as Stripe
      slow.customers = Object.assign(Object.create(process.stripe.customers), { retrieve })
      await click({ ...process, stripe: slow }, who)
    }
    const deaths = await stand.dieAtEachStep(
      async () => {
        const who = await stand.somebody()
        await immortal.mirror.sync('customer', who.customer)
        await cancelSubscription(immortal, who.id, { when: 'now' })
        return who
      },
      behind,
      async (who, { steps }) => {
        for (let again = 0; again < 2; again++)
          await click(immortal, who).catch((error: unknown) => {
            if (!(error instanceof DuesError && error.code === 'already_subscribed')) throw error
          })
        const { data } = await stripe.subscriptions.list({ customer: who.customer })
        expect({ steps, live: data.length }).toEqual({ steps, live: 1 })
      },
    )
    expect(deaths).toBeGreaterThan(10)
    await stand.close()
  })
})
