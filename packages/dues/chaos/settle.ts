import { setTimeout as wait } from 'node:timers/promises'
import { jobsSchema } from '../src/jobs/queues.ts'
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

const roundMs = 10
/** What stays as it is for so many rounds is done by nobody: whoever was at it has died. */
const roundsWithoutProgress = 12

/** Waits until no event waits for its object and no job waits for anything. */
async function idle(world: World): Promise<void> {
  const end = Date.now() + boundMs
  let before = ''
  let same = 0
  for (let round = 0; ; round++) {
    const left = await whatIsLeft(world)
    if (left.length === 0) return
    if (Date.now() > end) throw new Error(`After ${boundMs} ms there is still work: ${left.join('; ')}`)
    same = left.join() === before ? same + 1 : 0
    before = left.join()
    // What is being worked on gets a moment; then the minutes pass after which whoever is at a job is given up.
    if (same > 0 && same % (world.deaths.some ? 2 : roundsWithoutProgress) === 0) await letTimePass(world)
    if (round % 4 === 1) await hurry(world)
    await wait(roundMs)
  }
}

const isBusy = async (world: World): Promise<boolean> => (await whatIsLeft(world)).length > 0

/** Every job but those that run on a schedule, and those that have failed for good. */
const isWork = `name not in ('cursor', 'reconcile', 'prune') and name not like 'dead-%' and name not like '\\_\\_%'`

/** What is still to be done, by its names. */
async function whatIsLeft({ stage }: World): Promise<string[]> {
  const rows = await stage.query<{ what: string }>(
    `select id || ' ' || type || ' of ' || coalesce(object, '') as what from dues.inbox where state = 'waiting'
     union all
     select 'the duplicates of ' || owner from dues.suspect where asked is distinct from noticed
     union all
     select format('%s %s after %s tries: %s, the last: %s', name, state, retry_count, data, left(output ->> 'message', 300)) from ${jobsSchema}.job
     where ${isWork} and state in ('created', 'retry', 'active')
     order by what`,
  )
  return rows.map(({ what }) => what)
}

/** A job that is to begin in some seconds begins now. */
async function hurry({ stage, patience }: World): Promise<void> {
  await stage.query(
    `update ${jobsSchema}.job set start_after = now()
     where ${isWork} and state in ('created', 'retry') and start_after > now()`,
  )
  patience.hurry()
}

/** A job whose process died, or could not say that it was done, is given to another when its time is over: now. So is a plan in somebody's hand. */
async function letTimePass({ stage }: World): Promise<void> {
  await stage.query('update dues.replan set at = at - 3600')
  await stage.query(`update ${jobsSchema}.job set started_on = started_on - interval '1 day' where state = 'active'`)
  await stage.query(`update ${jobsSchema}.queue set monitor_on = null, monitor_claim_on = null`)
  await (await stage.overseer()).supervise()
}
