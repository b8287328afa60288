import type { AddOns, NoAddOns, WithAddOns } from './catalogue/add-ons.ts'
import { type Catalogue, createCatalogue } from './catalogue/catalogue.ts'
import { type CatalogueFacade, catalogueFacade } from './catalogue/facade.ts'
import type { PaidPlanName, Plans } from './catalogue/plans.ts'
import { createPrices } from './catalogue/prices.ts'
import { checkoutFacade } from './checkout/facade.ts'
import { checkTrials } from './checkout/one-trial.ts'
import type { CheckoutFacade } from './checkout/types.ts'
import { configure } from './configure.ts'
import type { Context } from './context.ts'
import { createTell } from './diagnostics.ts'
import { endDuplicates } from './duplicates/end.ts'
import { createEngine, type EngineOptions } from './engine.ts'
import { createMembershipCache } from './entitlements/cache.ts'
import { type GrantsFacade, grantsFacade } from './entitlements/grants.ts'
import { createListening } from './entitlements/listening.ts'
import { createMember } from './entitlements/member.ts'
import type { Answers } from './entitlements/membership.ts'
import { answersNow, type Read, readCircumstances } from './entitlements/read.ts'
import type { Hooks } from './entitlements/transition.ts'
import { toTransition } from './entitlements/transitions.ts'
import type { Member, Owner } from './entitlements/types.ts'
import { followedTransitions, runFollowUp } from './follow-ups.ts'
import { createGuards, type Guards } from './http/guards.ts'
import { createHandler } from './http/handler.ts'
import type { HttpOptions } from './http/types.ts'
import { invoicesFacade } from './invoices/facade.ts'
import type { InvoicesFacade } from './invoices/types.ts'
import type { OwnedTransition, TransitionHooks } from './jobs/jobs.ts'
import { membersFacade } from './members/facade.ts'
import type { MembersFacade } from './members/types.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createOperations, type Operations } from './operations.ts'
import type { DuesOptions } from './options.ts'
import { paymentMethodsFacade } from './payment-methods/facade.ts'
import type { PaymentMethodsFacade } from './payment-methods/types.ts'
import { releaseSession } from './store/checkouts.ts'
import { type Database, type Executor, openDatabase } from './store/database.ts'
import { migrate } from './store/migrate.ts'
import { findOwner } from './store/owners.ts'
import { openStripe } from './stripe/client.ts'
import { stripeReader } from './stripe/reader.ts'
import { subscriptionsFacade } from './subscriptions/facade.ts'
import type { SubscriptionsFacade } from './subscriptions/types.ts'
import { usageFacade } from './usage/facade.ts'
import { reportUsage } from './usage/report.ts'
import type { UsageFacade } from './usage/types.ts'

