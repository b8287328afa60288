import { setTimeout as wait } from 'node:timers/promises'
import Stripe from 'stripe'
import type { StripeLocal } from 'stripe-local'
import type { Transition } from '../src/entitlements/transition.ts'
import { DuesError } from '../src/errors.ts'
import type { StripeFault } from './fragile-stripe.ts'
import { createNetwork, type Network } from './network.ts'
import { createOvertaking, type Overtaking } from './overtaking.ts'
import { createPatience, type Patience } from './patience.ts'
import { type AppProcess, type ProcessOptions, startProcess } from './process.ts'
import type { Faults, Program } from './program.ts'
import { createRandom, type Random } from './random.ts'
import type { Stage } from './stages.ts'
import type { Tally } from './tally.ts'

/** A hook that ran, and what it was told. */
export type HookRun = { key: string; type: string; owner: string; told: string }

/** A Stripe, a network, a database and two processes of an app, all of which may fail. */
export type World = {
  readonly program: Program
  readonly random: Random
  readonly tally: Tally
  readonly stage: Stage
  readonly patience: Patience
  readonly overtaking: Overtaking
  readonly network: Network
  readonly local: StripeLocal
  readonly secretKey: string
  /** A client that never fails, for what happens at Stripe itself. */
  readonly stripe: Stripe
  readonly processes: readonly AppProcess[]
  readonly hookRuns: readonly HookRun[]
  /** Subscriptions that somebody made in Stripe's dashboard, though there was one. */
  readonly subscribedAtStripe: Set<string>
  /** By owner: how many changes that may cost something were confirmed, and how often somebody came back without a Checkout. */
  readonly changes: Map<string, number>
  readonly comeBacks: Map<string, number>
  /** Whether any process died. What it was at lies there until its time is over. */
  readonly deaths: { some: boolean }
  /** What was seen and must not be. */
  readonly complaints: string[]
  /** What happened, for whoever reads a failure. */
  readonly log: string[]
  ownerId(owner: number): string
  now(): number
  /** Moves Stripe's clock. */
  advance(seconds: number): Promise<void>
  outage(of: 'database' | 'stripe', on: boolean): void
  /** From now on nothing fails by itself. */
  calm(): void
  /** Starts processes in the place of the dead ones. */
  revive(): Promise<void>
  close(): Promise<void>
}

const stripeFaults = ['unreachable', 'status429', 'status409', 'status500', 'lost', 'lost', 'failed'] as const

/** More than a circuit breaker rests. */
const restMs = 60_000

const noFaults: Faults = { duplicate: 0, truncate: 0, drop: 0, statement: 0, call: 0, slow: 0, hook: 0 }

