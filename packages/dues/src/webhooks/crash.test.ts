import { expect, test } from 'vitest'
import { received } from '../../testing/deliveries.ts'
import { dyingDatabase } from '../../testing/dying-database.ts'
import { anEngine } from '../../testing/engine.ts'
import { aCustomer, anInvoice, aSubscription } from '../../testing/objects.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { createMirror } from '../mirror/mirror.ts'
import type { Job } from '../mirror/outbox.ts'
import { createInbox } from './inbox.ts'

/** A life of a membership: with transitions that have hooks, a tie that has to be fetched, and a link to an owner. */
function life(stripe: { clock: number; emit: (type: string, object: { id?: string; object: string }) => object }) {
  const tick = (type: string, object: { id?: string; object: string }, seconds = 1) => {
    stripe.clock += seconds
    return stripe.emit(type, object)
  }
  const owned = { metadata: { dues_owner: 'user_1' } }
  return [
    tick('customer.created', aCustomer(owned)),
    tick('customer.subscription.created', aSubscription({ ...owned, status: 'trialing', start_date: stripe.clock })),
    tick('customer.subscription.updated', aSubscription({ ...owned, start_date: stripe.clock }), 0),
    tick('invoice.paid', anInvoice()),
    tick('customer.subscription.deleted', aSubscription({ ...owned, status: 'canceled', start_date: stripe.clock })),
  ]
}

onOneDatabase('a process that dies', (open) => {
  test('at any statement leaves each event either on disk with all that follows from it, or not at all', async () => {
    const { engine, stripe, database, query, close } = await anEngine(open)
    const dying = dyingDatabase(database)
    // Jobs as rows of a table of the test's own, so that they can be counted together with what caused them.
    await database.query('create table made (job jsonb)')
    const outbox = {
      hooked: new Set(['started', 'renewed', 'ended'] as const),
      enqueue: async (tx: { query: typeof database.query }, jobs: readonly Job[]) => {
        for (const job of jobs) await tx.query('insert into made values ($1::jsonb)', [JSON.stringify(job)])
      },
    }
    const events = life(stripe)
    let deaths = 0
    for (const event of events) {
      for (let statements = 0; ; statements++) {
        // Each death is followed by a new process, which remembers nothing.
        const inbox = createInbox({ database: dying, outbox })
        dying.dieAfter(statements)
        const receipt = await inbox.receive(received(event)).catch((error: unknown) => error)
        dying.dieAfter(Number.POSITIVE_INFINITY)
        const [there] = await query<{ events: number; follow: number }>(
          `select (select count(*)::int from dues.inbox) as events,
             (select count(*)::int from made) as follow`,
        )
        const acknowledged = !(receipt instanceof Error)
        if (!acknowledged) {
          deaths += 1
          expect(there?.events).toBe(events.indexOf(event))
          continue
        }
        expect(there?.events).toBe(events.indexOf(event) + 1)
        break
      }
    }
    expect(deaths).toBeGreaterThan(10)
    expect(
      await query("select job ->> 'name' as name, coalesce(job ->> 'transition', job ->> 'object') as of from made"),
    ).toEqual([
      { name: 'hook', of: 'sub_1:started' },
      { name: 'fetch', of: 'sub_1' },
      { name: 'hook', of: 'sub_1:renewed:in_1' },
      { name: 'hook', of: 'sub_1:ended' },
    ])
    await engine.mirror.sync('subscription', 'sub_1')
    expect(await query('select s.status, i.status as invoice from dues.subscription s, dues.invoice i')).toEqual([
      { status: 'canceled', invoice: 'paid' },
    ])
    await close()
  })

  test('in the middle of a fetch leaves the event waiting, and the next process fetches', async () => {
    const { stripe, database, query, close } = await anEngine(open)
    const dying = dyingDatabase(database)
    const inbox = createInbox({ database })
    const [, created, updated] = life(stripe).map(received)
    for (const event of [created, updated]) if (event) await inbox.receive(event)
    for (let statements = 0; ; statements++) {
      const mirror = createMirror({ database: dying, stripe })
      dying.dieAfter(statements)
      const failed = await mirror.sync('subscription', 'sub_1').then(
        () => false,
        () => true,
      )
      dying.dieAfter(Number.POSITIVE_INFINITY)
      const waiting = await query("select id from dues.inbox where state = 'waiting'")
      const [row] = await query<{ status: string }>('select status from dues.subscription')
      expect([waiting.length, row?.status]).toEqual(failed ? [1, 'trialing'] : [0, 'canceled'])
      if (!failed) break
    }
    await close()
  })
})
