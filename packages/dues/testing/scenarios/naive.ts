import Stripe from 'stripe'
import { webhookSecret } from './stage.ts'
import type { Belief, Handler, Shop } from './types.ts'

const asksNothing = { 'questions to Stripe': 'it asks nothing' }

/**
 * The handler that everybody writes at first: it notes the event's id, then believes the event, in two writes, and answers 200
 * whatever happens. It is here to be caught: a row that it passes by luck proves nothing. With a way to Stripe it asks for each object, and believes
 * the answer as it comes.
 */
export function naiveHandler(shop: Shop, asking?: Stripe): Handler {
  const claimed = new Set<string>()
  const beliefs = new Map<string, Belief>()
  let databaseIsDown = false
  let statementsLeft = Number.POSITIVE_INFINITY
  const statement = (run: () => void) => {
    if (databaseIsDown) throw new Error('no database')
    if (--statementsLeft < 0) throw new Error('killed')
    run()
  }

  const take = async ({ id, data }: Stripe.Event) => {
    if (claimed.has(id)) return
    statement(() => claimed.add(id))
    const told = data.object as Stripe.Subscription
    if (told.object !== 'subscription') return
    const object = asking === undefined ? told : await asking.subscriptions.retrieve(told.id)
    const [item] = object.items.data
    const belief = {
      status: object.status,
      price: item?.price.id ?? '',
      periodEnd: item?.current_period_end ?? 0,
    }
    statement(() => beliefs.set(object.id, belief))
  }

  return {
    async deliver(body, signature) {
      let event: Stripe.Event
      try {
        event = Stripe.webhooks.constructEvent(body, signature, webhookSecret, 300, undefined, shop.now() * 1000)
      } catch {
        return 400
      }
      try {
        await take(event)
      } catch {
        // Logged, as they say.
        if (statementsLeft < 0) return 0
      }
      return 200
    },
    belief: async (id) => beliefs.get(id) ?? null,
    enrol: async () => ({}),
    async databaseDown() {
      databaseIsDown = true
      return async () => {
        databaseIsDown = false
      }
    },
    hookDown: async () => async () => undefined,
    hookRuns: () => ({ tried: 0, done: 0 }),
    dieAt(at) {
      statementsLeft = at - 1
      return () => statementsLeft < 0
    },
    async restart() {
      statementsLeft = Number.POSITIVE_INFINITY
    },
    repair: async () => undefined,
    without: { hooks: 'it has none', 'thin events': 'it knows none', ...(asking ? {} : asksNothing) },
    patience: { soon: 100, late: 100, moment: 0 },
  }
}
