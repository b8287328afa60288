import { DuesError } from '../src/errors.ts'
import { changeAtStripe } from './at-stripe.ts'
import { createMembers } from './members.ts'
import { type Action, describeProgram, type Program, type Step } from './program.ts'
import { brokenPromises, oneOfEach, readTruth } from './promises.ts'
import { settle } from './settle.ts'
import type { Stage } from './stages.ts'
import type { Tally } from './tally.ts'
import { isPassing, openWorld, type World } from './world.ts'

/** A promise was broken. The message says which, in what program, and what happened in it. */
export class BrokenPromise extends Error {}

/** Runs a program and holds the world that it leaves against the promises. @throws BrokenPromise */
export async function runProgram(program: Program, stage: Stage, tally: Tally): Promise<void> {
  const world = await openWorld(program, stage, tally)
  try {
    await inTime(world, () => throughAndThrough(world))
  } finally {
    await world.close()
  }
}

async function throughAndThrough(world: World): Promise<void> {
  await live(world)
  world.log.push('it comes to rest')
  await settle(world)
  if (world.network.lost.size > 0) {
    const [process] = world.processes
    if (isInTheList(world)) await process?.dues.webhooks.readEvents()
    // One that went on where an earlier one had stopped has not looked again at what that had passed.
    else if ((await process?.dues.reconcile(unpaced))?.resumed) await process?.dues.reconcile(unpaced)
    await settle(world)
  }
  if (world.network.lost.size === 0 || isInTheList(world)) await needsNoReconcile(world)
  refuse(world, await brokenPromises(world))
}

const listedSeconds = 30 * 86_400

/** Whether what was lost has to be found in Stripe's list of events alone. */
const isInTheList = ({ program: { found, steps } }: World): boolean =>
  found === 'readEvents' &&
  steps.reduce((sum, { action }) => sum + (action.do === 'advance' ? action.seconds : 0), 0) < listedSeconds

const boundMs = 120_000

/** Something that hangs is broken, too. */
async function inTime(world: World, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => {
      // Lets go of whatever hangs, so that the world can be closed.
      for (const { life } of world.processes) life.bury()
      reject(new BrokenPromise([`It did not end within ${boundMs} ms.`, '', ...told(world)].join('\n')))
    }, boundMs)
  })
  try {
    await Promise.race([work(), late])
  } catch (error) {
    if (error instanceof BrokenPromise) throw error
    throw new BrokenPromise([String(error), '', ...told(world)].join('\n'), { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** Goes through the steps, some of them while others are still under way. */
async function live(world: World): Promise<void> {
  let outages: Action[] = []
  let underWay: Promise<unknown>[] = []
  for (const [index, step] of world.program.steps.entries()) {
    world.log.push(`step ${index + 1}: ${step.action.do}`)
    await world.revive()
    const over = outages
    outages = step.action.do === 'outage' ? [step.action] : []
    underWay.push(perform(world, step), world.network.deliver(step.deliver))
    if (step.wait) {
      await Promise.all(underWay)
      underWay = []
      const broken = step.action.do === 'pay' ? oneOfEach(world, await readTruth(world)) : []
      if (broken.length > 0) refuse(world, broken)
    }
    for (const outage of over)
      if (outage.do === 'outage' && !outages.some((one) => one.do === 'outage' && one.of === outage.of))
        world.outage(outage.of, false)
  }
  await Promise.all(underWay)
}

async function perform(world: World, { action }: Step): Promise<void> {
  world.tally.count(`steps: ${action.do}`)
  switch (action.do) {
    case 'advance':
      return world.advance(action.seconds)
    case 'crash':
      return world.processes[action.process]?.life.dieAfter(action.after)
    case 'outage':
      return world.outage(action.of, true)
    case 'atStripe':
      return changeAtStripe(world, action.owner, action.what)
    case 'reconcile':
      return operate(world, ({ dues }) => dues.reconcile(unpaced))
    case 'readEvents':
      return operate(world, ({ dues }) => dues.webhooks.readEvents())
    default: {
      const act = membersOf(world)[action.do] as (action: Action) => Promise<void>
      return act(action)
    }
  }
}

const members = new WeakMap<World, ReturnType<typeof createMembers>>()
function membersOf(world: World): ReturnType<typeof createMembers> {
  const found = members.get(world) ?? createMembers(world)
  members.set(world, found)
  return found
}

/** Stripe Local has no limit that it would have to be spared for. */
const unpaced = { perSecond: 1_000 }

/** What runs on a schedule. It may fail for what fails around it, and for nothing else. */
async function operate(world: World, work: (process: World['processes'][number]) => Promise<unknown>): Promise<void> {
  const process = world.random.pick(world.processes)
  try {
    await Promise.race([work(process), process.life.died])
  } catch (error) {
    if (!(error instanceof DuesError && isPassing(error))) throw error
  }
}

/** Where nothing was lost, or all of it was in the list of events, a reconcile finds nothing. */
async function needsNoReconcile(world: World): Promise<void> {
  const look = () => world.processes[0]?.dues.reconcile({ ...unpaced, mend: false })
  let report = await look()
  // One that a dead process had begun found what was not delivered then.
  if (report?.resumed) report = await look()
  const found = (report?.drift ?? []).map((drift) => JSON.stringify(drift))
  refuse(
    world,
    found.map((drift) => `reconcile found a drift though nothing was lost for good: ${drift}`),
  )
}

function refuse(world: World, broken: readonly string[]): void {
  if (broken.length > 0) throw new BrokenPromise([...broken, '', ...told(world)].join('\n'))
}

const told = ({ program, log }: World): string[] => [describeProgram(program), '', ...log]
