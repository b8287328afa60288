import type Stripe from 'stripe'
import type { OwnerOf } from './backfill/types.ts'
import type { AddOns, NoAddOns, WithAddOns } from './catalogue/add-ons.ts'
import type { PaidPlanName, Plans } from './catalogue/plans.ts'
import type { CheckoutDefaults, CompletedCheckout } from './checkout/types.ts'
import type { Hooks } from './entitlements/transition.ts'
import type { Member, Owner } from './entitlements/types.ts'
import type { DuesError, RefusalCode } from './errors.ts'
import type { Monitoring } from './http/monitoring.ts'
import type { DisputePolicy } from './invoices/disputed.ts'
import type { RefundPolicy } from './invoices/refunded.ts'
import type { Logger } from './logger.ts'
import type { DatabaseSource } from './store/database.ts'
import type { DuplicateMoney } from './store/duplicates.ts'
import type { CountedFeatures } from './usage/types.ts'

/** The keys of a Stripe account. `undefined` is accepted so that `process.env.X` can be passed: a missing one is named at start. */
export type StripeKeys = {
  /** `sk_test_…`, `sk_live_…`, or a restricted `rk_…`. Never leaves the server. */
  readonly secretKey: string | undefined
  /** `whsec_…`; several while a secret is rolled. */
  readonly webhookSecret: string | readonly string[] | undefined
  /** `pk_test_…` or `pk_live_…`: for pages; checked to be of the same mode as the secret key. */
  readonly publishableKey?: string | undefined
  /** Where Stripe is: `http://localhost:12111` for Stripe Local. Stripe itself unless told. */
  readonly apiBase?: string | undefined
}

/** A Stripe client of your own, made as you like it. */
export type StripeClient = {
  readonly client: Stripe
  readonly webhookSecret: string | readonly string[] | undefined
}

/** A page as a host app gives it: a whole Response, or HTML. */
export type Page = Response | string | Promise<Response | string>

export type PageContext<P extends Plans> = {
  readonly request: Request
  /** The paths of the app, for links. */
  readonly paths: Paths
  readonly owner: Owner | null
  readonly plans: P
}

/** The app's own pages in place of the plain ones that Dues brings. */
export type Pages<P extends Plans> = {
  readonly success?: (
    context: PageContext<P> & { readonly checkout: CompletedCheckout<P>; readonly member: Member<P> },
  ) => Page
  readonly cancelled?: (context: PageContext<P>) => Page
  readonly error?: (
    context: PageContext<P> & {
      readonly code: RefusalCode | 'internal'
      readonly message: string
      readonly status: number
      /** What there is besides: `payUrl`, where an open invoice can be paid; `declineCode`; `plan`. */
      readonly details: DuesError['details']
    },
  ) => Page
}

/** Where the app's own pages are. */
export type Paths = {
  /** `/pricing` */
  readonly pricing: string
  /** `/account` */
  readonly account: string
  /** `/sign-in`; the path to come back to is added as `?next=`. */
  readonly signIn: string
}

