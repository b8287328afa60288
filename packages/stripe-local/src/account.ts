import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import { type Clock, createClock } from './clock.ts'
import { createFaults, type Faults } from './control/faults.ts'
import { equalJson } from './difference.ts'
import { reactTo } from './events/reactions.ts'
import { recordEvent, recordPing } from './events/record.ts'
import { newId } from './ids.ts'
import type { AnyObject, Kind, Kinds, LocalDelivery, ThinEvent } from './kinds.ts'
import { ApiError, nameInErrors, noSuch } from './protocol/errors.ts'
import { kindOfPrefix } from './protocol/expand.ts'
import { type AnswerUnderKey, createIdempotency, type Idempotency } from './protocol/idempotency.ts'
import { shapeOf } from './protocol/older-answers.ts'
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
export interface Account {
  readonly id: string
  readonly key: string
  readonly store: Store
  readonly clock: Clock
  readonly idempotency: Idempotency
  /** What is to go wrong with this account's requests and deliveries. */
  readonly faults: Faults
  settings: AccountSettings
  /** Where the hosted pages of this Stripe are, e.g. `http://localhost:12111`. */
  readonly pagesUrl: string
  /** The time of what is being done, in Unix seconds: the account's clock, or the moment that `at` has set. */
  readonly now: number

  /** Carries something out as of a moment: a test clock's, or the one at which something fell due. */
  at<T>(time: number, work: () => T): T
  /** The time in which a customer lives: its test clock's, or the account's. */
  timeOf(customerId: string | null | undefined): number
  /** Carries something out in the time of a customer. */
  atTimeOf<T>(customerId: string | null | undefined, work: () => T): T

  /** An id in Stripe's form, e.g. `newId('cus')`. */
  newId(prefix: string): string
  /** The object, deleted or not; undefined when there is none. */
  find<K extends Kind>(kind: K, id: string): Kinds[K] | undefined
  /** The object behind an id of any kind; prices, products and coupons may have ids of people's own. */
  lookUp(id: string): AnyObject | undefined
  /**
   * The object, or Stripe's "No such customer: 'cus_x'": a 404 when the id came from the path, a 400 when from a parameter.
   * @param param where the id stood; `id`, the default, means the path
   * @param what how Stripe names the kind in that sentence, where it is not the name of the kind
   */
  get<K extends Kind>(kind: K, id: string, param?: string, what?: string): Kinds[K]
  insert<K extends Kind>(kind: K, object: Kinds[K]): Kinds[K]
  /** Replaces the named fields and answers the object as it is now. */
  update<K extends Kind>(kind: K, id: string, patch: Partial<Kinds[K]>): Kinds[K]
  remove(kind: Kind, id: string): void

  /**
   * Records an event with a snapshot of the object as it is now.
   * @param before the object as it was; then the event has `previous_attributes`
   */
  emit<K extends Kind>(type: Stripe.Event.Type, object: Kinds[K] | AnyObject, before?: Kinds[K]): void
  /** Replaces the named fields; when that changes anything, records an event that tells what it was before. */
  change<K extends Kind>(type: Stripe.Event.Type, kind: K, id: string, patch: Partial<Kinds[K]>): Kinds[K]
  /** Sends an event destination a `v2.core.event_destination.ping`, which nobody else gets. */
  ping(destination: Kinds['v2.core.event_destination']): ThinEvent
  /** Is told of each delivery that is due, after the unit of work that caused it was kept. */
  onDelivery(listener: (delivery: LocalDelivery) => void): void

  /**
   * A unit of work. What it throws undoes it, but for an `ApiError` that keeps its changes (a declined payment).
   * @param by the request whose doing this is
   * @param answerOf what the request is answered, to be kept under its idempotency key together with what it did: both or neither
   */
  work<T>(by: CurrentRequest, run: () => T, answerOf?: (outcome: T | ApiError) => AnswerUnderKey): T
  /** A part of a unit of work that may fail alone: what it throws undoes only what it did. */
  attempt<T>(run: () => T): T
}

