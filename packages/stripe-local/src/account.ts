import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import { type Clock, createClock } from './clock.ts'
import { createFaults } from './control/faults.ts'
import { previousAttributes } from './difference.ts'
import { recordEvent } from './events/record.ts'
import { newId } from './ids.ts'
import type { AnyObject, Kind, Kinds, LocalDelivery } from './kinds.ts'
import { ApiError, noSuch } from './protocol/errors.ts'
import { kindOfPrefix } from './protocol/expand.ts'
import type { Idempotency } from './protocol/idempotency.ts'
import { createIdempotency } from './protocol/idempotency.ts'
import { render } from './protocol/render.ts'
import { createStore, type Store } from './store.ts'

/** What an account decides for its subscriptions, as in Stripe's dashboard under Billing → Subscriptions and emails. */
export type AccountSettings = {
  /** Days after the first failure on which a failed renewal is tried again. */
  retryDays: number[]
  /** What becomes of the subscription when the last try has failed. */
  afterRetries: 'cancel' | 'unpaid' | 'past_due'
  /** Seconds between the creation of a renewal's invoice and its being finalized and charged. */
  finalizeAfter: number
  /** Days before a renewal at which `invoice.upcoming` is sent. */
  upcomingDays: number
}

const defaultSettings: AccountSettings = {
  retryDays: [1, 3, 5, 7],
  afterRetries: 'cancel',
  finalizeAfter: 3600,
  upcomingDays: 7,
}

/** Which request is being carried out: events carry it. Null while the clock does something by itself. */
export type CurrentRequest = { id: string | null; idempotency_key: string | null }

const noRequest: CurrentRequest = { id: null, idempotency_key: null }

/**
 * One account: what one secret key sees. Two keys see nothing of each other.
 *
 * Everything that changes an account happens inside `work()`, a unit of work: it is kept as a whole (and its events go out) or undone as a
 * whole. Units are synchronous, so JavaScript's single thread keeps them apart.
 */