export type DuesOptions<P extends Plans, A extends AddOns<PaidPlanName<P>> = NoAddOns> = {
  readonly stripe: StripeKeys | StripeClient
  /** A `postgres://` URL, a `pg` Pool, or a PGlite. */
  readonly database: DatabaseSource | undefined
  readonly plans: P
  /**
   * What is bought beside a plan, in the same subscription.
   *
   * @example
   * addOns: { storage: { name: 'Storage', prices: { monthly: usd(5), yearly: usd(50) }, features: { gigabytes: 100 } } }
   */
  readonly addOns?: A
  /** Who is asking: the host app's own session, read from the request. Null when nobody is signed in. */
  readonly identify: (request: Request) => Owner | null | Promise<Owner | null>
  readonly on?: Hooks<WithAddOns<P, A>>
  /** What time it is. Real time unless told; with a Stripe whose clock is moved, that clock. */
  readonly now?: () => Date
  /** The app's own origin, `https://club.example`. Unless told it is taken from each request, which is right without a proxy in front. */
  readonly baseUrl?: string | undefined
  /** Where the handler is mounted: `/billing`. */
  readonly basePath?: string
  readonly paths?: Partial<Paths>
  readonly pages?: Pages<WithAddOns<P, A>>
  /**
   * How many seats of a membership are taken, by the app's own count. `setQuantity` refuses (`seat_below_usage`) to go below it.
   *
   * @example
   * seatsInUse: (team) => countMembers(team)
   */
  readonly seatsInUse?: (owner: string) => number | Promise<number>
  /** What every Checkout is to be like: tax ids, automatic tax, language, whether it asks for a promotion code. */
  readonly checkout?: CheckoutDefaults
  /** How long somebody whose renewal failed keeps access: 7 days unless told. `Infinity` for as long as Stripe goes on trying. */
  readonly pastDue?: { readonly graceDays: number }
  /**
   * What becomes of the membership of somebody whose bank disputes a payment of it: `keep` (unless told) lets it go on, `end` ends it at
   * once, inquiries included, `endWhenLost` when the bank has decided against you. The hooks `disputed` and `disputeClosed` tell of it all the same.
   *
   * @see https://docs.stripe.com/disputes
   */
  readonly onDispute?: DisputePolicy
  /**
   * What becomes of the membership of somebody whose payment for the present period goes back whole, by `dues.invoices.refund` or in Stripe's
   * dashboard: `keep` (unless told) lets it go on, `end` ends it at once. The hook `refunded` tells of it either way.
   *
   * @see https://docs.stripe.com/refunds
   */
  readonly onRefund?: RefundPolicy
  /**
   * What becomes of an invoice that is still open when its membership has ended: `void` (unless told), because whoever paid it then would get
   * nothing for it; `keep` leaves it as it is. What is owed for time that is over, and what was sent by `send_invoice`, is kept either way.
   */
  readonly endedInvoices?: 'void' | 'keep'
  /**
   * What becomes of the money of somebody who paid for two subscriptions at once (two Checkouts completed, or one made by hand). The newer
   * stays and the older is ended, either way; the hook `duplicateEnded` tells of it.
   *
   * - `refund` (unless told): what was paid for the time that both cover goes back to the card; all of it when it is of one day. The owner
   *   did not mean to pay it, and nobody should have to ask for it.
   * - `credit`: the same amount is taken off the next invoices.
   * - `keep`: nothing is given back; the app's owner sees to it.
   */
  readonly duplicates?: DuplicateMoney
  /**
   * How limits are counted by `use`: anew with each `period` (unless told), every `month` also for who pays by the year, or `never`. Of what
   * the app has rows of, it knows the number best: give a `count`, and `remaining` and `GET /billing/membership` go by it.
   *
   * @example
   * usage: { prints: { resets: 'month' }, projects: { count: (owner) => countProjects(owner) } }
   */
  readonly usage?: CountedFeatures<WithAddOns<P, A>>
  /** What lookup keys and product ids begin with: `dues`. Another one where two apps share a Stripe account. */
  readonly prefix?: string
  /**
   * What this process remembers of memberships, so that `dues.member` asks the database less often. Off unless told: without it every answer
   * is as new as the database, in every process.
   *
   * With it, what this process changed is seen at once, and what another changed some milliseconds after its commit, by LISTEN/NOTIFY on one
   * connection that is kept for it. While that connection is lost, or a pooler swallows notifications, every question goes to the database;
   * if the network goes silent, no answer is older than five seconds. `owners`: how many are remembered, 10,000 unless told.
   */
  readonly cache?: boolean | { readonly owners?: number }
  /** `GET /billing/health` and `GET /billing/metrics`, for machines that watch. Neither is there unless it is named here. */
  readonly monitoring?: Monitoring
  /**
   * Whose a customer of Stripe's is that Dues did not make, for `dues backfill`: the owner's id in your app, or null where it is nobody's.
   *
   * @example
   * ownerOf: async ({ email }) => (email ? ((await users.findByEmail(email))?.id ?? null) : null)
   */
  readonly ownerOf?: OwnerOf
  readonly logger?: Logger
}
