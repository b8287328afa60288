import { resolve } from 'node:path'
import { DuesError, hasStripeSettings, readSettings, type Settings as StripeSettings } from 'dues'
import { demoStaff } from './staff/demo.ts'

/** What the club runs on, read once at start and checked as a whole. */
export type Settings = {
  readonly port: number
  /** The address to listen on; undefined: this machine alone. */
  readonly host: string | undefined
  readonly stripeLocalPort: number
  /** Where the embedded database, Stripe Local's journal and the session secret are kept. */
  readonly dataDir: string
  /** A PostgreSQL server; undefined: the embedded one in `dataDir`. */
  readonly databaseUrl: string | undefined
  /** The real Stripe (or any other that the keys belong to); undefined: the embedded Stripe Local. */
  readonly stripe: StripeSettings['stripe'] | undefined
  /** The club's public origin; undefined: `http://localhost:PORT`. */
  readonly baseUrl: string | undefined
  /** Signs the session cookies; undefined: one is made and kept in `dataDir`. */
  readonly sessionSecret: string | undefined
  /** Who sends it sees the metrics at /billing/metrics; undefined: nobody does. */
  readonly metricsToken: string | undefined
  /** Who sees the staff's pages, by the addresses that they sign in with; undefined: the demo's account, where there is one. */
  readonly staff: readonly string[] | undefined
  readonly logLevel: LogLevel
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Names every setting that is missing or wrong, and what it should be. No value is printed: it could be a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the club's settings. Throws a `SettingsError` that names all that is wrong at once.
 *
 * @example
 * readClubSettings({ PORT: '8080' }).port // 8080
 */
export function readClubSettings(env: Environment): Settings {
  const problems: string[] = []
  const port = readPort(env, 'PORT', 4242, problems)
  const stripeLocalPort = readPort(env, 'STRIPE_LOCAL_PORT', 12111, problems)
  if (port === stripeLocalPort && port !== 0) {
    problems.push(`PORT and STRIPE_LOCAL_PORT are both ${port}: give them different ports.`)
  }
  const logLevel = given(env.LOG_LEVEL) ?? 'info'
  if (!isLogLevel(logLevel)) problems.push(`LOG_LEVEL is unknown: expected ${logLevels.join(', ')}.`)
  const sessionSecret = given(env.SESSION_SECRET)
  if (sessionSecret !== undefined && sessionSecret.length < 32) {
    problems.push('SESSION_SECRET is too short: expected 32 characters or more.')
  }
  const metricsToken = given(env.METRICS_TOKEN)
  if (metricsToken !== undefined && metricsToken.length < 16) {
    problems.push('METRICS_TOKEN is too short: expected 16 characters or more.')
  }
  const staff = readStaff(env, problems)
  const shared = readShared(env, problems)
  if (problems.length > 0 || !isLogLevel(logLevel)) throw new SettingsError(sentence(problems))
  return {
    port,
    host: given(env.HOST),
    stripeLocalPort,
    dataDir: resolve(given(env.DATA_DIR) ?? '.data'),
    databaseUrl: shared?.database,
    stripe: hasStripeSettings(env) ? shared?.stripe : undefined,
    baseUrl: shared?.baseUrl && new URL(shared.baseUrl).origin,
    sessionSecret,
    metricsToken,
    staff,
    logLevel,
  }
}

/** `ada@club.example, grace@club.example`, as they sign in: in small letters. */
function readStaff(env: Environment, problems: string[]): readonly string[] | undefined {
  const addresses = given(env.CLUB_STAFF)
    ?.split(/[\s,;]+/)
    .filter(Boolean)
    .map((address) => address.toLowerCase())
  if (!addresses?.every((address) => /^[^@]+@[^@]+$/.test(address)) && addresses !== undefined)
    problems.push('CLUB_STAFF holds something that is no e-mail address: expected addresses with commas between them.')
  if (addresses?.includes(demoStaff.email))
    problems.push('CLUB_STAFF names the account of the demo, whose password everybody knows: name another one.')
  return addresses
}

/** What Dues reads itself: Stripe's keys, `DATABASE_URL`, `BASE_URL`. Without any Stripe key the embedded Stripe takes their place. */
function readShared(env: Environment, problems: string[]): StripeSettings | undefined {
  const standIn = hasStripeSettings(env)
    ? {}
    : { STRIPE_SECRET_KEY: 'sk_test_local', STRIPE_WEBHOOK_SECRET: 'whsec_local' }
  try {
    return readSettings({ ...env, ...standIn })
  } catch (error) {
    if (!(error instanceof DuesError)) throw error
    problems.push(
      ...error.message
        .split('\n')
        .filter((line) => line.startsWith('- '))
        .map((line) => line.slice(2)),
    )
    return undefined
  }
}

function readPort(env: Environment, name: string, standard: number, problems: string[]): number {
  const value = given(env[name])
  if (value === undefined) return standard
  const port = Number(value)
  if (/^\d+$/.test(value) && port <= 65_535) return port
  problems.push(`${name} is no port: expected a number from 0 to 65535.`)
  return standard
}

function sentence(problems: string[]): string {
  const count = problems.length === 1 ? 'A setting is wrong' : `${problems.length} settings are wrong`
  const list = problems.map((problem) => `  - ${problem}`).join('\n')
  return `${count} (in the environment or in .env):\n${list}`
}

const isLogLevel = (value: string): value is LogLevel => logLevels.some((level) => level === value)

const given = (value: string | undefined): string | undefined => value?.trim() || undefined
