import type Stripe from 'stripe'
import type { Catalogue } from './catalogue/catalogue.ts'
import type { CheckoutDefaults } from './checkout/types.ts'
import { DuesError } from './errors.ts'
import type { DisputePolicy } from './invoices/disputed.ts'
import type { RefundPolicy } from './invoices/refunded.ts'
import type { Logger } from './logger.ts'
import type { Mirror } from './mirror/mirror.ts'
import type { Outbox } from './mirror/outbox.ts'
import type { Paths } from './options.ts'
import type { Database } from './store/database.ts'
import type { DuplicateMoney } from './store/duplicates.ts'
import type { Counting } from './usage/types.ts'

/** What the concerns work with. One for each `createDues`: two accounts in one process share nothing. */
export type Context = {
  readonly stripe: Stripe
  readonly database: Database
  readonly mirror: Mirror
  /** Where what follows from a write is left, in its transaction. */
  readonly outbox: Outbox
  readonly catalogue: Catalogue
  /** Makes sure that the price ids are those that Stripe has now. Before anything is sold. */
  readonly ensurePrices: () => Promise<void>
  /** Whose membership this process has just changed: what it remembers of them is forgotten. */
  readonly changed: (owners: readonly string[] | 'all') => void
  readonly logger: Logger
  /** Unix seconds by the app's clock. */
  readonly now: () => number
  readonly graceDays: number
  readonly onDispute: DisputePolicy
  readonly onRefund: RefundPolicy
  readonly endedInvoices: 'void' | 'keep'
  /** How many places of a membership are taken, by the app's own count. */
  readonly seatsInUse: (owner: string) => Promise<number>
  /** How each limit is counted; those that are not named, by the period. */
  readonly counted: { readonly [feature: string]: Counting | undefined }
  /** What the app wants of every Checkout. */
  readonly checkout: CheckoutDefaults
  /** What becomes of money that was paid twice. */
  readonly duplicates: DuplicateMoney
  /** The app's own origin; null where it is taken from each request. */
  readonly baseUrl: string | null
  readonly basePath: string
  readonly paths: Paths
}

/** The origin that Stripe sends people back to: the one given with the call, or `baseUrl`. */
export function originOf(context: Context, given: string | undefined): string {
  const origin = context.baseUrl ?? given
  if (origin) return new URL(origin).origin
  throw new DuesError(
    'settings_invalid',
    'baseUrl is missing: outside a request, Dues cannot know where Stripe shall send people back to. Pass createDues({ baseUrl }).',
  )
}
