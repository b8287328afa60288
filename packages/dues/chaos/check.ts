import fc from 'fast-check'
import { aProgram, type Program, type ProgramLimits } from './program.ts'
import { runProgram } from './run.ts'
import type { Stage } from './stages.ts'
import type { Tally } from './tally.ts'

/** A program that broke a promise, made as small as could be done in the time, and what was broken. */
export type Failure = { seed: number | null; program: Program; reason: string; smaller: number }

const shrinkingMs = 120_000

/**
 * Runs the program of a seed; when it breaks a promise, looks for a smaller one that does. What runs at once is not
 * repeated to the millisecond, so a small program may need a few runs to fail again.
 */
export async function checkSeed(
  seed: number,
  stage: Stage,
  tally: Tally,
  limits: ProgramLimits = {},
  { shrink = true }: { shrink?: boolean } = {},
): Promise<Failure | null> {
  let until = Number.POSITIVE_INFINITY
  // A check begins with small and extreme values, and each of these ends after its first: hardly anybody would be a member for long.
  const property = fc.asyncProperty(fc.noBias(aProgram(limits)), async (program) => {
    // What is over time counts as fine, so that the smallest so far is the answer.
    if (Date.now() > until) return
    try {
      await runProgram(program, stage, tally)
    } catch (error) {
      until = Math.min(until, Date.now() + shrinkingMs)
      throw error
    }
  })
  const { failed, counterexample, errorInstance, numShrinks } = await fc.check(property, {
    seed,
    numRuns: 1,
    endOnFailure: !shrink,
  })
  if (!failed || counterexample === null) return null
  const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return { seed, program: counterexample[0], reason, smaller: numShrinks }
}

/** How to have it again. */
export function explainFailure({ seed, program, reason, smaller }: Failure): string {
  return [
    reason,
    '',
    ...(seed === null ? [] : [`Found with seed ${seed} and made smaller ${smaller} times.`]),
    'Again:',
    `npm run chaos -- --runs 20 --program '${JSON.stringify(program)}'`,
    ...(seed === null ? [] : [`npm run chaos -- --runs 1 --seed ${seed}   (with the other options of this run)`]),
  ].join('\n')
}
