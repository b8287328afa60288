import { checkSeed, explainFailure, type Failure } from './check.ts'
import { openDatabases } from './databases.ts'
import type { Program, ProgramLimits } from './program.ts'
import { runProgram } from './run.ts'
import { createTally, type Tally } from './tally.ts'
import type { WorldDatabase } from './world.ts'

export type Wanted = { runs: number; seed: number; atOnce: number; limits: ProgramLimits }

/** One run, or null when there are no more. */
export type Runs = (number: number) => ((database: WorldDatabase, tally: Tally) => Promise<Failure | null>) | null

export const randomPrograms =
  ({ runs, seed, limits }: Wanted, options: { shrink: boolean }): Runs =>
  (number) =>
    number < runs ? (database, tally) => checkSeed(seed + number, database, tally, limits, options) : null

/** One program as often as wanted: what runs at once is not repeated to the millisecond, and may need a few runs to fail again. */
export const oneProgram =
  (program: Program, { runs }: Wanted): Runs =>
  (number) =>
    number < runs ? (database, tally) => tried(program, database, tally) : null

/** A program with a crash of each process at each boundary that it passes in it, up to `most`. */
export const crashesEverywhere =
  (program: Program, most: number): Runs =>
  (number) => {
    const after = Math.floor(number / 2)
    if (after >= most) return null
    const crash = { action: { do: 'crash', process: number % 2, after }, wait: true, deliver: 0 } as const
    return (database, tally) => tried({ ...program, steps: [crash, ...program.steps] }, database, tally)
  }

async function tried(program: Program, database: WorldDatabase, tally: Tally): Promise<Failure | null> {
  try {
    await runProgram(program, database, tally)
    return null
  } catch (error) {
    return { seed: null, program, reason: error instanceof Error ? error.message : String(error), smaller: 0 }
  }
}

/** Does the runs in worlds side by side until one fails, and says what happened in them. @returns whether every promise held */
export async function campaign(runs: Runs, { atOnce }: Wanted): Promise<boolean> {
  const tally = createTally()
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 1000)
  const { databases, close } = await openDatabases(atOnce)
  let begun = 0
  let done = 0
  let failure: Failure | null = null
  const progress = setInterval(() => console.log(`${done} programs, ${seconds()} s`), 10_000)
  await Promise.all(
    databases.map(async (database) => {
      for (let run = runs(begun++); run !== null && failure === null; run = runs(begun++)) {
        const found = await run(database, tally)
        done++
        failure ??= found
      }
    }),
  )
  clearInterval(progress)
  await close()

  console.log(`${done} programs in ${seconds()} s. What happened in them:\n\n${tally}\n`)
  if (failure === null) {
    console.log('Every promise held.')
    return true
  }
  console.error(`A promise was broken, in run ${done}:\n${explainFailure(failure)}`)
  return false
}
