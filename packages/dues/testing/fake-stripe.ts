import type Stripe from 'stripe'
import type { FollowableKind, FollowableOf, StripeReader } from '../src/stripe/reader.ts'

/** The smallest Stripe that the lower half can be tested against: objects by id, an event for each change, one clock. */
export type FakeStripe = StripeReader & {
  /** Unix seconds. Only the test moves it. */
  clock: number
  /** How often each object was asked for, as `subscription sub_1`. */
  readonly asked: Map<string, number>
  /** Set to make the next questions fail. */
  failure: Error | null
  /** Awaited between reading an object and answering, so that a test can let something happen meanwhile. */
  beforeAnswer: (kind: FollowableKind, id: string) => Promise<void>
  /** Every event, the oldest first. */
  readonly log: Stripe.Event[]
  /** Puts an object without telling anybody. */
  put(object: { id: string; object: string }): void
  /** Changes an object and makes the event of it. Times inside the object are the test's own affair. */
  emit(type: string, object: { id?: string; object: string }): Stripe.Event
  current<Kind extends FollowableKind>(kind: Kind, id: string): FollowableOf[Kind] | null
  forget(kind: FollowableKind, id: string): void
}

export function createFakeStripe({ clock = 1_800_000_000 }: { clock?: number } = {}): FakeStripe {
  const objects = new Map<string, { id: string; object: string }>()
  let serial = 0
  const page = <T extends { id: string }>(all: T[], after: string | null, limit: number) => {
    const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
    return {
      value: structuredClone(all.slice(start, start + limit)),
      date: fake.clock,
      hasMore: start + limit < all.length,
    }
  }
  const ask = async (name: string) => {
    fake.asked.set(name, (fake.asked.get(name) ?? 0) + 1)
    if (fake.failure !== null) throw fake.failure
  }
  const fake: FakeStripe = {
    clock,
    asked: new Map(),
    failure: null,
    beforeAnswer: async () => undefined,
    log: [],
    put(object) {
      objects.set(`${object.object} ${object.id}`, structuredClone(object))
    },
    emit(type, object) {
      if (object.id !== undefined) fake.put({ ...object, id: object.id })
      serial += 1
      const event = {
        id: `evt_${String(serial).padStart(6, '0')}`,
        object: 'event',
        api_version: '2026-10-28.endive',
        created: fake.clock,
        data: { object: structuredClone(object) },
        livemode: false,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
        type,
      } as unknown as Stripe.Event
      fake.log.push(event)
      return event
    },
    current(kind, id) {
      return (structuredClone(objects.get(`${kind} ${id}`)) ?? null) as FollowableOf[typeof kind] | null
    },
    forget(kind, id) {
      objects.delete(`${kind} ${id}`)
    },
    async retrieve(kind, id) {
      await ask(`${kind} ${id}`)
      const value = fake.current(kind, id)
      const date = fake.clock
      await fake.beforeAnswer(kind, id)
      return { value, date }
    },
    async list(kind, { after, limit, since = 0 }) {
      await ask(`list ${kind}`)
      const all = [...objects.values()]
        .filter((one) => one.object === kind && ('created' in one ? Number(one.created) : 0) >= since)
        .reverse()
      return page(all as FollowableOf[typeof kind][], after, limit)
    },
    async checkouts({ after, limit }) {
      await ask('list checkout.session')
      const all = [...objects.values()].filter(({ object }) => object === 'checkout.session').reverse()
      return page(all as Stripe.Checkout.Session[], after, limit)
    },
    async events({ since, after, limit }) {
      await ask('list event')
      const all = fake.log.filter(({ created }) => created >= since).reverse()
      return page(all, after, limit)
    },
  }
  return fake
}
