import type Stripe from 'stripe'
import { commit } from '../mirror/commit.ts'
import { idOf } from '../mirror/contents.ts'
import { createDraft } from '../mirror/draft.ts'
import type { Mirror } from '../mirror/mirror.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { Database, Executor } from '../store/database.ts'
import { load, waitingFor } from '../store/mirror.ts'
import type { StripeReader } from '../stripe/reader.ts'
import { linkSession, type Wanted } from './fold.ts'
import type { Reactions } from './inbox.ts'

export type FollowOptions = {
  database: Database
  mirror: Mirror
  stripe: StripeReader
  outbox: Outbox
  reactions?: Reactions
}

/**
 * Makes what fetches anything that an event is about. What is mirrored is synced; a dispute leads to its charge, a schedule and a
 * Checkout session to their subscription, and the events that waited for them are settled when that has been synced.
 */
export function createFollow({ database, mirror, stripe, outbox, reactions = {} }: FollowOptions) {
  return async ({ kind, object, account }: Wanted, options?: { attempts?: number }): Promise<void> => {
    if (kind !== 'dispute' && kind !== 'subscription_schedule' && kind !== 'checkout.session')
      return mirror.sync(kind, object, account, options)

    const { ticket } = await mirror.ask()
    const settle = async () => {
      const waiting = await waitingFor(database, { kind, object, before: ticket })
      await commit(database, outbox, { settled: waiting.map(({ id }) => id) }, new Set())
    }
    if (kind === 'dispute') {
      const { value } = await stripe.retrieve(kind, object, account)
      const charge = idOf(value?.charge)
      if (charge !== null) await mirror.sync('charge', charge, account, options)
      return settle()
    }
    if (kind === 'subscription_schedule') {
      const { value } = await stripe.retrieve(kind, object, account)
      const subscription = idOf(value?.subscription) ?? value?.released_subscription ?? null
      if (subscription !== null) await mirror.sync('subscription', subscription, account, options)
      return settle()
    }
    const { value: session } = await stripe.retrieve(kind, object, account)
    const subscription = idOf(session?.subscription)
    if (subscription !== null) await mirror.sync('subscription', subscription, account, options)
    if (session === null) return settle()

    const waiting = await waitingFor(database, { kind, object, before: ticket })
    const settled = waiting.map(({ id }) => id)
    const customer = idOf(session.customer)
    const draft = createDraft(await load(database, { owners: customer === null ? [] : [customer] }))
    linkSession(draft, session)
    const also = waiting.flatMap(({ type }) => reactionTo(reactions, type, session))
    await commit(database, outbox, { ...draft.write(), settled, also }, draft.owned)
  }
}

/** A thin event's type is its twin's behind a `v1.`. */
function reactionTo(reactions: Reactions, type: string, session: Stripe.Checkout.Session) {
  const twin = type.startsWith('v1.') ? type.slice('v1.'.length) : type
  const react = Object.hasOwn(reactions, twin) ? reactions[twin] : undefined
  return react === undefined ? [] : [(tx: Executor) => react(tx, session)]
}
