import type { Context } from 'hono'
import type { Logger } from 'pino'
import type { Auth, User } from '../accounts/auth.ts'
import type { History } from '../accounts/history.ts'
import type { ClubDues, ClubMember } from '../billing.ts'
import type { Prints } from '../prints/prints.ts'
import type { Projects } from '../projects/projects.ts'
import type { People } from '../staff/people.ts'
import type { IsStaff } from '../staff/staff.ts'
import type { TimeMachine } from '../stripe/time-machine.ts'

/** Somebody who is signed in, and what they have. */
export type Visitor = {
  readonly user: User
  readonly member: ClubMember
  /** Works for the club. */
  readonly staff: boolean
}

/** What the routes work with. */
export type Club = {
  readonly auth: Auth
  readonly dues: ClubDues
  readonly projects: Projects
  readonly prints: Prints
  /** Moves Stripe's time; null where Stripe is the real one. */
  readonly time: TimeMachine | null
  readonly history: History
  readonly people: People
  readonly isStaff: IsStaff
  /** Where Stripe's pages are: a form may lead there. */
  readonly checkoutOrigins: readonly string[]
  readonly log: Logger
}

export type Env = { Variables: { visitor: Visitor | null } }
export type ClubContext = Context<Env>
