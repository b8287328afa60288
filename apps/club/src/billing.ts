import { createDues, type Dues, type Logger, type Member, type Owner, type Pages, type StripeKeys } from 'dues'
import type { Database } from './database.ts'
import { type ClubPlans, plans } from './plans.ts'

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
  log: Logger
}): ClubDues {
  const { stripe, database, identify, pages, baseUrl, now, log } = options
  const note = ({ type, owner, id }: { type: string; owner: Owner; id: string }) =>
    log.info({ owner: owner.id, transition: id }, `membership ${type}`)
  return createDues({
    stripe,
    database,
    plans,
    identify,
    pages,
    baseUrl,
    paths: { pricing: '/pricing', account: '/account', signIn: '/sign-in' },
    logger: log,
    on: { started: note, switched: note, renewed: note, pastDue: note, recovered: note, ended: note },
    ...(now && { now }),
  })
}
