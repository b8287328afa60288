import { expect, test } from 'vitest'
import { onEachDatabase, type TestDatabase } from '../../../../testing/databases.ts'
import { aStand } from '../../testing/stand.ts'
import { checkTrials, trialKey } from './one-trial.ts'

/** Nobody at work, and people who take a trial with a card that the first of them has had one with. */
async function aTrialStand(open: () => Promise<TestDatabase>) {
  const stand = await aStand(open, { hooked: ['trialRefused', 'ended'] })
  const { stripe } = stand
  const somebodyOnTrial = (card: string) =>
    stand.somebody({ plan: 'ent', card, metadata: { [trialKey]: '14' }, trial_period_days: 14 })
  const outcomeFor = async ({ customer, subscription }: { customer: string; subscription: string }) => ({
    status: (await stripe.subscriptions.retrieve(subscription)).status,
    charged: (await stripe.charges.list({ customer })).data.filter(({ paid }) => paid).map(({ amount }) => amount),
    hooks: (await stand.hooksFor(customer)).map(({ type }) => type).sort(),
    open: (await stand.query('select 1 as n from dues.trial where settled_at is null')).length,
  })
  return { ...stand, somebodyOnTrial, outcomeFor }
}

onEachDatabase('a process that refuses a trial', (open) => {
  test.for([
    ['charges in its place', 'pm_card_visa', { status: 'active', charged: [9900], hooks: ['trialRefused'], open: 0 }],
    [
      'ends what is not paid',
      'pm_card_chargeCustomerFail',
      { status: 'canceled', charged: [], hooks: ['ended', 'trialRefused'], open: 0 },
    ],
  ] as const)(
    'and dies, at any step, is followed by one that %s once',
    { timeout: 240_000 },
    async ([, card, outcome]) => {
      const stand = await aTrialStand(open)
      const first = await stand.somebodyOnTrial(card)
      await checkTrials(stand.immortal, first.id)
      expect(await stand.outcomeFor(first)).toMatchObject({ status: 'trialing', charged: [] })
      const deaths = await stand.dieAtEachStep(
        () => stand.somebodyOnTrial(card),
        (process, { id }) => checkTrials(process, id),
        async (somebody, { steps, died }) => {
          if (died) await checkTrials(stand.immortal, somebody.id)
          expect({ steps, ...(await stand.outcomeFor(somebody)) }).toEqual({ steps, ...outcome })
        },
      )
      expect(deaths).toBeGreaterThan(15)
      await stand.close()
    },
  )

  test('is joined by others at the same moment, and it is charged once', async () => {
    const stand = await aTrialStand(open)
    await checkTrials(stand.immortal, (await stand.somebodyOnTrial('pm_card_visa')).id)
    const somebody = await stand.somebodyOnTrial('pm_card_visa')
    // Who finds Stripe busy with the same request of another tries again, as its job would.
    for (let round = 0; round < 10; round++) {
      const all = await Promise.allSettled([1, 2, 3].map(() => checkTrials(stand.mortal(), somebody.id)))
      if (all.every(({ status }) => status === 'fulfilled')) break
    }
    expect(await stand.outcomeFor(somebody)).toEqual({
      status: 'active',
      charged: [9900],
      hooks: ['trialRefused'],
      open: 0,
    })
    await stand.close()
  })
})
