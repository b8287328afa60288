import type { Plans } from './catalogue/plans.ts'
import { planProblems } from './catalogue/validate.ts'
import { consoleLogger, type Logger } from './logger.ts'
import type { DuesOptions, Paths } from './options.ts'
import { databaseProblems, refuseProblems, stripeProblems, urlProblems } from './settings.ts'
import type { DatabaseSource } from './store/database.ts'
import type { DuplicateMoney } from './store/duplicates.ts'

/** The options of `createDues`, checked, with what was left out filled in. */
export type Configuration = {
  readonly database: DatabaseSource
  readonly webhookSecrets: readonly string[]
  readonly baseUrl: string | null
  readonly basePath: string
  readonly paths: Paths
  readonly graceDays: number
  readonly duplicates: DuplicateMoney
  readonly logger: Logger
  /** Unix seconds. */
  readonly now: () => number
}

/**
 * Checks everything that can be checked without asking anybody, and refuses (`settings_invalid`) with all of it at once: a setting that is
 * wrong is found when the app starts and not when somebody wants to pay.
 */
export function configure<P extends Plans>(options: DuesOptions<P>): Configuration {
  const {
    basePath = '/billing',
    baseUrl,
    paths = {},
    pastDue,
    duplicates = 'refund',
    prefix,
    now = () => new Date(),
  } = options
  const webhookSecrets = secretsOf(options)
  const { database } = options
  refuseProblems([
    ...('client' in options.stripe
      ? stripeProblems({ secretKey: 'sk_test_client', webhookSecret: webhookSecrets })
      : stripeProblems({ ...options.stripe, webhookSecret: webhookSecrets })),
    ...(database === undefined ? ['database is missing: pass a postgres:// URL, a pg Pool or a PGlite.'] : []),
    ...(typeof database === 'string' ? databaseProblems(database, 'database') : []),
    ...planProblems(options.plans),
    ...(typeof options.identify === 'function'
      ? []
      : ['identify is missing: pass a function that reads your session, (request) => ({id, email, name}) or null.']),
    ...urlProblems(baseUrl, 'baseUrl'),
    ...pathProblems({ basePath, ...prefixed('paths', paths) }),
    ...(basePath.endsWith('/') ? ['basePath ends in a slash: leave it out, as in "/billing".'] : []),
    ...(pastDue && !(pastDue.graceDays >= 0)
      ? ['pastDue.graceDays: give a number of days, 0 or more, or Infinity.']
      : []),
    ...(['refund', 'credit', 'keep'].includes(duplicates)
      ? []
      : ["duplicates: give 'refund', 'credit' or 'keep': what becomes of money that was paid twice."]),
    ...(prefix === undefined || /^[a-z][a-z0-9_]{0,29}$/.test(prefix)
      ? []
      : ['prefix: small letters, digits and _, as in "dues".']),
  ])
  return {
    database: database as DatabaseSource,
    webhookSecrets,
    baseUrl: baseUrl === undefined ? null : new URL(baseUrl).origin,
    basePath,
    paths: { pricing: '/pricing', account: '/account', signIn: '/sign-in', ...paths },
    graceDays: pastDue?.graceDays ?? 7,
    duplicates,
    logger: options.logger ?? consoleLogger,
    now: () => Math.floor(now().getTime() / 1000),
  }
}

function secretsOf<P extends Plans>({ stripe: { webhookSecret = [] } }: DuesOptions<P>): readonly string[] {
  return typeof webhookSecret === 'string' ? [webhookSecret] : webhookSecret
}

const pathProblems = (paths: Record<string, string>): string[] =>
  Object.entries(paths)
    .filter(([, path]) => !path.startsWith('/') || path.startsWith('//'))
    .map(([name]) => `${name} is no path of the app: expected one that begins with /, as in "/account".`)

const prefixed = (name: string, paths: Partial<Paths>): Record<string, string> =>
  Object.fromEntries(Object.entries(paths).map(([key, path]) => [`${name}.${key}`, path]))