/** An account that begins empty. `pagesUrl` is asked when it is needed: the port is known only once the server listens. */
export function createAccount(options: { key: string; pagesUrl: () => string }): Account {
  const id = accountId(options.key)
  const store = createStore()
  const clock = createClock()
  let request = noRequest
  let fixedTime: number | null = null
  let working = false
  const deliveryListeners: ((delivery: LocalDelivery) => void)[] = []
  let newDeliveries: LocalDelivery[] = []

  const account: Account = {
    id,
    key: options.key,
    store,
    clock,
    idempotency: createIdempotency(),
    faults: createFaults(),
    settings: defaultSettings,

    get pagesUrl() {
      return options.pagesUrl()
    },

    get now() {
      return fixedTime ?? clock.now()
    },

    at(time, work) {
      const outer = fixedTime
      fixedTime = time
      try {
        return work()
      } finally {
        fixedTime = outer
      }
    },

    timeOf(customerId) {
      const testClock = customerId ? store.find('customer', customerId)?.test_clock : null
      return (testClock ? store.find('test_helpers.test_clock', testClock)?.frozen_time : null) ?? account.now
    },

    atTimeOf: (customerId, work) => account.at(account.timeOf(customerId), work),

    newId: (prefix) => newId(prefix, id, account.now),

    find: store.find,

    lookUp(objectId) {
      // `sub_sched_…` has two words before what is random; `cs_test_…` has one and a mode.
      const kind =
        kindOfPrefix[objectId.slice(0, objectId.lastIndexOf('_'))] ??
        kindOfPrefix[objectId.slice(0, objectId.indexOf('_'))]
      const found = kind && store.find(kind, objectId)
      return (found ??
        store.find('price', objectId) ??
        store.find('product', objectId) ??
        store.find('coupon', objectId)) as AnyObject | undefined
    },

    get(kind, objectId, param = 'id', what = nameInErrors(kind)) {
      const found = store.find(kind, objectId)
      if (!found || 'deleted' in found) throw noSuch(what, objectId, param)
      return found
    },

    insert: store.put,

    update(kind, objectId, patch) {
      const before = account.get(kind, objectId)
      return store.put(kind, { ...before, ...patch })
    },

    remove: store.remove,

    emit(type, object, before) {
      const shownBefore = before && render(account, before as AnyObject)
      tell(type, object as AnyObject, render(account, object as AnyObject), shownBefore)
    },

    change(type, kind, objectId, patch) {
      const before = account.get(kind, objectId) as AnyObject
      const after = account.update(kind, objectId, patch)
      const shownBefore = render(account, before)
      const shown = render(account, after as AnyObject)
      if (!equalJson(shownBefore, shown)) tell(type, after as AnyObject, shown, shownBefore)
      return after
    },

    ping(destination) {
      const { notification, delivery } = recordPing(eventContext(), destination)
      newDeliveries.push(delivery)
      return notification
    },

    onDelivery: (listener) => void deliveryListeners.push(listener),

    work(by, run, answerOf) {
      if (working) throw new Error('A unit of work was begun inside another: call the function, not the handler.')
      working = true
      request = by
      let deliveries: LocalDelivery[] = []
      try {
        const result = run()
        deliveries = keep(answerOf?.(result))
        return result
      } catch (error) {
        try {
          if (error instanceof ApiError && error.keepChanges) deliveries = keep(answerOf?.(error))
        } finally {
          // What was kept is no longer there to be undone.
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

    attempt(run) {
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

  const eventContext = () => ({ store, now: account.now, newId: account.newId, request, inShapeOf })
  const inShapeOf = <T>(version: string, object: T): T => shapeOf(version, account)(object)

  function tell(type: Stripe.Event.Type, object: AnyObject, shown: AnyObject, shownBefore?: AnyObject): void {
    newDeliveries.push(...recordEvent(eventContext(), type, shown, shownBefore))
    reactTo(account, type, object)
  }

  function keep(answer?: AnswerUnderKey): LocalDelivery[] {
    const deliveries = newDeliveries
    newDeliveries = []
    store.commit(answer)
    // Written down before it is known: what a journal could not take is not replayed either.
    if (answer) account.idempotency.finish(...answer)
    return deliveries
  }

  return account
}

/** The same key has the same account id in every run, so that links and ids look alike. */
const accountId = (key: string): string => {
  const digest = createHash('sha256')
    .update(key)
    .digest('base64')
    .replace(/[^A-Za-z0-9]/g, '')
  return `acct_1${digest.slice(0, 15)}`
}
