/**
 * Writes the pages that are read out of the code: `docs/truth-table.md` and `docs/errors.md`.
 *
 *     npm --workspace dues run docs
 *
 * `src/docs.test.ts` fails when a page is not what the code says.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { meanings, moments, printTruthTable, questions } from '../src/entitlements/truth-table.ts'
import { type Refusal, refusals } from '../src/errors.ts'

const inDocs = (name: string): string => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url))

/** The pages and where they stand. Deterministic, so that a test can compare them with what is checked in. */
export const pages = (): { file: string; text: string }[] => [
  { file: inDocs('truth-table.md'), text: truthTablePage() },
  { file: inDocs('errors.md'), text: errorsPage() },
]

function truthTablePage(): string {
  return [
    '# What is true when',
    '',
    'Written by `npm --workspace dues run docs` out of `packages/dues/src/entitlements/truth-table.ts`, the table that a test holds the code to,',
    'row by row and question by question. An empty cell is no.',
    '',
    'What a member is asked:',
    '',
    ...questions.map((question) => `- \`${question}()\`: ${meanings[question]}`),
    '- `can(feature)`, and with it `limit`, `use` and `remaining`: go by the features of the plan that was subscribed to or given; where the cell',
    '  is empty, by those of the free plan.',
    '- `addOns`: whether an add-on that is paid for beside the plan counts, with the features that it adds. A plan that was given by hand brings',
    '  none, and takes none away that is paid for.',
    '- `renewsAt`, `endsAt`: when the next period is charged, and when access ends or ended if nothing is done about it.',
    '',
    `The state is Stripe's own word, or \`granted\`, or \`none\`. The days of grace are ${moments.graceDays} here, as they are unless \`pastDue: { graceDays }\` says otherwise.`,
    'Where somebody has both a grant and a subscription that gives access, the plan that comes later in the configuration counts.',
    '',
    printTruthTable(),
    '',
  ].join('\n')
}

function errorsPage(): string {
  const entries: [string, Refusal][] = Object.entries(refusals)
  const statuses = [...new Set(entries.map(([, { status }]) => status))].sort()
  return [
    '# Every refusal',
    '',
    'Written by `npm --workspace dues run docs` out of `packages/dues/src/errors.ts`. Whatever Dues refuses, it refuses with a `DuesError`:',
    '',
    '- `code` is stable and meant for programs. It never changes its meaning.',
    '- `message` is meant for people, and says what to do.',
    '- `status` is the HTTP status that fits, and the one that the handler and the guards answer with.',
    '- `details` is what a program can go on with. Never a secret.',
    '- `cause` is what Stripe or the database said.',
    '',
    'Over HTTP a program gets `{"error": {"code", "message", "details"}}`, and a browser a page or a redirect. The words of `settings_invalid`,',
    '`stripe_refused` and `database_unavailable` are for the log alone: who asked is told that it was not their doing. Anything that is no',
    '`DuesError` is a 500 with the code `internal`. After a refusal everything is as it was before, unless the row says otherwise.',
    '',
    ...statuses.flatMap((status) => [
      `## ${status} ${statusNames[status] ?? ''}`.trimEnd(),
      '',
      '| code | when | what to do | `details` |',
      '| --- | --- | --- | --- |',
      ...entries.filter(([, refusal]) => refusal.status === status).map(rowOf),
      '',
    ]),
  ].join('\n')
}

const rowOf = ([code, { when, mend, details = [] }]: [string, Refusal]): string =>
  `| \`${code}\` | ${when} | ${mend} | ${details.map((name) => `\`${name}\``).join(', ')} |`

const statusNames: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, text } of pages()) {
    writeFileSync(file, text)
    console.log(`wrote ${file}`)
  }
}
