import { createCatalogue } from './catalogue/catalogue.ts'
import { type CatalogueFacade, catalogueFacade } from './catalogue/facade.ts'
import type { Plans } from './catalogue/plans.ts'
import { checkoutFacade } from './checkout/facade.ts'
import type { CheckoutFacade } from './checkout/types.ts'
import { configure } from './configure.ts'
import type { Context } from './context.ts'
import { type GrantsFacade, grantsFacade } from './entitlements/grants.ts'
import { createMember } from './entitlements/member.ts'
import { readMembership } from './entitlements/read.ts'
import type { Member, Owner } from './entitlements/types.ts'
import { DuesError } from './errors.ts'
import { createHandler } from './http/handler.ts'
import { createMirror } from './mirror/mirror.ts'
import type { DuesOptions } from './options.ts'
import { releaseSession } from './store/checkouts.ts'
import { openDatabase } from './store/database.ts'
import { migrate } from './store/migrate.ts'
import { findOwner } from './store/owners.ts'
import { callStripe, openStripe } from './stripe/client.ts'
import { stripeReader } from './stripe/reader.ts'
import { subscriptionsFacade } from './subscriptions/facade.ts'
import type { SubscriptionsFacade } from './subscriptions/types.ts'
import { createInbox } from './webhooks/inbox.ts'
import { createVerifier } from './webhooks/verify.ts'

/** Memberships of one app, on one Stripe account and one database. */
export interface Dues<P extends Plans = Plans> {
  /** The plans as configured. */
  readonly plans: P
  readonly checkout: CheckoutFacade<P>
  readonly subscriptions: SubscriptionsFacade<P>
  readonly grants: GrantsFacade<P>
  readonly catalogue: CatalogueFacade
  /**
   * Migrates the database, checks each price with Stripe, and starts the jobs.
   *
   * Errors: `settings_invalid` (a price that is missing or another at Stripe, a key that Stripe does not accept),
   * `stripe_unavailable`, `database_unavailable`.
   */
  start(): Promise<void>
  /** Finishes what is under way and lets go of the database. */
  stop(): Promise<void>
  /** Everything under `/billing`: Request in, Response out. It never throws. */
  handler(request: Request): Promise<Response>
  /** What an owner has now. With an `Owner` instead of an id, a Checkout started from it carries the email and name. */
  member(owner: string | Owner): Promise<Member<P>>
}

/**
 * Makes the memberships of an app. Nothing is connected yet: `start()` does that. Throws at once (`settings_invalid`), naming every setting that
 * is missing or wrong.
 *
 * @example
 * export const dues = createDues({
 *   stripe: { secretKey: process.env.STRIPE_SECRET_KEY, webhookSecret: process.env.STRIPE_WEBHOOK_SECRET },
 *   database: process.env.DATABASE_URL,
 *   plans: {
 *     free: { name: 'Free', features: { projects: 3 } },
 *     pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { projects: 100, export: true } },
 *   },
 *   identify: async (request) => sessionOwner(request),
 * })
 * await dues.start()
 * app.all('/billing/*', (c) => dues.handler(c.req.raw))
 */
export function createDues<const P extends Plans>(options: DuesOptions<P>): Dues<P> {
  const { webhookSecrets, logger, now, ...configuration } = configure(options)
  const database = openDatabase(configuration.database)
  const stripe = openStripe(options.stripe)
  const catalogue = createCatalogue(options.plans, { prefix: options.prefix })
  const mirror = createMirror({ database, stripe: stripeReader(stripe), now, logger })
  const context: Context = { ...configuration, stripe, database, mirror, catalogue, logger, now }

  const verify = createVerifier({ secrets: webhookSecrets, now })
  const letGo = (tx: Parameters<typeof releaseSession>[0], { id }: { id: string }) => releaseSession(tx, id)
  const inbox = createInbox({
    database,
    reactions: { 'checkout.session.completed': letGo, 'checkout.session.expired': letGo },
    logger,
  })

  const member = async (given: string | Owner): Promise<Member<P>> => {
    const owner = typeof given === 'string' ? await findOwner(database, given) : given
    return createMember<P>(owner, await readMembership(context, owner.id), catalogue, { checkout, subscriptions })
  }
  const checkout = checkoutFacade<P>(context, member)
  const subscriptions = subscriptionsFacade<P>(context, member)
  const catalogueConcern = catalogueFacade({ stripe, catalogue }, callStripe)

  let started: Promise<void> | undefined
  const handler = createHandler<P>({
    context,
    plans: options.plans,
    identify: options.identify,
    pages: options.pages ?? {},
    checkout,
    subscriptions,
    member,
    async receive(body, signature) {
      if (!started) throw new DuesError('settings_invalid', 'dues.start() was not called, so nothing can be kept.')
      return inbox.receive(verify(body, signature))
    },
  })

  return {
    plans: options.plans,
    checkout,
    subscriptions,
    grants: grantsFacade<P>(context),
    catalogue: catalogueConcern,
    start() {
      started ??= (async () => {
        await migrate(database)
        await catalogueConcern.check()
      })().catch((error: unknown) => {
        // What went wrong may be mended, and `start` called again.
        started = undefined
        throw error
      })
      return started
    },
    async stop() {
      await inbox.drain()
      await database.close()
    },
    handler,
    member,
  }
}
