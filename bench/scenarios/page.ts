import type { Verdict } from '../../packages/dues/testing/scenarios/stage.ts'
import type { Scenario } from '../../packages/dues/testing/scenarios/types.ts'
import { table } from '../lib/figures.ts'
import { versionsOfPeers } from '../lib/peers.ts'

/** How every handler did. */
export type Outcome = {
  at: string
  node: string
  handlers: { key: string; name: string; version: string; verdicts: Record<string, Verdict> }[]
}

const signs = { right: 'yes', wrong: '**no**', none: '–' } as const

/** The table alone, a row for each scenario. */
export function outcomeTable({ handlers }: Outcome, scenarios: readonly Scenario[]): string {
  const head = ['scenario', ...handlers.map(({ key }) => key)]
  const rows = scenarios.map(({ name }) => [
    name,
    ...handlers.map(({ verdicts }) => {
      const verdict = verdicts[name]
      return verdict === undefined ? '' : signs[verdict.outcome]
    }),
  ])
  const count = handlers.map(({ verdicts }) => {
    const all = Object.values(verdicts)
    const tried = all.filter(({ outcome }) => outcome !== 'none')
    return `${tried.filter(({ outcome }) => outcome === 'right').length} of ${tried.length}`
  })
  return table(head, [...rows, ['', ...count]])
}

/** What is promised and cannot be seen by delivering something: number, words, and the test beside the code that keeps it. */
const elsewhere: readonly (readonly [promise: number, what: string, file: string])[] = [
  [
    1,
    'twenty clicks at once in two processes are one customer and one Checkout; a crash between making and writing down',
    'checkout/start.test.ts',
  ],
  [2, 'a second purchase is refused, an open Checkout is handed out again or expired', 'checkout/start.test.ts'],
  [
    2,
    'two that were paid all the same: the older is ended and its money goes back, once, whatever dies',
    'duplicates/crash.test.ts',
  ],
  [3, 'SIGKILL of a process under load, and of the PostgreSQL server: nothing acknowledged is lost', 'outage.test.ts'],
  [3, 'a death at any statement, and in the middle of a fetch', 'webhooks/crash.test.ts'],
  [3, 'what is in no list of events any more is found by comparing', 'reconcile/reconcile.test.ts'],
  [4, 'each hook has the same key each time; of two processes one runs it', 'engine.test.ts'],
  [6, 'every state and moment with the access that it gives, grace included', 'entitlements/membership.test.ts'],
  [7, 'another’s Checkout session is nobody else’s, and tells nobody else anything', 'checkout/complete.test.ts'],
  [7, 'what another site sends in the name of a member is refused', 'http/origin.test.ts'],
  [8, 'a failure that nobody foresaw is answered without a word of it', 'http/failures.test.ts'],
  [8, 'a password in a connection string is in no error and no log', 'store/database.test.ts'],
]

