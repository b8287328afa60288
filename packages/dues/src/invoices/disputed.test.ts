import { describe, expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'
import { until } from '../../testing/engine.ts'

const waiting = "select 1 from dues_jobs.job where name = 'follow-up' and state in ('created', 'active', 'retry')"

/** Who is a member still: when a payment is disputed, when the bank has decided for the member, when for the app. */
describe.each([
  ['keep', { opened: true, lost: true, won: true }],
  ['end', { opened: false, lost: false, won: false }],
  ['endWhenLost', { opened: true, lost: false, won: true }],
] as const)('onDispute: %s', (onDispute, member) => {
  onEachApp(
    'a disputed payment',
    (app) => {
      test('is told as it opens and as it is won or lost, and the membership of nobody else is touched', async () => {
        const { dues, subscribe, stripe, advance, query } = app()
        const told = async (owner: string, type: string) =>
          (await dues.subscriptions.history(owner)).find((transition) => transition.type === type)
        const isMember = async (owner: string) => (await dues.member(owner)).on('pro')
        const decided = () => until(async () => (await query(waiting)).length === 0, 'what follows has been done')
        const dispute = async (status: 'lost' | 'won') => {
          const owner = anOwner().id
          const { customer, subscription } = await subscribe(owner, { card: 'pm_card_createDispute' })
          await until(async () => (await told(owner, 'disputed')) !== undefined, 'the dispute is told')
          await decided()
          expect(await isMember(owner)).toBe(member.opened)
          const [charge] = (await stripe.charges.list({ customer })).data
          const [{ id } = { id: '' }] = (await stripe.disputes.list({ charge: String(charge?.id) })).data
          const evidence = { uncategorized_text: status === 'won' ? 'winning_evidence' : 'losing_evidence' }
          await stripe.disputes.update(id, { evidence })
          const detail = {
            status,
            dispute: id,
            charge: charge?.id,
            reason: 'fraudulent',
            amount: 1900,
            currency: 'usd',
          }
          return { owner, subscription, status, detail }
        }
        const eve = anOwner().id
        await subscribe(eve)
        const disputed = [await dispute('lost'), await dispute('won')]
        await advance({ seconds: 60 })
        for (const { owner, subscription, status, detail } of disputed) {
          await until(async () => (await told(owner, 'disputeClosed')) !== undefined, 'its end is told')
          await decided()
          const after = { subscription, plan: 'pro' }
          expect(await told(owner, 'disputeClosed')).toMatchObject({
            owner: { id: owner },
            before: after,
            after,
            detail,
          })
          expect(await isMember(owner)).toBe(member[status])
        }
        expect(await isMember(eve)).toBe(true)
      })
    },
    { onDispute, tuning: { jobs: { pollSeconds: 0.5 } } },
  )
})
