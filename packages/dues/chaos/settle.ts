import { setTimeout as wait } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { bossDatabase } from '../src/jobs/executor.ts'
import { jobsSchema } from '../src/jobs/queues.ts'
import { openDatabase } from '../src/store/database.ts'
import type { World } from './world.ts'

const boundMs = 20_000

/**
 * Lets a world come to rest: nothing fails any more, dead processes have successors, everything that was not lost is
 * delivered, and no job is left. It is the "once deliveries stop" of the promise.
 */
export async function settle(world: World): Promise<void> {
  const { local, secretKey, network } = world
  world.calm()
  await world.revive()
  const end = Date.now() + boundMs
  do {
    await local.settled(secretKey)
    await network.deliver(1)
    if (Date.now() > end)
      throw new Error(`After ${boundMs} ms ${network.undelivered} events are still not acknowledged.`)
  } while (network.undelivered > 0)
  await idle(world)
}

/** Waits until no event waits for its object and no job waits for anything. */
export async function idle(world: World): Promise<void> {
  const end = Date.now() + boundMs
  for (let round = 0; ; round++) {
    const left = await whatIsLeft(world)
    if (left.events.length + left.jobs.length === 0) return
    if (Date.now() > end) throw new Error(`After ${boundMs} ms there is still work: ${JSON.stringify(left)}`)
    // What is being worked on gets a moment; then the minutes pass after which whoever is at a job is given up.
    if (round % 25 === 24) await letTimePass(world)
    if (round >= 5) await hurry(world)
    await wait(20)
  }
}

/** What is still to be done, by its names. */
async function whatIsLeft({ database }: World): Promise<{ events: string[]; jobs: string[] }> {
  const events = await database.query<{ id: string }>(
    `select id || ' ' || type || ' of ' || coalesce(object, '') as id from dues.inbox where state = 'waiting'`,
  )
  const jobs = await database.query<{ id: string }>(
    `select format('%s %s after %s tries: %s', name, state, retry_count, data) as id from ${jobsSchema}.job
     where name in ('fetch', 'hook', 'duplicates') and state in ('created', 'retry', 'active')`,
  )
  const suspects = await database.query<{ id: string }>(
    `select 'duplicates of ' || owner as id from dues.suspect where asked is distinct from noticed`,
  )
  return { events: [...events, ...suspects].map(({ id }) => id), jobs: jobs.map(({ id }) => id) }
}

/** A job that is to begin in some seconds begins now. */
async function hurry({ database }: World): Promise<void> {
  await database.query(
    `update ${jobsSchema}.job set start_after = now()
     where name in ('fetch', 'hook', 'duplicates') and state in ('created', 'retry') and start_after > now()`,
  )
}

/** A job whose process died, or could not say that it was done, is given to another when its time is over: now. */
async function letTimePass({ database }: World): Promise<void> {
  const { query } = database
  await query(`update ${jobsSchema}.job set started_on = started_on - interval '1 day' where state = 'active'`)
  await query(`update ${jobsSchema}.queue set monitor_on = null`)
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
