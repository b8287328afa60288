import { DuesError } from './errors.ts'

/** What `createDues` needs from the environment, checked. */
export type Settings = {
  readonly stripe: {
    readonly secretKey: string
    readonly publishableKey: string | undefined
    readonly webhookSecret: readonly string[]
    readonly apiBase: string | undefined
  }
  /** `DATABASE_URL`, where it is set. */
  readonly database: string | undefined
  /** `BASE_URL`, where it is set. */
  readonly baseUrl: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

const stripeNames = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY', 'STRIPE_WEBHOOK_SECRET'] as const

/** Whether any of Stripe's keys is set: if none is, an app may start an embedded Stripe Local instead. */
export const hasStripeSettings = (env: Environment): boolean => stripeNames.some((name) => given(env[name]))

/**
 * Reads `STRIPE_SECRET_KEY`, `STRIPE_PUBLISHABLE_KEY`, `STRIPE_WEBHOOK_SECRET` (several separated by commas while one is
 * rolled), `STRIPE_API_BASE`, `DATABASE_URL` and `BASE_URL`. Whatever is missing or wrong is named in one error
 * (`settings_invalid`), all of it at once, and no value is ever printed.
 *
 * @example
 * const { stripe, database } = readSettings(process.env)
 * const dues = createDues({ stripe, database, plans, identify })
 */
export function readSettings(env: Environment): Settings {
  const secretKey = given(env.STRIPE_SECRET_KEY)
  const publishableKey = given(env.STRIPE_PUBLISHABLE_KEY)
  const webhookSecret = (given(env.STRIPE_WEBHOOK_SECRET) ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  const apiBase = given(env.STRIPE_API_BASE)
  const database = given(env.DATABASE_URL)
  // Vite puts its own BASE_URL, a path, into the environment of what it runs.
  const baseUrl = env.BASE_URL === '/' ? undefined : given(env.BASE_URL)
  refuseProblems([
    ...stripeProblems({ secretKey, publishableKey, webhookSecret, apiBase }, environmentNames),
    ...databaseProblems(database, 'DATABASE_URL'),
    ...urlProblems(baseUrl, 'BASE_URL'),
  ])
  return { stripe: { secretKey: secretKey ?? '', publishableKey, webhookSecret, apiBase }, database, baseUrl }
}

/** What each setting is called where it came from: in the environment, or in the options of `createDues`. */
export type SettingNames = { secretKey: string; publishableKey: string; webhookSecret: string; apiBase: string }
const environmentNames: SettingNames = {
  secretKey: 'STRIPE_SECRET_KEY',
  publishableKey: 'STRIPE_PUBLISHABLE_KEY',
  webhookSecret: 'STRIPE_WEBHOOK_SECRET',
  apiBase: 'STRIPE_API_BASE',
}
export const optionNames: SettingNames = {
  secretKey: 'stripe.secretKey',
  publishableKey: 'stripe.publishableKey',
  webhookSecret: 'stripe.webhookSecret',
  apiBase: 'stripe.apiBase',
}

/** What is wrong with a set of Stripe keys, one sentence each, without a value in it. */
export function stripeProblems(
  keys: {
    secretKey: string | undefined
    publishableKey?: string | undefined
    webhookSecret: readonly string[]
    apiBase?: string | undefined
  },
  names: SettingNames = optionNames,
): string[] {
  return [
    ...keyProblems(keys.secretKey, names.secretKey, { prefixes: ['sk', 'rk'], called: 'secret key', required: true }),
    ...keyProblems(keys.publishableKey, names.publishableKey, { prefixes: ['pk'], called: 'publishable key' }),
    ...modeProblems(keys, names),
    ...webhookSecretProblems(keys.webhookSecret, names.webhookSecret),
    ...urlProblems(keys.apiBase, names.apiBase),
  ]
}

function keyProblems(
  value: string | undefined,
  name: string,
  { prefixes, called, required = false }: { prefixes: string[]; called: string; required?: boolean },
): string[] {
  const expected = prefixes.map((prefix) => `${prefix}_test_… or ${prefix}_live_…`).join(', or ')
  if (!value) return required ? [`${name} is missing: expected Stripe's ${called} (${expected}).`] : []
  if (prefixes.some((prefix) => new RegExp(`^${prefix}_(test|live)_[\\w-]+$`).test(value))) return []
  const found = kinds.find(([start]) => value.startsWith(start))?.[1]
  return [`${name} is ${found ?? 'of an unknown form'}: expected the ${called} (${expected}).`]
}

const kinds: readonly (readonly [start: string, called: string])[] = [
  ['pk_', 'a publishable key'],
  ['sk_', 'a secret key that is cut short or holds a stray sign'],
  ['rk_', 'a restricted key that is cut short or holds a stray sign'],
  ['whsec_', 'a webhook secret'],
  ['price_', 'the id of a price'],
  ['acct_', 'the id of an account'],
  ['"', 'in quotation marks'],
  ["'", 'in quotation marks'],
]

function modeProblems(
  { secretKey, publishableKey }: { secretKey: string | undefined; publishableKey?: string | undefined },
  names: SettingNames,
): string[] {
  const secretMode = keyMode(secretKey)
  const publishableMode = keyMode(publishableKey)
  if (!secretMode || !publishableMode || secretMode === publishableMode) return []
  return [
    `${names.secretKey} is of ${secretMode} mode and ${names.publishableKey} of ${publishableMode} mode: take both from the same mode of one account.`,
  ]
}

/** `test` or `live`, as a key's own form says; undefined for what is no key. */
export function keyMode(key: string | undefined): 'test' | 'live' | undefined {
  const mode = /^[a-z]{2}_(test|live)_/.exec(key ?? '')?.[1]
  return mode === 'test' || mode === 'live' ? mode : undefined
}

function webhookSecretProblems(secrets: readonly string[], name: string): string[] {
  if (secrets.length === 0) return [`${name} is missing: expected the endpoint's signing secret (whsec_…).`]
  return secrets.every((secret) => /^whsec_\S+$/.test(secret))
    ? []
    : [`${name} is no signing secret: expected whsec_…, which Stripe shows beside the webhook endpoint.`]
}

/** What is wrong with a database URL. Undefined is fine here: an app may bring an embedded database. */
export function databaseProblems(value: string | undefined, name: string): string[] {
  if (value === undefined) return []
  const protocol = URL.canParse(value) ? new URL(value).protocol : ''
  return ['postgres:', 'postgresql:'].includes(protocol)
    ? []
    : [`${name} is no PostgreSQL URL: expected postgres://user:password@host:5432/name.`]
}

/** What is wrong with an http(s) URL; undefined is fine. */
export function urlProblems(value: string | undefined, name: string): string[] {
  if (value === undefined) return []
  const protocol = URL.canParse(value) ? new URL(value).protocol : ''
  return ['http:', 'https:'].includes(protocol)
    ? []
    : [`${name} is no URL: expected https://… (or http://localhost:…).`]
}

/** Throws one `settings_invalid` that lists every problem, or does nothing. */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length === 0) return
  const count = problems.length === 1 ? 'One setting is wrong' : `${problems.length} settings are wrong`
  throw new DuesError('settings_invalid', `${count}:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
}

const given = (value: string | undefined): string | undefined => value?.trim() || undefined