/** Makes the world of a program, on a stage that is cleared first. */
export async function openWorld(program: Program, stage: Stage, tally: Tally): Promise<World> {
  const random = createRandom(program.seed)
  const { local, secretKey, postbox } = stage
  const patience = createPatience()
  const overtaking = createOvertaking()
  const log: string[] = []
  const hookRuns: HookRun[] = []
  const complaints: string[] = []
  const processes: AppProcess[] = []
  let advancing = Promise.resolve()
  const deaths = { some: false }
  const down = { database: false, stripe: false }
  let rested = 0
  let faults = noFaults

  await stage.clear()
  const network = createNetwork({
    postbox,
    faults: () => faults,
    random,
    tally,
    now: () => local.now(secretKey),
    receivers: () => processes.map((process) => receiverOf(process)),
  })
  const stripe = new Stripe(secretKey, { host: '127.0.0.1', port: local.port, protocol: 'http', telemetry: false })
  if (program.thin) await sendThinEventsTo(stripe, postbox.url)

  const options: Omit<ProcessOptions, 'database'> = {
    patience,
    stripe: { secretKey, port: local.port },
    now: () => local.now(secretKey),
    restClock: () => performance.now() + rested,
    trouble: {
      database: {
        strike() {
          if (!down.database && !random.chance(faults.statement)) return null
          const how = down.database || random.chance(0.5) ? 'down' : 'lost'
          tally.count(`statements: ${how}`)
          return how
        },
      },
      stripe: {
        failedKeys: new Set(),
        overtaking,
        strike() {
          if (!down.stripe && !random.chance(faults.call)) {
            if (!random.chance(faults.slow)) return null
            tally.count('calls: slow')
            return 'slow'
          }
          const how: StripeFault = down.stripe ? 'unreachable' : random.pick(stripeFaults)
          tally.count(`calls: ${how}`)
          return how
        },
      },
    },
    onHook(transition: Transition) {
      const { id, type, owner, ...rest } = transition
      hookRuns.push({ key: id, type, owner: owner.id, told: JSON.stringify(rest) })
      tally.count('hooks: run')
      if (!random.chance(faults.hook)) return
      tally.count('hooks: threw')
      throw new Error('A hook threw (a fault of the chaos run).')
    },
  }

  const close = async () => {
    await Promise.all(processes.map((process) => process.stop()))
    // What they asked for last makes events, too, and those are not the next world's.
    await local.settled(secretKey)
  }
  try {
    for (const database of stage.databases) processes.push(await startProcess({ ...options, database }))
  } catch (error) {
    await close()
    throw error
  }
  faults = program.faults

  return {
    program,
    random,
    tally,
    stage,
    patience,
    overtaking,
    network,
    local,
    secretKey,
    stripe,
    processes,
    hookRuns,
    changes: new Map(),
    comeBacks: new Map(),
    subscribedAtStripe: new Set(),
    deaths,
    complaints,
    log,
    ownerId: (owner) => `owner_${owner}`,
    now: () => local.now(secretKey),
    advance(seconds) {
      // One after the other: the second would let go of what the first holds, and not of what waits since.
      advancing = advancing.then(() => standingStill(processes, () => moveClock(local.url, secretKey, seconds)))
      return advancing
    },
    outage(of, on) {
      down[of] = on
    },
    calm() {
      faults = noFaults
      // Whoever leaves Stripe alone for some seconds has done so: else the last reconcile of a program that took less would be refused.
      rested += restMs
      down.database = false
      down.stripe = false
      for (const { life } of processes) life.dieAfter(Infinity)
    },
    async revive() {
      for (const [index, process] of processes.entries()) {
        const database = stage.databases[index]
        if (!process.life.dead || database === undefined) continue
        deaths.some = true
        await process.stop()
        try {
          processes[index] = await startProcess({ ...options, database })
          tally.count('processes: died')
        } catch (error) {
          // Started again at the next step, as whoever runs an app does with one that could not start.
          if (!(error instanceof DuesError && isPassing(error))) throw error
          tally.count('processes: could not start')
        }
      }
    },
    close,
  }
}

/**
 * Does something while no process waits for anybody. Time leaps in a simulation and nowhere else: a call to Stripe that was under way
 * meanwhile would seem to have taken a month by Stripe's clock and a millisecond by ours.
 */
async function standingStill(processes: readonly AppProcess[], work: () => Promise<void>): Promise<void> {
  while (processes.some(({ life }) => !life.idle)) await wait(1)
  for (const { life } of processes) life.hold()
  try {
    await work()
  } finally {
    for (const { life } of processes) life.release()
  }
}

async function moveClock(url: string, secretKey: string, seconds: number): Promise<void> {
  const response = await fetch(`${url}/_local/clock`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ seconds }),
  })
  if (!response.ok) throw new Error(await response.text())
}

/** What may be told while something fails around an app, and at no other time. */
export const isPassing = ({ code }: DuesError): boolean =>
  code === 'stripe_unavailable' || code === 'database_unavailable'

const receiverOf =
  ({ ask }: AppProcess) =>
  async (body: string, signature: string) =>
    (await ask('/webhook', { body, signature }))?.status ?? null

async function sendThinEventsTo(stripe: Stripe, url: string): Promise<void> {
  await stripe.v2.core.eventDestinations.create({
    name: 'thin',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: ['*'],
    webhook_endpoint: { url },
    include: ['webhook_endpoint.signing_secret'],
  })
}
