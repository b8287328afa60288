import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkSeed, explainFailure } from './check.ts'
import { mutations, placesOf } from './mutations.ts'
import { everyCrash, regressions } from './regressions.ts'
import { runProgram } from './run.ts'
import { openStages } from './stages.ts'
import { createTally } from './tally.ts'

/** The short form of `npm run chaos`: see main.ts. */
describe('whatever people do and whatever fails, the promises hold', () => {
  let opened: Awaited<ReturnType<typeof openStages>>
  const tally = createTally()
  beforeAll(async () => {
    opened = await openStages(2)
  })
  afterAll(() => opened.close())

  test('in random programs, on PGlite and on PostgreSQL', async () => {
    await Promise.all(
      opened.stages.map(async (stage, index) => {
        for (let seed = index; seed < 14; seed += opened.stages.length) {
          const failure = await checkSeed(seed, stage, tally, { longest: 16 })
          expect(failure && explainFailure(failure)).toBeNull()
        }
      }),
    )
    // A run in which nothing failed would prove little.
    for (const fault of [
      'deliveries: lost',
      'deliveries: duplicated',
      'processes: died',
      'statements: lost',
      'calls: lost',
    ])
      expect(tally.of(fault), fault).toBeGreaterThan(0)
  })

  test.each([3, 17, 71])('with a crash at boundary %i of a whole life', async (after) => {
    await Promise.all(
      opened.stages.map((stage, process) => {
        const crash = { action: { do: 'crash', process, after }, wait: true, deliver: 0 } as const
        return runProgram({ ...everyCrash, steps: [crash, ...everyCrash.steps] }, stage, tally)
      }),
    )
  })

  test.each(Object.entries(regressions))('%s', async (_name, program) => {
    await Promise.all(opened.stages.map((stage) => runProgram(program, stage, tally)))
  })
})

test.each(mutations)('the mutation $name has its places in the source', (mutation) => {
  expect(placesOf(mutation)).toEqual(mutation.edits.map(() => 1))
})
