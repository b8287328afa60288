import { describe, expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'
import { until } from '../../testing/engine.ts'

const waiting = "select 1 from dues_jobs.job where name = 'follow-up' and state in ('created', 'active', 'retry')"

describe.each(['keep', 'end'] as const)('onRefund: %s', (onRefund) => {
  onEachApp(
    'a payment that goes back',
    (app) => {
      test('whole, for the present period, is what the policy is about; a part, or an older one, is not', async () => {
        const { dues, subscribe, stripe, advance, settled, query } = app()
        const [whole, part, older] = [anOwner().id, anOwner().id, anOwner().id]
        const first = (owner: string) => dues.invoices.list(owner).then(({ data }) => String(data.at(-1)?.id))
        await subscribe(older)
        await advance({ months: 1, days: 1 })
        await subscribe(part)
        const { customer } = await subscribe(whole)
        await dues.invoices.refund(await first(older))
        await dues.invoices.refund(await first(part), { amount: 1899 })
        // In the dashboard, where nobody asks Dues.
        const [charge] = (await stripe.charges.list({ customer })).data
        await stripe.refunds.create({ charge: String(charge?.id) })
        await settled()
        for (const owner of [whole, part, older]) {
          const told = async () => (await dues.subscriptions.history(owner)).map(({ type }) => type)
          await until(async () => (await told()).includes('refunded'), 'the refund is told')
        }
        await until(async () => (await query(waiting)).length === 0, 'what follows has been done')
        expect((await dues.member(whole)).on('pro')).toBe(onRefund === 'keep')
        expect((await dues.member(part)).on('pro')).toBe(true)
        expect((await dues.member(older)).on('pro')).toBe(true)
      })
    },
    { onRefund, tuning: { jobs: { pollSeconds: 0.5 } } },
  )
})
