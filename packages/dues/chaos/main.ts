/**
 * `npm run chaos -- --runs 10000 --seed N`: random programs of people's actions and faults against the real code, Stripe Local, a PGlite and a
 * PostgreSQL server of its own. Ends at the first broken promise with the smallest program that breaks it (exit code 1); else says how often
 * which action and which fault there was.
 *
 * --runs N        how many programs (1000)
 * --seed N        the first seed; each run has the next one (from the clock)
 * --at-once N     worlds side by side: the first on PGlite, with every tenth program, the others on PostgreSQL (4)
 * --longest N     steps of a program at most (24)
 * --all           goes on after a broken promise, and makes no program smaller
 * --no-losses     every event is delivered in the end, so no reconcile may be needed
 * --program JSON  one program, as a failure prints it, again and again
 * --boundaries    one program with a crash of each process at the first boundary, at the second, and so on for `--runs`
 * --from N        begins at this boundary (0)
 * --mutation NAME breaks Dues on purpose (mutations.ts); --mutations: each of them, and in how many runs it was found
 */
import { parseArgs } from 'node:util'
import { mutate } from './mutations.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
    'at-once': { type: 'string', default: '4' },
    longest: { type: 'string', default: '24' },
    'no-losses': { type: 'boolean', default: false },
    program: { type: 'string' },
    all: { type: 'boolean', default: false },
    boundaries: { type: 'boolean', default: false },
    from: { type: 'string', default: '0' },
    mutation: { type: 'string' },
    mutations: { type: 'boolean', default: false },
  },
})
const wanted = {
  runs: Number(values.runs),
  seed: Number(values.seed),
  atOnce: Number(values['at-once']),
  all: values.all,
  limits: { longest: Number(values.longest), losses: !values['no-losses'] },
}

if (values.mutations) {
  const { findMutations } = await import('./find-mutations.ts')
  process.exitCode = (await findMutations(wanted)) ? 0 : 1
} else {
  // Before anything of Dues is loaded: the mutation is made to its source while it is.
  if (values.mutation !== undefined) mutate(values.mutation)
  const { campaign, crashesEverywhere, oneProgram, randomPrograms } = await import('./campaign.ts')
  const { everyCrash } = await import('./regressions.ts')
  const runs = values.program
    ? oneProgram(JSON.parse(values.program), wanted)
    : values.boundaries
      ? crashesEverywhere(everyCrash, { first: Number(values.from), count: wanted.runs / 2 })
      : randomPrograms(wanted, { shrink: values.mutation === undefined && !values.all })
  process.exitCode = (await campaign(runs, wanted)) ? 0 : 1
}
