/**
 * Replays recorded conversations with the real Stripe against Stripe Local and says what differs.
 *
 *     npm run conformance -- FOLDER     (../shared/stripe/recorded beside the repository when no folder is named)
 *
 * `--absent` names the recorded fields that our answers do not have. With `--live` (`npm run conformance:live`) it asks the real Stripe instead, in test mode, with the key in STRIPE_SECRET_KEY.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Seen } from './correspondence.ts'
import { type ConversationReport, isTestKey, recordedFolder, replayFolder, replayFolderLive } from './suite.ts'

const isLive = process.argv.includes('--live')
const named = process.argv.slice(2).find((argument) => !argument.startsWith('--'))
const folder = named === undefined ? recordedFolder : resolve(named)

const key = process.env.STRIPE_SECRET_KEY ?? ''

if (isLive && !isTestKey(key)) {
  console.log(
    'Set STRIPE_SECRET_KEY to a secret key of a Stripe account in test mode (sk_test_… or rk_test_…): the recorded conversations are held ' +
      'with the real Stripe by it. What they make stays in that account. Nothing was asked.',
  )
  process.exitCode = 1
} else if (!existsSync(folder)) {
  console.log(`There are no recordings at ${folder}: nothing was compared. Name a folder that has some.`)
} else {
  const reports = isLive ? await replayFolderLive(folder, key) : await replayFolder(folder)
  for (const report of reports) print(report)
  const differing = reports.filter(({ unexplained }) => unexplained.length > 0)
  const skipped = reports.flatMap(({ steps }) => steps).filter((step) => step.skipped !== undefined)
  const steps = reports.reduce((sum, report) => sum + report.steps.length, 0)
  console.log(
    `${reports.length} conversations, ${steps} requests, ${skipped.length} of them not compared; ${differing.length} conversations differ`,
  )
  printSeen(reports.flatMap((report) => report.steps.map(({ seen }) => seen)))
  process.exitCode = differing.length === 0 ? 0 : 1
}

/** How much was compared: a field that only one side has says nothing, and every version of the API has its own. */
function printSeen(seen: readonly Seen[]): void {
  const compared = seen.reduce((sum, one) => sum + one.compared, 0)
  const absent = new Map<string, number>()
  for (const path of seen.flatMap((one) => one.absent)) {
    const name = path.replace(/\[\d+\]/g, '[]').replace(/^data\[\]\./, '')
    absent.set(name, (absent.get(name) ?? 0) + 1)
  }
  const times = [...absent.values()].reduce((sum, one) => sum + one, 0)
  console.log(`${compared} values compared; ${times} that were recorded have no counterpart here`)
  if (process.argv.includes('--absent'))
    for (const [path, count] of [...absent].sort(([, a], [, b]) => b - a)) console.log(`    ${count} × ${path}`)
}

function print({ name, steps, unexplained, explained }: ConversationReport): void {
  const skipped = steps.filter((step) => step.skipped !== undefined)
  console.log(`${unexplained.length === 0 ? '✓' : '✗'} ${name}`)
  for (const { step, difference } of unexplained) {
    const { path, recorded, local } = difference
    console.log(`    ${step.request} (${step.version})  ${path}: ${shorten(recorded)} there, ${shorten(local)} here`)
  }
  for (const step of skipped) console.log(`    ${step.request} (${step.version})  not compared: ${step.skipped}`)
  for (const reason of new Set(explained.map(({ reason }) => reason))) console.log(`    known: ${reason}`)
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
