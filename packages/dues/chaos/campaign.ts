import { checkSeed, explainFailure, type Failure } from './check.ts'
import type { Program, ProgramLimits } from './program.ts'
import { runProgram } from './run.ts'
import type { Stage } from './stages.ts'
import { openStages } from './stages.ts'
import { createTally, type Tally } from './tally.ts'

export type Wanted = {
  runs: number
  seed: number
  atOnce: number
  limits: ProgramLimits
  /** Goes on after a broken promise. */
  all: boolean
}

/** One run, or null when there are no more. */
export type Runs = (number: number) => ((stage: Stage, tally: Tally) => Promise<Failure | null>) | null

export const randomPrograms =
  ({ runs, seed, limits }: Wanted, options: { shrink: boolean }): Runs =>
  (number) =>
    number < runs ? (stage, tally) => checkSeed(seed + number, stage, tally, limits, options) : null

/** One program as often as wanted: what runs at once is not repeated to the millisecond, and may need a few runs to fail again. */
export const oneProgram =
  (program: Program, { runs }: Wanted): Runs =>
  (number) =>
    number < runs ? (stage, tally) => tried(program, stage, tally) : null

/** A program with a crash of each process at each of so many boundaries that it passes in it. */
export const crashesEverywhere =
  (program: Program, { first, count }: { first: number; count: number }): Runs =>
  (number) => {
    if (number >= 2 * count) return null
    const after = first + Math.floor(number / 2)
    const crash = { action: { do: 'crash', process: number % 2, after }, wait: true, deliver: 0 } as const
    return (stage, tally) => tried({ ...program, steps: [crash, ...program.steps] }, stage, tally)
  }

async function tried(program: Program, stage: Stage, tally: Tally): Promise<Failure | null> {
  try {
    await runProgram(program, stage, tally)
    return null
  } catch (error) {
    return { seed: null, program, reason: error instanceof Error ? error.message : String(error), smaller: 0 }
  }
}

const pgliteShare = 10

/**
 * The number of the next run for a stage. Every tenth is PGlite's: it works in this very process, so one world on it costs
 * as much as several on PostgreSQL, and a seed always meets the same database.
 */
function inTurns(both: boolean): (stage: Stage) => number {
  const next = { PGlite: 0, PostgreSQL: 1 }
  return ({ engine }) => {
    const number = next[engine]
    next[engine] += engine === 'PGlite' && both ? pgliteShare : 1
    if (next.PostgreSQL % pgliteShare === 0) next.PostgreSQL += 1
    return number
  }
}

/** Does the runs in worlds side by side, and says what happened in them. @returns whether every promise held */
export async function campaign(runs: Runs, { atOnce, all }: Wanted): Promise<boolean> {
  const tally = createTally()
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 1000)
  const { stages, close } = await openStages(atOnce)
  const next = inTurns(stages.length > 1)
  let done = 0
  let broken = 0
  const progress = setInterval(() => console.log(`${done} programs, ${seconds()} s`), 10_000)
  await Promise.all(
    stages.map(async (stage) => {
      for (let run = runs(next(stage)); run !== null && (all || broken === 0); run = runs(next(stage))) {
        const failure = await run(stage, tally)
        done++
        if (failure === null) continue
        broken++
        console.error(`A promise was broken, in run ${done}, on ${stage.engine}:\n${explainFailure(failure)}\n`)
      }
    }),
  )
  clearInterval(progress)
  await close()

  console.log(`${done} programs in ${seconds()} s. What happened in them:\n\n${tally}\n`)
  console.log(broken === 0 ? 'Every promise held.' : `Promises were broken in ${broken} programs.`)
  return broken === 0
}
