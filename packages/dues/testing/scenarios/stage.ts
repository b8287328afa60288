import type Stripe from 'stripe'
import { createMembers, signature } from './members.ts'
import type { Belief, Handler, Member, Scenario, Shop, Sign, Stage } from './types.ts'

export const webhookSecret = 'whsec_scenarios'

/** How a scenario went. `none`: it needs what the handler does not offer. */
export type Verdict = { outcome: 'right' | 'wrong' | 'none'; because: string | null }

/** The app did not do what the row says; everything else that is thrown is a fault of the scenario or its world. */
class Wrong extends Error {}

/** Runs one row against one handler. */
export async function play(scenario: Scenario, shop: Shop, handler: Handler): Promise<Verdict> {
  const missing = scenario.needs && handler.without[scenario.needs]
  if (missing !== undefined) return { outcome: 'none', because: missing }
  try {
    await scenario.run(createStage(shop, handler))
    return { outcome: 'right', because: null }
  } catch (error) {
    if (error instanceof Wrong) return { outcome: 'wrong', because: error.message }
    throw error
  }
}

const signed: Sign = (payload, now) => signature(payload, now, [webhookSecret])

function createStage(shop: Shop, handler: Handler): Stage {
  const members = createMembers(shop, handler)
  /** What was not acknowledged: Stripe goes on delivering it. */
  const pending = new Map<string, object>()
  let answered = 0

  const deliver: Stage['deliver'] = async (event, { process = 0, sign = signed } = {}) => {
    const body = JSON.stringify(event)
    const status = await handler.deliver(body, sign(body, shop.now()), process)
    answered = status
    const { id } = event as { id: string }
    if (status >= 200 && status < 300) pending.delete(id)
    // Stripe repeats its own deliveries and nobody else's.
    else if (sign === signed) pending.set(id, event)
    return status
  }

  const until: Stage['until'] = async (condition, when) => {
    const end = performance.now() + handler.patience[when]
    for (;;) {
      if (await condition()) return true
      if (performance.now() > end) return false
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  const fail: Stage['fail'] = (because) => {
    throw new Wrong(because)
  }

  const agrees: Stage['agrees'] = async (member, when = 'soon') => {
    const truth = beliefOf(await shop.stripe.subscriptions.retrieve(member.subscription))
    let belief: Belief | null = null
    const agreed = await until(async () => {
      for (const event of [...pending.values()]) await deliver(event)
      belief = await handler.belief(member.subscription)
      return belief !== null && same(belief, truth)
    }, when)
    if (!agreed)
      fail(
        `it believes ${words(belief, shop, truth)}, Stripe says ${words(truth, shop, belief)}${pending.size > 0 ? `, and it answers ${answered}` : ''}`,
      )
    if (pending.size > 0 && !(await until(() => redelivered(), when))) fail('it goes on refusing a delivery')
  }

  const staysSo: Stage['staysSo'] = async (member) => {
    const truth = beliefOf(await shop.stripe.subscriptions.retrieve(member.subscription))
    let belief: Belief | null = null
    const changed = await until(async () => {
      belief = await handler.belief(member.subscription)
      return belief === null || !same(belief, truth)
    }, 'moment')
    if (changed) fail(`it comes to believe ${words(belief, shop, truth)}, Stripe says ${words(truth, shop, belief)}`)
  }

  const redelivered = async () => {
    for (const event of [...pending.values()]) await deliver(event)
    return pending.size === 0
  }

  const join = async (): Promise<Member> => {
    const { member, bought } = await members.buy()
    for (const event of bought) await deliver(event)
    await agrees(member)
    await shop.tick()
    return member
  }

  /** Tries until all events are of one second: a real clock does not wait for us. */
  const ofOneSecond = async <Result extends { events: Stripe.Event[] }>(attempt: () => Promise<Result>) => {
    for (let tries = 0; tries < 10; tries++) {
      await shop.tick()
      const result = await attempt()
      if (new Set(result.events.map(({ created }) => created)).size === 1) return result
    }
    throw new Error('Stripe was too slow to make these changes within one second.')
  }

  return {
    shop,
    handler,
    deliver,
    until,
    fail,
    agrees,
    staysSo,
    join,
    buy: members.buy,
    inOneSecond: (changes) =>
      ofOneSecond(async () => {
        const member = await join()
        return { member, events: await changes(member) }
      }),
    async createAndPay() {
      const { member, events } = await ofOneSecond(members.createAndPay)
      const [created, paid] = events
      if (created === undefined || paid === undefined) throw new Error('Stripe made no two events of it.')
      return { member, created, paid }
    },
  }
}

const beliefOf = ({ status, items }: Stripe.Subscription): Belief => ({
  status,
  price: items.data[0]?.price.id ?? '',
  periodEnd: items.data[0]?.current_period_end ?? 0,
})

/** What has ended has no plan and no period that anybody would ask for. */
const same = (one: Belief, other: Belief): boolean =>
  one.status === other.status &&
  (one.status === 'canceled' || (one.price === other.price && one.periodEnd === other.periodEnd))

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

/** What somebody believes; the end of the period where nothing else tells the two apart. */
function words(belief: Belief | null, { prices }: Shop, other: Belief | null): string {
  if (belief === null) return 'nothing of it'
  const plan = belief.price === prices.pro ? 'pro' : belief.price === prices.ent ? 'ent' : belief.price
  const end = other?.status === belief.status && other.price === belief.price ? ` until ${dayOf(belief.periodEnd)}` : ''
  return `${belief.status} on ${plan}${end}`
}
