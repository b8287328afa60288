import { setTimeout as wait } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { bossDatabase } from '../src/jobs/executor.ts'
import { jobsSchema } from '../src/jobs/queues.ts'
import { openDatabase } from '../src/store/database.ts'
import type { World } from './world.ts'

const boundMs = 30_000

/**
 * Lets a world come to rest: nothing fails any more, dead processes have successors, everything that was not lost is
 * delivered, and no job is left. It is the "once deliveries stop" of the promise.
 */
export async function settle(world: World): Promise<void> {
  const { local, secretKey, network } = world
  world.calm()
  await world.revive()
  const end = Date.now() + boundMs
  // What a job does at Stripe makes events, and those may make jobs.
  for (;;) {
    await local.settled(secretKey)
    if (network.undelivered === 0 && !(await isBusy(world))) return
    await network.deliver(1)
    await idle(world)
    if (Date.now() > end)
      throw new Error(`After ${boundMs} ms ${network.undelivered} events are still not acknowledged.`)
  }
}

/** Waits until no event waits for its object and no job waits for anything. */
async function idle(world: World): Promise<void> {
  const end = Date.now() + boundMs
  for (let round = 0; ; round++) {
    const left = await whatIsLeft(world)
    if (left.length === 0) return
    if (Date.now() > end) throw new Error(`After ${boundMs} ms there is still work: ${left.join('; ')}`)
    // What is being worked on gets a moment; then the minutes pass after which whoever is at a job is given up.
    if (round % 25 === 24) await letTimePass(world)
    if (round >= 5) await hurry(world)
    await wait(20)
  }
}

const isBusy = async (world: World): Promise<boolean> => (await whatIsLeft(world)).length > 0

/** Every job but those that run on a schedule, and those that have failed for good. */
const isWork = `name not in ('cursor', 'reconcile', 'prune') and name not like 'dead-%' and name not like '\\_\\_%'`

/** What is still to be done, by its names. */
async function whatIsLeft({ database }: World): Promise<string[]> {
  const rows = await database.query<{ what: string }>(
    `select id || ' ' || type || ' of ' || coalesce(object, '') as what from dues.inbox where state = 'waiting'
     union all
     select 'the duplicates of ' || owner from dues.suspect where asked is distinct from noticed
     union all
     select format('%s %s after %s tries: %s, the last: %s', name, state, retry_count, data, left(output ->> 'message', 300)) from ${jobsSchema}.job
     where ${isWork} and state in ('created', 'retry', 'active')`,
  )
  return rows.map(({ what }) => what)
}

/** A job that is to begin in some seconds begins now. */
async function hurry({ database }: World): Promise<void> {
  await database.query(
    `update ${jobsSchema}.job set start_after = now()
     where ${isWork} and state in ('created', 'retry') and start_after > now()`,
  )
}

/** A job whose process died, or could not say that it was done, is given to another when its time is over: now. */
async function letTimePass({ database }: World): Promise<void> {
  const { query } = database
  await query(`update ${jobsSchema}.job set started_on = started_on - interval '1 day' where state = 'active'`)
  await query(`update ${jobsSchema}.queue set monitor_on = null, monitor_claim_on = null`)
  const opened = openDatabase(database.database)
  const boss = new PgBoss({
    db: bossDatabase(opened),
    schema: jobsSchema,
    backend: opened.engine,
    supervise: false,
    schedule: false,
    migrate: false,
    registerInstance: false,
  })
  boss.on('error', (error) => {
    throw error
  })
  try {
    await boss.start()
    await boss.supervise()
  } finally {
    await boss.stop({ graceful: false, close: false })
    await opened.close()
  }
}