export function createAccount(options: { key: string; pagesUrl: () => string; realTime?: (() => number) | undefined }) {
  const id = accountId(options.key)
  const store: Store = createStore()
  const clock: Clock = createClock(options.realTime)
  let request = noRequest
  let fixedTime: number | null = null
  let settings = defaultSettings
  let working = false
  const deliveryListeners: ((delivery: LocalDelivery) => void)[] = []
  let newDeliveries: LocalDelivery[] = []

  const account = {
    id,
    key: options.key,
    store,
    clock,
    idempotency: createIdempotency() as Idempotency,
    /** What is to go wrong with this account's requests and deliveries. */
    faults: createFaults(),

    /** Where the hosted pages of this Stripe are, e.g. `http://localhost:12111`. */
    get pagesUrl(): string {
      return options.pagesUrl()
    },

    get settings(): AccountSettings {
      return settings
    },
    set settings(changed: AccountSettings) {
      settings = changed
    },

    /** The time of what is being done, in Unix seconds: the account's clock, or the moment that `at` has set. */
    get now(): number {
      return fixedTime ?? clock.now()
    },

    /** Carries something out as of a moment: a test clock's, or the one at which something fell due. */
    at<T>(time: number, work: () => T): T {
      const outer = fixedTime
      fixedTime = time
      try {
        return work()
      } finally {
        fixedTime = outer
      }
    },

    /** The time in which a customer lives: its test clock's, or the account's. */
    timeOf(customerId: string | null | undefined): number {
      const testClock = customerId ? store.find('customer', customerId)?.test_clock : null
      return (testClock ? store.find('test_helpers.test_clock', testClock)?.frozen_time : null) ?? account.now
    },

    /** Carries something out in the time of a customer. */
    atTimeOf: <T>(customerId: string | null | undefined, work: () => T): T =>
      account.at(account.timeOf(customerId), work),

    newId: (prefix: string): string => newId(prefix, id, account.now),

    find: store.find,

    /** The object behind an id of any kind; prices, products and coupons may have ids of people's own. */
    lookUp(objectId: string): AnyObject | undefined {
      const kind = kindOfPrefix[objectId.slice(0, objectId.indexOf('_'))]
      const found = kind && store.find(kind, objectId)
      return (found ??
        store.find('price', objectId) ??
        store.find('product', objectId) ??
        store.find('coupon', objectId)) as AnyObject | undefined
    },

    /**
     * The object, or Stripe's "No such customer: 'cus_x'": a 404 when the id came from the path, a 400 when from a parameter.
     * @param what how Stripe names the kind in that sentence, where it is not the name of the kind
     */
    get<K extends Kind>(kind: K, objectId: string, param = 'id', what: string = nameInErrors(kind)): Kinds[K] {
      const found = store.find(kind, objectId)
      if (!found || 'deleted' in found) throw noSuch(what, objectId, param)
      return found
    },

    insert: <K extends Kind>(kind: K, object: Kinds[K]): Kinds[K] => store.put(kind, object),

    /** Replaces the named fields and answers the object as it is now. */
    update<K extends Kind>(kind: K, objectId: string, patch: Partial<Kinds[K]>): Kinds[K] {
      const before = account.get(kind, objectId)
      return store.put(kind, { ...before, ...patch })
    },

    remove: store.remove,

    /**
     * Records an event with a snapshot of the object as it is now.
     *
     * @param before the object as it was; then the event has `previous_attributes`
     */
    emit<K extends Kind>(type: Stripe.Event.Type, object: Kinds[K] | AnyObject, before?: Kinds[K]): void {
      const context = { store, now: account.now, newId: account.newId, request }
      newDeliveries.push(
        ...recordEvent(
          context,
          type,
          render(account, object as AnyObject),
          before && render(account, before as AnyObject),
        ),
      )
    },

    /** Replaces the named fields; when that changes anything, records an event that tells what it was before. */
    change<K extends Kind>(type: Stripe.Event.Type, kind: K, objectId: string, patch: Partial<Kinds[K]>): Kinds[K] {
      const before = account.get(kind, objectId)
      const after = account.update(kind, objectId, patch)
      const previous = previousAttributes(render(account, before as AnyObject), render(account, after as AnyObject))
      if (Object.keys(previous).length > 0) account.emit(type, after as AnyObject, before)
      return after
    },

    /** Is told of each delivery that is due, after the unit of work that caused it was kept. */
    onDelivery: (listener: (delivery: LocalDelivery) => void): void => void deliveryListeners.push(listener),

    /**
     * A unit of work. What it throws undoes it, but for an `ApiError` that keeps its changes (a declined payment).
     * @param by the request whose doing this is
     */
    work<T>(by: CurrentRequest, run: () => T): T {
      if (working) throw new Error('A unit of work was begun inside another: call the function, not the handler.')
      working = true
      request = by
      let deliveries: LocalDelivery[] = []
      try {
        const result = run()
        deliveries = keep()
        return result
      } catch (error) {
        if (error instanceof ApiError && error.keepChanges) deliveries = keep()
        else {
          store.rollback()
          newDeliveries = []
        }
        throw error
      } finally {
        working = false
        request = noRequest
        for (const delivery of deliveries) for (const listener of deliveryListeners) listener(delivery)
      }
    },

    /** A part of a unit of work that may fail alone: what it throws undoes only what it did. */
    attempt<T>(run: () => T): T {
      const mark = store.mark()
      const deliveries = newDeliveries.length
      try {
        return run()
      } catch (error) {
        store.rollback(mark)
        newDeliveries = newDeliveries.slice(0, deliveries)
        throw error
      }
    },
  }

  function keep(): LocalDelivery[] {
    const deliveries = newDeliveries
    newDeliveries = []
    store.commit()
    return deliveries
  }

  return account
}

export type Account = ReturnType<typeof createAccount>

/** The same key has the same account id in every run, so that links and ids look alike. */
const accountId = (key: string): string => {
  const digest = createHash('sha256')
    .update(key)
    .digest('base64')
    .replace(/[^A-Za-z0-9]/g, '')
  return `acct_1${digest.slice(0, 15)}`
}

const errorNames: Partial<Record<Kind, string>> = {
  payment_method: 'PaymentMethod',
  'checkout.session': 'checkout.session',
  'billing_portal.configuration': 'configuration',
  'test_helpers.test_clock': 'test_clock',
  'billing.meter': 'meter',
  'entitlements.feature': 'feature',
  promotion_code: 'promotion code',
  tax_rate: 'tax rate',
}

/** How Stripe names a kind in "No such …". */
const nameInErrors = (kind: Kind): string => errorNames[kind] ?? kind
