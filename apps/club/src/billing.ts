import {
  createDues,
  type Dues,
  type Hooks,
  type Logger,
  type Member,
  type Owner,
  type Pages,
  type StripeKeys,
} from 'dues'
import type { Database } from './database.ts'
import { addOns, type ClubPlans, plans } from './plans.ts'

export type ClubDues = Dues<ClubPlans>
export type ClubMember = Member<ClubPlans>

/** Dues, set up for the club: which plans, who is asking, where the club's own pages are. */
export function createBilling(options: {
  stripe: StripeKeys
  database: Database['shared']
  identify: (request: Request) => Promise<Owner | null>
  pages: Pages<ClubPlans>
  baseUrl: string | undefined
  now: (() => Date) | undefined
  countProjects: (owner: string) => Promise<number>
  hooks: Hooks<ClubPlans>
  /** What Prometheus sends to see the metrics; undefined: there are none to see. */
  metricsToken: string | undefined
  log: Logger
}): ClubDues {
  const { stripe, database, identify, pages, baseUrl, now, countProjects, hooks, metricsToken, log } = options
  return createDues({
    stripe,
    database,
    plans,
    addOns,
    // Also for who pays by the year: a print a month is a print a month.
    usage: { prints: { resets: 'month' }, projects: { count: countProjects } },
    identify,
    pages,
    baseUrl,
    paths: { pricing: '/pricing', account: '/account', signIn: '/sign-in' },
    // Every page asks what its visitor has; many processes may serve them.
    cache: true,
    monitoring: { health: 'public', ...(metricsToken !== undefined && { metrics: { token: metricsToken } }) },
    logger: log,
    on: hooks,
    ...(now && { now }),
  })
}
