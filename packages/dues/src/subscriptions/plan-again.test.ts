import { describe, expect, test } from 'vitest'
import { openPGlite } from '../../../../testing/databases.ts'
import { aStand, type Somebody } from '../../testing/stand.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { cancelSubscription } from './cancel.ts'
import { applyDiscount } from './discount.ts'
import { switchPlan } from './switch.ts'
import { moveTrialEnd } from './trial.ts'
import { undoSwitch } from './undo-switch.ts'

type Stand = Awaited<ReturnType<typeof aStand>>
type Case = {
  readonly act: (process: Context, who: Somebody) => Promise<void>
  /** On trial, where nothing but a wish makes a plan wait. */
  readonly trial?: boolean
  /** What is planned once it was done; the same as before unless told. */
  readonly plans?: readonly (readonly [plan: string | undefined, quantity: number | undefined])[]
}

const day = 86_400
const cases: Record<string, Case> = {
  'more seats': {
    act: (process, { id }) => switchPlan(process, id, { quantity: 3 }),
    plans: [['pro', 3]],
  },
  'a discount that Stripe refuses': {
    act: (process, { id }) =>
      applyDiscount(process, id, { coupon: 'unknown' }).catch((error: unknown) => {
        if (!(error instanceof DuesError) || error.code !== 'discount_invalid') throw error
      }),
  },
  'a longer trial': {
    trial: true,
    act: (process, { id }) => moveTrialEnd(process, id, new Date((process.now() + 20 * day) * 1000)),
  },
  'a switch now': {
    act: (process, { id }) => switchPlan(process, id, { plan: 'pro', interval: 'yearly' }, { when: 'now' }),
    plans: [],
  },
  'a cancellation': { act: (process, { id }) => cancelSubscription(process, id), plans: [] },
}

/** Somebody on Enterprise who has planned to have less. */
async function planned({ somebody, immortal, stripe }: Stand, trial = false): Promise<Somebody> {
  await stripe.coupons
    .retrieve('less')
    .catch(() => stripe.coupons.create({ id: 'less', percent_off: 10, duration: 'once' }))
  const who = await somebody({ plan: 'ent', ...(trial && { trial_period_days: 14 }) })
  await switchPlan(immortal, who.id, { plan: 'pro', interval: 'monthly' }, { when: 'periodEnd' })
  return who
}

async function stateOf({ immortal, stripe, query }: Stand, { subscription }: Somebody) {
  await immortal.mirror.sync('subscription', subscription)
  const { items, schedule, status, cancel_at_period_end, trial_end, discounts } = await stripe.subscriptions.retrieve(
    subscription,
    { expand: ['schedule'] },
  )
  const next = typeof schedule === 'object' ? schedule?.phases[1] : undefined
  const mirrored = await immortal.mirror.subscription(subscription)
  const placed = (price: string) => immortal.catalogue.place({ price, product: '' })?.plan
  return {
    /** All that a change of these can have changed. */
    is: [
      items.data.map(({ price, quantity }) => [price.id, quantity]),
      status,
      cancel_at_period_end,
      trial_end,
      discounts.length,
    ],
    planned: (next?.items ?? []).map(({ price, quantity }) => [placed(String(price)), quantity]),
    mirrored: (mirrored?.scheduled?.items ?? []).map(({ price, quantity }) => [placed(price), quantity]),
    open: (await query('select 1 as n from dues.replan where subscription = $1', [subscription])).length,
  }
}

// The SQL of it is three short statements; on one database it takes half of the time.
describe('a process that makes a change beside a planned one', () => {
  test.for(Object.entries(cases))(
    'and dies, at any step, loses nothing of the plan: %s',
    { timeout: 120_000 },
    async ([, { act, trial, plans = [['pro', 1]] }]) => {
      const stand = await aStand(openPGlite)
      let before: unknown
      const deaths = await stand.dieAtEachStep(
        async () => {
          const who = await planned(stand, trial)
          before = (await stateOf(stand, who)).is
          return who
        },
        act,
        async (who, { steps, died }) => {
          // Every other time whoever asked asks again; the job finds later whatever is left.
          const again = died && steps % 2 === 1
          if (again)
            await act(stand.immortal, who).catch((error: unknown) => {
              if (!(error instanceof DuesError) || error.code !== 'already_on_plan') throw error
            })
          await stateOf(stand, who)
          await stand.followUps()
          const { is, ...left } = await stateOf(stand, who)
          const wasDone = !died || again || JSON.stringify(is) !== JSON.stringify(before)
          const wanted = wasDone ? plans : [['pro', 1]]
          expect({ steps, died, ...left }).toEqual({ steps, died, planned: wanted, mirrored: wanted, open: 0 })
        },
      )
      expect(deaths).toBeGreaterThan(10)
      await stand.close()
    },
  )

  test('and dies leaves nothing to a job that its member has taken back, or planned otherwise', async () => {
    const stand = await aStand(openPGlite)
    const { immortal } = stand
    for (const [instead, plans] of [
      [({ id }: Somebody) => undoSwitch(immortal, id), []],
      [
        ({ id }: Somebody) => switchPlan(immortal, id, { plan: 'pro', interval: 'yearly' }, { when: 'periodEnd' }),
        [['pro', 1]],
      ],
    ] as const) {
      const who = await planned(stand)
      const one = stand.mortal()
      for (let steps = 0; (await stateOf(stand, who)).planned.length > 0; steps++) {
        one.dieAfter(steps)
        await switchPlan(one, who.id, { quantity: 3 }).catch((error: unknown) => error)
      }
      expect((await stateOf(stand, who)).open).toBe(1)
      await instead(who)
      await stand.followUps()
      expect(await stateOf(stand, who)).toMatchObject({ planned: plans, open: 0 })
    }
    await stand.close()
  })
})