/** Memberships of one app, on one Stripe account and one database. */
export interface Dues<P extends Plans = Plans> extends Guards<P> {
  /** The plans as configured. */
  readonly plans: P
  /** The add-ons as configured. */
  readonly addOns: AddOns
  readonly checkout: CheckoutFacade<P>
  readonly subscriptions: SubscriptionsFacade<P>
  readonly invoices: InvoicesFacade
  readonly paymentMethods: PaymentMethodsFacade
  readonly grants: GrantsFacade<P>
  readonly usage: UsageFacade<P>
  readonly members: MembersFacade<P>
  readonly catalogue: CatalogueFacade
  readonly webhooks: Operations['webhooks']
  readonly jobs: Operations['jobs']
  /**
   * Compares the whole mirror with Stripe and mends it; goes on where it was stopped. Runs by itself every night.
   *
   * Errors: `stripe_unavailable`, `database_unavailable`.
   */
  readonly reconcile: Operations['reconcile']
  /** What the last whole reconcile found the mirror to have otherwise than Stripe, 100 objects unless told; see `lastReconcile` of `health`. */
  readonly drift: Operations['drift']
  /**
   * Takes over an account with customers and subscriptions that Dues did not make: fills the mirror, finds whose the customers are, and
   * goes on where it was stopped. Runs no hooks for what is older than Dues, and leaves out who has two live subscriptions.
   *
   * Errors: `stripe_unavailable`, `database_unavailable`, `settings_invalid` (`ownerOf` answered something else than an id).
   *
   * @example
   * await dues.backfill({ by: { metadata: 'user_id' } })
   */
  readonly backfill: Operations['backfill']
  /** How the inbox, the jobs and the mirror are. At `/billing/health` by the option `monitoring`. */
  readonly health: Operations['health']
  /** What was counted and how it is, as Prometheus reads it. At `/billing/metrics` by the option `monitoring`. */
  metrics(): Promise<string>
  /**
   * Migrates the database, checks each price with Stripe, and starts the jobs. While Stripe is down, an app that has started before starts
   * all the same.
   *
   * @param options.work `false` for a command beside the app: nothing runs by itself, jobs are left to the app's processes
   *
   * Errors: `settings_invalid` (a price that is missing or another at Stripe, a key that Stripe does not accept),
   * `stripe_unavailable`, `database_unavailable`.
   */
  start(options?: { work?: boolean }): Promise<void>
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
export function createDues<const P extends Plans, const A extends AddOns<PaidPlanName<P>> = NoAddOns>(
  options: DuesOptions<P, A>,
): Dues<WithAddOns<P, A>> {
  return assembleDues(options)
}

/** How fast what is done later is done. An app has no business with it; a simulation has no days to wait. */
export type Tuning = Pick<EngineOptions, 'jobs' | 'fetching' | 'watchSeconds' | 'breaker'>

export function assembleDues<const P extends Plans, const A extends AddOns<PaidPlanName<P>> = NoAddOns>(
  options: DuesOptions<P, A>,
  tuning: Tuning = {},
): Dues<WithAddOns<P, A>> {
  type Sold = WithAddOns<P, A>
  // That there are add-ons stands in the type alone.
  const plans = options.plans as Sold
  const configuration = configure(options)
  const database = openDatabase(configuration.database)
  const stripe = openStripe(options.stripe)
  const catalogue = createCatalogue(plans, { prefix: options.prefix, addOns: options.addOns })
  const prices = createPrices({ stripe, catalogue, database, logger: configuration.logger })
  const { cache: wanted = false, monitoring = {} } = options
  const limit = typeof wanted === 'object' ? wanted.owners : undefined
  const metrics = createMetrics()
  const tell = createTell(metrics.observe)
  const cache = createMembershipCache<Read>({ tell, ...(limit !== undefined && { limit }) })
  const listening = createListening({ database, cache, logger: configuration.logger, tell })
  const engine = createEngine({
    database,
    stripe: stripeReader(stripe),
    webhookSecrets: configuration.webhookSecrets,
    hooks: transitionHooks(options.on ?? {}, database, catalogue),
    reactions: {
      'checkout.session.completed': async (tx, session) => {
        await letGo(tx, session)
        // Its owner may never come back from the page on which a card was saved.
        if (session.mode === 'setup' && session.metadata?.dues_owner)
          await engine.jobs.outbox.enqueue(tx, [{ name: 'followUp', task: 'adoptCard', id: session.id }])
      },
      'checkout.session.expired': letGo,
    },
    followUps: {
      after: followedTransitions,
      run: (task, id) => runFollowUp(context, task, id),
    },
    reportUsage: (entry) => reportUsage(context, entry),
    // Of two trials one ends as a duplicate, whatever its card.
    endDuplicates: async (owner) => {
      await endDuplicates(context, owner)
      await checkTrials(context, owner)
    },
    now: configuration.now,
    logger: configuration.logger,
    onChanged: cache.forget,
    isAddOn: (item) => catalogue.placeAddOn(item) !== null,
    ownerOf: options.ownerOf,
    tell,
    ...tuning,
  })
  const context: Context = {
    ...configuration,
    database,
    stripe,
    catalogue,
    mirror: engine.mirror,
    outbox: { ...engine.jobs.outbox, changed: cache.forget },
    ensurePrices: prices.ensure,
    changed: cache.forget,
  }

  const membership = async (owner: string) => answersNow(context, await readCircumstances(context, owner))
  const member = async (given: string | Owner): Promise<Member<Sold>> => {
    const owner = typeof given === 'string' ? { id: given } : given
    const read = await cache.read(owner.id, () => readCircumstances(context, owner.id))
    return memberOf(owner, answersNow(context, read))
  }
  const memberOf = (owner: Owner, answers: Answers): Member<Sold> =>
    createMember<Sold>(owner, answers, catalogue, { checkout, subscriptions, usage })
  const usage = usageFacade<Sold>({ ...context, membership })
  const checkout = checkoutFacade<Sold>(context, member)
  const subscriptions = subscriptionsFacade<Sold>(context, member)

  const invoices = invoicesFacade(context)
  const paymentMethods = paymentMethodsFacade(context)

  const http: HttpOptions<Sold> = {
    context,
    plans,
    identify: options.identify,
    pages: options.pages ?? {},
    checkout,
    subscriptions,
    invoices,
    paymentMethods,
    member,
    receive: engine.receive,
    monitoring,
    sources: { health: engine.health, metrics: () => metrics.text(engine.health) },
  }

  let starting: Promise<void> | undefined
  const start = async (startOptions?: { work?: boolean }) => {
    await migrate(database)
    await prices.prepare()
    await engine.start(startOptions)
    if (wanted !== false && startOptions?.work !== false) await listening.start()
  }

  return {
    plans,
    addOns: options.addOns ?? {},
    checkout,
    subscriptions,
    invoices,
    paymentMethods,
    grants: grantsFacade<Sold>(context),
    usage,
    members: membersFacade<Sold>(context, memberOf),
    catalogue: catalogueFacade({ stripe, catalogue, check: prices.check }),
    ...createOperations(engine, database),
    metrics: () => metrics.text(engine.health),
    handler: createHandler(http),
    ...createGuards(http),
    member,
    start(startOptions) {
      starting ??= start(startOptions).catch((error: unknown) => {
        // What was wrong may be mended, and `start` called again.
        starting = undefined
        throw error
      })
      return starting
    },
    async stop() {
      try {
        await listening.stop()
        await engine.stop()
      } finally {
        await database.close()
      }
    },
  }
}

/** A Checkout that is over makes room for another, in the transaction of the event that tells of it. */
const letGo = (tx: Executor, { id }: { id: string }) => releaseSession(tx, id)

/** The app's hooks, told in the app's words. */
function transitionHooks<P extends Plans>(on: Hooks<P>, database: Database, catalogue: Catalogue): TransitionHooks {
  const told = Object.entries(on).map(([type, hook]) => [
    type,
    async (recorded: OwnedTransition) => {
      const owner = await findOwner(database, recorded.owner)
      await (hook as Hooks<P>['started'])?.(toTransition<P, 'started'>(recorded, owner, catalogue))
    },
  ])
  return Object.fromEntries(told)
}
