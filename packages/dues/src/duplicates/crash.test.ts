import { expect, test } from 'vitest'
import { onEachDatabase, type TestDatabase } from '../../../../testing/databases.ts'
import { anOwner } from '../../testing/app.ts'
import { aStand } from '../../testing/stand.ts'
import { isLive } from '../entitlements/membership.ts'
import type { DuplicateMoney } from '../store/duplicates.ts'
import { endDuplicates } from './end.ts'

/** Nobody at work, and somebody with two subscriptions. */
async function aDuplicateStand(open: () => Promise<TestDatabase>, duplicates: DuplicateMoney) {
  const stand = await aStand(open, { duplicates, hooked: ['ended', 'duplicateEnded'] })
  const { stripe, catalogue, query, immortal } = stand
  return {
    ...stand,
    /** Somebody with two subscriptions, whom the mirror knows. */
    async somebodyTwice() {
      const { id } = anOwner()
      const metadata = { dues_owner: id }
      const card = 'pm_card_visa'
      const { id: customer } = await stripe.customers.create({
        payment_method: card,
        invoice_settings: { default_payment_method: card },
        metadata,
      })
      const items = [{ price: catalogue.priceId(catalogue.offer('pro', 'monthly')) }]
      for (let n = 0; n < 2; n++) {
        const subscription = await stripe.subscriptions.create({ customer, items, metadata })
        await immortal.mirror.sync('subscription', subscription.id)
      }
      return { id, customer }
    },
    /** All that is left behind by somebody's duplicate: at Stripe, in the database, and for the hooks. */
    async outcomeFor({ id, customer }: { id: string; customer: string }) {
      const { data: subscriptions } = await stripe.subscriptions.list({ customer, status: 'all' })
      const { data: charges } = await stripe.charges.list({ customer })
      const refunds = await Promise.all(charges.map((charge) => stripe.refunds.list({ charge: charge.id })))
      const { data: credits } = await stripe.customers.listBalanceTransactions(customer)
      const transitions = await query<{ key: string; type: string; detail: { amount?: number } }>(
        'select key, type, detail from dues.transition where customer = $1 order by ticket',
        [customer],
      )
      const jobs = await stand.hooksFor(customer)
      const open = await query('select 1 as n from dues.duplicate where owner = $1 and settled_at is null', [id])
      return {
        live: subscriptions.filter(isLive).length,
        refunds: refunds.flatMap(({ data }) => data.map(({ amount }) => amount)),
        credits: credits.map(({ amount }) => amount),
        transitions: transitions.map(({ type }) => type),
        told: transitions.at(-1)?.detail.amount,
        jobs: jobs.length,
        open: open.length,
      }
    },
  }
}

const settled = { live: 1, transitions: ['started', 'started', 'duplicateEnded'], told: 1900, jobs: 1, open: 0 }
const given = {
  refund: { ...settled, refunds: [1900], credits: [] },
  credit: { ...settled, refunds: [], credits: [-1900] },
}

onEachDatabase('a process that ends a duplicate', (open) => {
  test.for(['refund', 'credit'] as const)(
    'and dies, at any step, is followed by one that ends it once (%s)',
    { timeout: 240_000 },
    async (money) => {
      const stand = await aDuplicateStand(open, money)
      const deaths = await stand.dieAtEachStep(
        stand.somebodyTwice,
        (process, { id }) => endDuplicates(process, id),
        async (somebody, { steps, died }) => {
          // A day later Stripe has forgotten the key: what was made is found by what it was made for.
          await stand.query('update dues.duplicate set key = key || key where owner = $1', [somebody.id])
          if (died) await endDuplicates(stand.immortal, somebody.id)
          expect({ steps, ...(await stand.outcomeFor(somebody)) }).toEqual({ steps, ...given[money] })
        },
      )
      expect(deaths).toBeGreaterThan(30)
      await stand.close()
    },
  )

  test.for(['refund', 'credit'] as const)(
    'is joined by others at the same moment, and it ends once (%s)',
    async (money) => {
      const stand = await aDuplicateStand(open, money)
      const somebody = await stand.somebodyTwice()
      const together = () => Promise.allSettled([1, 2, 3].map(() => endDuplicates(stand.mortal(), somebody.id)))
      // Who finds Stripe busy with the same request of another tries again, as its job would.
      for (let round = 0; round < 10; round++) {
        const all = await together()
        if (all.every(({ status }) => status === 'fulfilled')) break
      }
      expect(await stand.outcomeFor(somebody)).toEqual(given[money])
      await stand.close()
    },
  )

  test('does nothing for somebody whose other subscription ended meanwhile', async () => {
    const stand = await aDuplicateStand(open, 'refund')
    const somebody = await stand.somebodyTwice()
    const { stripe } = stand.immortal
    const [newer] = (await stripe.subscriptions.list({ customer: somebody.customer })).data
    await stripe.subscriptions.cancel(newer?.id ?? '')
    await endDuplicates(stand.immortal, somebody.id)
    expect(await stand.outcomeFor(somebody)).toMatchObject({ live: 1, refunds: [], credits: [], open: 0 })
    await stand.close()
  })

  test('that died before it ended the older lets it be when the newer is ended by its owner', async () => {
    const stand = await aDuplicateStand(open, 'refund')
    const { stripe } = stand.immortal
    let interrupted = 0
    for (let steps = 0; ; steps++) {
      const somebody = await stand.somebodyTwice()
      const process = stand.mortal()
      process.dieAfter(steps)
      const died = await endDuplicates(process, somebody.id).then(
        () => false,
        () => true,
      )
      const live = (await stripe.subscriptions.list({ customer: somebody.customer })).data
      if (!died || live.length < 2) break
      const [row] = await stand.query<{ kept: string }>('select kept from dues.duplicate where owner = $1', [
        somebody.id,
      ])
      if (row === undefined) continue
      interrupted += 1
      await stripe.subscriptions.cancel(row.kept)
      await endDuplicates(stand.immortal, somebody.id)
      expect(await stand.outcomeFor(somebody)).toMatchObject({ live: 1, refunds: [], open: 0 })
      const [left] = (await stripe.subscriptions.list({ customer: somebody.customer })).data
      expect(left?.metadata).toEqual({ dues_owner: somebody.id })
    }
    expect(interrupted).toBeGreaterThan(2)
    await stand.close()
  })
})
