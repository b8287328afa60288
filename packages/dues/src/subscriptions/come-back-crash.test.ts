import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { aStand, type Somebody } from '../../testing/stand.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { cancelSubscription } from './cancel.ts'
import { comeBack } from './come-back.ts'

onOneDatabase('of two clicks to come back', (open) => {
  /** Who was a member once, and two clicks of theirs: the second falls behind the first. */
  const setting = async () => {
    const stand = await aStand(open)
    const { stripe, immortal } = stand
    const click = (process: Context, { id }: Somebody) => comeBack(process, id, { plan: 'pro', interval: 'monthly' })
    return {
      stand,
      click,
      async gone() {
        const who = await stand.somebody()
        await immortal.mirror.sync('customer', who.customer)
        await cancelSubscription(immortal, who.id, { when: 'now' })
        return who
      },
      /** Between its look at what there is and its purchase a click asks for the card: then the other is made. */
      async behind(process: Context, who: Somebody, other: () => Promise<unknown>) {
        const retrieve: Stripe['customers']['retrieve'] = async (...given: [string]) => {
          const found = await process.stripe.customers.retrieve(...given)
          await other()
          return found
        }
        const slow = Object.create(process.stripe) as Stripe
        slow.customers = Object.assign(Object.create(process.stripe.customers), { retrieve })
        await click({ ...process, stripe: slow }, who)
      },
      /** Whoever clicks on afterwards has it, and has it once. */
      async isOnePurchase(who: Somebody, steps: number) {
        for (let again = 0; again < 2; again++)
          await click(immortal, who).catch((error: unknown) => {
            if (!(error instanceof DuesError && error.code === 'already_subscribed')) throw error
          })
        const { data } = await stripe.subscriptions.list({ customer: who.customer })
        expect({ steps, live: data.length }).toEqual({ steps, live: 1 })
      },
    }
  }

  test('the second, whose process dies at any statement and any call, buys nothing, nor does the next', async () => {
    const { stand, click, gone, behind, isOnePurchase } = await setting()
    const deaths = await stand.dieAtEachStep(
      gone,
      (process, who) => behind(process, who, () => click(stand.immortal, who)),
      (who, { steps }) => isOnePurchase(who, steps),
    )
    expect(deaths).toBeGreaterThan(10)
    await stand.close()
  })

  test('the first, of which any one statement or call fails, and the second are one purchase', async () => {
    const { stand, click, gone, behind, isOnePurchase } = await setting()
    const failures = await stand.dieAtEachStep(
      gone,
      async (process, who) => {
        let failure: unknown = null
        const first = () =>
          click(process, who).catch((error: unknown) => {
            failure = error
          })
        await behind(stand.immortal, who, first)
        if (failure !== null) throw failure
      },
      (who, { steps }) => isOnePurchase(who, steps),
      1,
    )
    expect(failures).toBeGreaterThan(10)
    await stand.close()
  })
})
