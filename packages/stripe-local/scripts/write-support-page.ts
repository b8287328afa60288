/**
 * Writes `docs/stripe-local-support.md`: which of Stripe's operations Stripe Local carries out, read out of the code that does it.
 *
 *     npm run support-page
 *
 * `support-page.test.ts` fails when the page is not what the code says.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { changes } from '../src/protocol/older-answers.ts'
import { defaults, rewordings } from '../src/protocol/older-words.ts'
import { allOperations } from '../src/protocol/routes.ts'
import { handlers } from '../src/resource.ts'
import { apiVersion } from '../src/version.ts'
import { notThere } from './not-there.ts'
import { withoutEffect } from './without-effect.ts'
import '../src/resources/index.ts'

export const pageFile = fileURLToPath(new URL('../../../docs/stripe-local-support.md', import.meta.url))

/** The page. Deterministic, so that a test can compare it with what is checked in. */
export function supportPage(): string {
  const groups = new Map<string, { done: string[]; missing: string[] }>()
  for (const operation of [...allOperations].sort()) {
    const name = resourceOf(operation)
    const group = groups.get(name) ?? { done: [], missing: [] }
    groups.set(name, group)
    if (handlers.has(operation)) group.done.push(operation)
    else group.missing.push(operation)
  }
  const there = [...groups].filter(([, { done }]) => done.length > 0).sort(byName)
  const absent = [...groups]
    .filter(([, { done }]) => done.length === 0)
    .map(([name]) => name)
    .sort()
  const rows = there.map(([name, { done, missing }]) => `| ${name} | ${list(done)} | ${list(missing)} |`)
  return [
    '# What Stripe Local does, and what it does not',
    '',
    `Written by \`npm run support-page\` out of the code. ${handlers.size} of the ${allOperations.length} operations of Stripe's API ${apiVersion} are`,
    'carried out. Every other one is answered with a 501 and a sentence that says so, before anything is done: Stripe Local never makes',
    'an answer up. Parameters are checked against the SDK’s own types.',
    '',
    '| resource | there | not yet |',
    '|---|---|---|',
    ...rows,
    '',
    '## Why some of these are not there',
    '',
    ...[...new Set(notThere.values())].map(
      (reason) =>
        `- ${list([...notThere].filter(([, why]) => why === reason).map(([name]) => name)).replaceAll('<br>', ', ')}: ${reason}`,
    ),
    '',
    'Parameters that ask for what is not there are answered with a 501, too, and never left out in silence. Above all: automatic tax for a',
    'customer with an address (the rates of the world are not here; use tax rates), thresholds in schedules, and everything of Connect.',
    '',
    'These are taken and change nothing that anybody can see (a test looks for others that nobody reads):',
    '',
    ...[...new Set(withoutEffect.values())].map(
      (reason) =>
        `- ${list([...withoutEffect].filter(([, why]) => why === reason).map(([name]) => name)).replaceAll('<br>', ', ')}: ${reason}`,
    ),
    '',
    '## Older versions of the API',
    '',
    'A request is understood in the words of the version that its `Stripe-Version` names, and answered in its shape; an endpoint with an `api_version` is',
    'sent events in that one. Fields that came later stay, as at Stripe. These changes are known, the newest first; the pages are under',
    '<https://docs.stripe.com/changelog>:',
    '',
    ...knownChanges(),
    '',
    'What an older version did otherwise is not played: a Checkout session makes its subscription after the payment whatever version asks, and usage',
    'records are gone.',
    '',
    '## Not there at all',
    '',
    `${absent.map((name) => `\`${name}\``).join(', ')}.`,
    '',
  ].join('\n')
}

/** Every change of the API that is undone for who asks by an older version, by Stripe's page about it. */
function knownChanges(): string[] {
  const all = [...changes, ...rewordings, ...defaults].filter(({ page }) => page !== '')
  const versions = [...new Set(all.map(({ before }) => before))].sort().reverse()
  const pagesOf = (version: string): string[] =>
    [...new Set(all.flatMap(({ before, page }) => (before === version ? [page] : [])))].sort()
  return versions.map(
    (version) =>
      `- before ${version}: ${pagesOf(version)
        .map((page) => `\`${page}\``)
        .join(', ')}`,
  )
}

/** `POST /v1/checkout/sessions/{id}/expire` → `checkout/sessions`; `/v1/customers/{id}/tax_ids` → `customers`. */
function resourceOf(operation: string): string {
  const path = operation.slice(operation.indexOf('/') + 1).split('/')
  const version = path.shift()
  const fixed = path.slice(0, path.findIndex((part) => part.startsWith('{')) >>> 0)
  const namespaces = [
    'apps',
    'billing',
    'billing_portal',
    'checkout',
    'climate',
    'core',
    'entitlements',
    'financial_connections',
    'forwarding',
    'identity',
    'issuing',
    'money_management',
    'radar',
    'reporting',
    'sigma',
    'tax',
    'terminal',
    'test_helpers',
    'treasury',
  ]
  const name = namespaces.includes(fixed[0] ?? '') ? fixed.slice(0, 2).join('/') : fixed[0]
  return version === 'v2' ? `v2/${name}` : `${name}`
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => a.localeCompare(b)

const list = (operations: readonly string[]): string =>
  operations.map((operation) => `\`${operation.replace('/v1/', '/').replace('/v2/', '/')}\``).join('<br>')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(pageFile, supportPage())
  console.log(`wrote ${pageFile}`)
}
