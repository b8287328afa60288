import { expect, test } from 'vitest'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { aStand, type Somebody } from '../../testing/stand.ts'
import { isLive } from '../entitlements/membership.ts'
import { cancelSubscription } from './cancel.ts'

onOneDatabase('a process that ends a membership with a refund', (open) => {
  test('and dies, at any statement and any call: who is not a member any more has the money, once; who is has none, and may try again', async () => {
    const stand = await aStand(open)
    const { stripe, immortal, followUps } = stand
    const cancel = (process: typeof immortal, { id }: Somebody) =>
      cancelSubscription(process, id, { when: 'now', refund: 700 })
    /** What a webhook brings, and what then is left to do. */
    const settle = async ({ subscription }: Somebody) => {
      await immortal.mirror.sync('subscription', subscription)
      await followUps()
    }
    const outcomeFor = async ({ customer, subscription }: Somebody) => {
      const { data } = await stripe.charges.list({ customer })
      const open = 'select 1 as n from dues.end_refund where subscription = $1 and settled_at is null'
      return {
        live: isLive(await stripe.subscriptions.retrieve(subscription)),
        back: data.map(({ amount_refunded }) => amount_refunded),
        open: (await stand.query(open, [subscription])).length,
      }
    }
    const ended = { live: false, back: [700], open: 0 }
    let untouched = 0
    const deaths = await stand.dieAtEachStep(
      () => stand.somebody(),
      cancel,
      async (who, { steps }) => {
        await settle(who)
        const left = await outcomeFor(who)
        if (left.live) {
          untouched += 1
          expect({ steps, ...left }).toMatchObject({ steps, back: [0] })
          await cancel(immortal, who)
          await settle(who)
        }
        expect({ steps, ...(await outcomeFor(who)) }).toEqual({ steps, ...ended })
      },
    )
    expect(untouched).toBeGreaterThan(5)
    expect(deaths - untouched).toBeGreaterThan(5)
    await stand.close()
  })
})