/** The page of docs, written by the command that it names. */
export function outcomePage(outcome: Outcome, scenarios: readonly Scenario[]): string {
  const { at, node, handlers } = outcome
  const wrongs = handlers
    .filter(({ verdicts }) => Object.values(verdicts).some(({ outcome }) => outcome === 'wrong'))
    .map(({ key, verdicts }) => {
      const rows = scenarios.flatMap(({ name }) => {
        const verdict = verdicts[name]
        return verdict?.outcome === 'wrong' ? [[name, verdict.because ?? '']] : []
      })
      return `### ${key}\n\n${table(['scenario', 'what was seen'], rows)}`
    })
  const lacking = handlers.flatMap(({ key, verdicts }) =>
    scenarios.flatMap(({ name }) => {
      const verdict = verdicts[name]
      return verdict?.outcome === 'none' ? [`- ${key}, *${name}*: ${verdict.because}.`] : []
    }),
  )
  return `# What handlers make of ordinary deliveries

Written by \`npm run scenarios\` on ${at.slice(0, 10)}, with Node ${node}. Do not edit: run it again.

Stripe delivers events at least once, in no order, and stamps them with whole seconds. Each row below is something that this does to an
ordinary app, with what must be true in the end. Every handler ran as two processes on one PostgreSQL database, with Stripe Local as its Stripe.
What was not answered 2xx was delivered again, as Stripe does. A handler is right when what it believes of the subscription (status, price, end of
the period) is what Stripe says, within 5 s or, after an outage, 30 s.

The rows are defined once, in \`packages/dues/testing/scenarios/table.ts\`. \`packages/dues/src/scenarios.test.ts\` plays the same rows against Dues on PGlite and on
PostgreSQL in every run of the tests; \`bench/scenarios.ts\` plays them over HTTP against any handler, with an adapter of a few lines in \`bench/lib/handlers.ts\`.

## The handlers

${table(
  ['column', 'what it is', 'version'],
  handlers.map(({ key, name, version }) => [key, name, version]),
)}

\`better-auth\` runs with better-auth ${versionsOfPeers()['better-auth']} and stripe ${versionsOfPeers().stripe}. “asking” is \`revalidateObjectsViaStripeApi\`, the setting by which a sync engine fetches
each object instead of believing the event.

## The table

${outcomeTable(outcome, scenarios)}

| scenario | promise | what must be true |
|---|---|---|
${scenarios.map(({ name, promise, must }) => `| ${name} | ${promise} | ${must} |`).join('\n')}

## Where a peer was wrong, and what was seen

${wrongs.length > 0 ? wrongs.join('\n\n') : 'Nobody was.'}

## Where a row does not apply

${lacking.length > 0 ? lacking.join('\n') : 'Every row applies to everybody.'}

## Where a peer is better

- \`@stripe/sync-engine\` with \`revalidateObjectsViaStripeApi\` is right in every row but the two in which an answer of Stripe's comes late, by a rule that
  fits on a line: ask Stripe each time. It pays for that with a call to Stripe for each event, and it refuses deliveries while Stripe does not answer; they come
  again. Dues asks only where an event cannot be placed. The setting is not the default.
- The sync engines mirror many more kinds of object than Dues: charges, payment intents, payment methods, disputes, refunds, tax ids, products and
  prices, each as Stripe has it, for reports in SQL. Dues mirrors customers, subscriptions and invoices, and keeps of a subscription what a membership needs.
- \`@stripe/sync-engine\` comes from Stripe and keeps objects whole as JSON: a field that Stripe invents tomorrow is there at once. It reads Stripe's Sigma tables as well.
- \`@better-auth/stripe\` is one line in an app that signs people in with Better Auth: organisations, seats and limits of a plan come with it, and its tables are
  those of the app. It runs on every database that Better Auth runs on: MySQL, SQLite, MongoDB through its adapters. Dues runs on PostgreSQL and PGlite.
- None of them needs a queue or a worker. Where deliveries come in order, nothing fails and nobody kills a process, all of them are right: see
  *an ordinary life*.

## Promises that no delivery shows

The table has what can be done to any handler from outside. What Dues promises beside it is played in tests of its own:

${table(
  ['promise', 'what is tried', 'test'],
  elsewhere.map(([promise, what, file]) => [
    `${promise}`,
    what,
    `[${file.split('/').at(-1)}](../packages/dues/src/${file})`,
  ]),
)}

## What is fair, and what is not

- The rows were chosen by the people who wrote Dues, from what they promise. A peer promises other things.
- An endpoint gets the types that it asks for. *An unknown type of event* tells what happens when somebody asks for all of them.
- A process that ends by itself is started again before the next delivery. When its database goes away, \`better-auth\` sometimes dies of it, which is the better
  outcome: nothing was acknowledged. Where it lives on it answers 200 and the event is gone; so that row can differ between runs. So can
  *eight at once*: what it leaves there depends on which delivery happens to be written last.
- In the two rows about late answers one answer is held up between Stripe and the handler for as long as the next change takes, one to three seconds. Most
  answers take a tenth of that. Who asks nothing is not asked to take part.
- *An endpoint of an older version of the API* is what an account has whose endpoint was made years ago: periods stood in the subscription then, and stand in its
  items now. The period is looked for in both places.
- Better Auth's callbacks carry no promise to be run once or to be run again; the rows about hooks measure what an app would notice.
- Before a purchase, \`better-auth\` has the row that its own \`subscription.upgrade\` makes, and its id in the subscription's metadata.
- The migrations of \`@stripe/sync-engine\` download Stripe's OpenAPI file to give each field a column. Here they get a short one: the objects are kept whole either way.
- The sync engines make their Stripe client themselves and take no address: after that its host is set to Stripe Local's.
- *A crash between two writes* kills the process with SIGKILL at its first statement to the database, then at its second, and so on until a delivery comes through. A
  handler that does one write a delivery has nothing to lose there.
`
}
