import type { AddOns } from './catalogue/add-ons.ts'
import type { PaidPlanName, PlanConfig, Plans } from './catalogue/plans.ts'
import { planProblems } from './catalogue/validate.ts'
import type { CheckoutDefaults } from './checkout/types.ts'
import type { Monitoring } from './http/monitoring.ts'
import { type DisputePolicy, disputePolicies } from './invoices/disputed.ts'
import { type RefundPolicy, refundPolicies } from './invoices/refunded.ts'
import { consoleLogger, type Logger } from './logger.ts'
import type { DuesOptions, Paths } from './options.ts'
import { databaseProblems, refuseProblems, stripeProblems, urlProblems } from './settings.ts'
import type { DatabaseSource } from './store/database.ts'
import type { DuplicateMoney } from './store/duplicates.ts'
import { resets } from './usage/period.ts'
import type { Counting } from './usage/types.ts'

/** The options of `createDues`, checked, with what was left out filled in. */
export type Configuration = {
  readonly database: DatabaseSource
  readonly webhookSecrets: readonly string[]
  readonly baseUrl: string | null
  readonly basePath: string
  readonly paths: Paths
  readonly graceDays: number
  readonly onDispute: DisputePolicy
  readonly onRefund: RefundPolicy
  readonly endedInvoices: 'void' | 'keep'
  readonly checkout: CheckoutDefaults
  readonly seatsInUse: (owner: string) => Promise<number>
  readonly duplicates: DuplicateMoney
  /** How limits are counted. */
  readonly counted: { readonly [feature: string]: Counting | undefined }
  readonly logger: Logger
  /** Unix seconds. */
  readonly now: () => number
}

/**
 * Checks everything that can be checked without asking anybody, and refuses (`settings_invalid`) with all of it at once: a setting that is
 * wrong is found when the app starts and not when somebody wants to pay.
 */
export function configure<P extends Plans, A extends AddOns<PaidPlanName<P>>>(
  options: DuesOptions<P, A>,
): Configuration {
  const {
    basePath = '/billing',
    baseUrl,
    paths = {},
    pastDue,
    duplicates = 'refund',
    onDispute = 'keep',
    onRefund = 'keep',
    endedInvoices = 'void',
    prefix,
    usage = {},
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
    ...planProblems(options.plans, options.addOns),
    ...(typeof options.identify === 'function'
      ? []
      : ['identify is missing: pass a function that reads your session, (request) => ({id, email, name}) or null.']),
    ...urlProblems(baseUrl, 'baseUrl'),
    ...pathProblems({ basePath, ...prefixed('paths', paths) }),
    ...(basePath.endsWith('/') ? ['basePath ends in a slash: leave it out, as in "/billing".'] : []),
    ...(refundPolicies.includes(onRefund) ? [] : ["onRefund: give 'keep' or 'end'."]),
    ...(disputePolicies.includes(onDispute) ? [] : ["onDispute: give 'keep', 'end' or 'endWhenLost'."]),
    ...(['void', 'keep'].includes(endedInvoices) ? [] : ["endedInvoices: give 'void' or 'keep'."]),
    ...(pastDue && !(pastDue.graceDays >= 0)
      ? ['pastDue.graceDays: give a number of days, 0 or more, or Infinity.']
      : []),
    ...(['refund', 'credit', 'keep'].includes(duplicates)
      ? []
      : ["duplicates: give 'refund', 'credit' or 'keep': what becomes of money that was paid twice."]),
    ...cacheProblems(options.cache),
    ...monitoringProblems(options.monitoring ?? {}),
    ...countedProblems([...Object.values(options.plans ?? {}), ...Object.values(options.addOns ?? {})], usage),
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
    onDispute,
    onRefund,
    endedInvoices,
    checkout: options.checkout ?? {},
    seatsInUse: async (owner) => (await options.seatsInUse?.(owner)) ?? 0,
    duplicates,
    counted: usage,
    logger: options.logger ?? consoleLogger,
    now: () => Math.floor(now().getTime() / 1000),
  }
}

function cacheProblems(cache: DuesOptions<Plans>['cache'] = false): string[] {
  const owners = typeof cache === 'object' ? cache.owners : undefined
  return owners === undefined || (Number.isInteger(owners) && owners > 0)
    ? []
    : ['cache.owners: give how many owners are remembered, a whole number above 0.']
}

const monitoringProblems = (monitoring: Monitoring): string[] =>
  Object.entries(monitoring)
    .filter(([, watcher]) => typeof watcher === 'object' && watcher.token.length < 16)
    .map(
      ([name]) =>
        `monitoring.${name}.token is too short: give 16 characters or more, such as \`openssl rand -hex 16\` makes.`,
    )

function secretsOf({ stripe: { webhookSecret = [] } }: Pick<DuesOptions<Plans>, 'stripe'>): readonly string[] {
  return typeof webhookSecret === 'string' ? [webhookSecret] : webhookSecret
}

const pathProblems = (paths: Record<string, string>): string[] =>
  Object.entries(paths)
    .filter(([, path]) => !path.startsWith('/') || path.startsWith('//'))
    .map(([name]) => `${name} is no path of the app: expected one that begins with /, as in "/account".`)

const prefixed = (name: string, paths: Partial<Paths>): Record<string, string> =>
  Object.fromEntries(Object.entries(paths).map(([key, path]) => [`${name}.${key}`, path]))

function countedProblems(goods: readonly Pick<PlanConfig, 'features'>[], counted: Configuration['counted']): string[] {
  const isLimit = (feature: string) => goods.some(({ features }) => typeof features?.[feature] === 'number')
  return Object.entries(counted).flatMap(([feature, how]) => [
    ...(isLimit(feature) ? [] : [`usage.${feature}: no plan has a limit of this name, and no add-on.`]),
    ...(typeof how?.count === 'function' || resets.some((one) => one === how?.resets)
      ? []
      : [`usage.${feature}: give resets (${resets.map((one) => `"${one}"`).join(', ')}), or count, a function.`]),
  ])
}
