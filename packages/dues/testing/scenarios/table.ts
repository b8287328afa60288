import type Stripe from 'stripe'
import { signature } from './members.ts'
import { webhookSecret } from './stage.ts'
import type { Scenario, Stage } from './types.ts'

/** Everything that happens to the deliveries of an ordinary app, by name. Numbers are of the promises in DESIGN.md. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'an ordinary life',
    promise: 5,
    must: 'bought, switched, cancelled, resumed and ended in order, each step is believed',
    async run({ join, deliver, agrees, shop }) {
      const member = await join()
      for (const step of [
        () => member.switchTo('ent'),
        member.cancelAtPeriodEnd,
        member.resume,
        () => member.switchTo('pro'),
        member.end,
      ]) {
        for (const event of await step()) await deliver(event)
        await agrees(member)
        await shop.tick()
      }
    },
  },
  {
    name: 'a repeat',
    promise: 4,
    must: 'a delivery that comes three times, twice of it at once, leaves what the first one left',
    async run({ join, deliver, agrees }) {
      const member = await join()
      const [switched] = await member.switchTo('ent')
      await deliver(event(switched))
      await Promise.all([deliver(event(switched)), deliver(event(switched), { process: 1 })])
      await agrees(member)
    },
  },
  {
    name: 'a repeat after something newer',
    promise: 4,
    must: 'what was newer stays',
    async run({ join, deliver, agrees, shop }) {
      const member = await join()
      const [up] = await member.switchTo('ent')
      await deliver(event(up))
      await shop.tick()
      const [down] = await member.switchTo('pro')
      await deliver(event(down))
      await deliver(event(up), { process: 1 })
      await agrees(member)
    },
  },
  {
    name: 'a repeat, told to the app',
    promise: 4,
    must: 'of one change the app’s own code is run once, though its delivery comes three times',
    needs: 'hooks',
    async run({ join, deliver, agrees, until, fail, handler, shop }) {
      const member = await join()
      await until(() => handler.hookRuns(member.subscription).done > 0, 'soon')
      const before = handler.hookRuns(member.subscription).done
      const [switched] = await member.switchTo('ent')
      await deliver(event(switched))
      await Promise.all([deliver(event(switched)), deliver(event(switched), { process: 1 })])
      await agrees(member)
      const runs = () => handler.hookRuns(member.subscription).done - before
      if (!(await until(() => runs() > 0, 'soon'))) fail('its code was never run')
      // What a repeat has set going comes before what the next change does.
      await shop.tick()
      const [back] = await member.switchTo('pro')
      await deliver(event(back))
      if (!(await until(() => runs() > 1, 'soon'))) fail('its code was not run for the next change')
      if (runs() > 2) fail(`its code was run ${runs() - 1} times for one change`)
    },
  },
  {
    name: 'an older event after a newer one',
    promise: 5,
    must: 'what is newer stays',
    async run({ join, deliver, agrees, shop }) {
      const member = await join()
      const [older] = await member.switchTo('ent')
      await shop.tick()
      const [newer] = await member.switchTo('pro')
      await deliver(event(newer))
      await deliver(event(older), { process: 1 })
      await agrees(member)
    },
  },
  {
    name: 'an update before the purchase',
    promise: 5,
    must: 'the update stays, though the events of the Checkout come after it',
    async run({ buy, deliver, agrees, shop }) {
      const { member, bought } = await buy()
      await shop.tick()
      const [switched] = await member.switchTo('ent')
      await deliver(event(switched))
      for (const late of bought) await deliver(late)
      await agrees(member)
    },
  },
  {
    name: 'created and updated in one second',
    promise: 5,
    must: 'a subscription that is incomplete and then paid is active, with its two events in order',
    async run({ createAndPay, deliver, agrees }) {
      const { member, created, paid } = await createAndPay()
      await deliver(created)
      await deliver(paid)
      await agrees(member)
    },
  },
  {
    name: 'updated and created in one second',
    promise: 5,
    must: 'the same, with the two events the other way round',
    async run({ createAndPay, deliver, agrees }) {
      const { member, created, paid } = await createAndPay()
      await deliver(paid)
      await deliver(created, { process: 1 })
      await agrees(member)
    },
  },
  {
    name: 'two switches in one second',
    promise: 5,
    must: 'what Stripe has is believed, though the first switch comes last',
    async run({ inOneSecond, deliver, agrees }) {
      const { member, events } = await inOneSecond(async (somebody) => [
        ...(await somebody.switchTo('ent')),
        ...(await somebody.switchTo('pro')),
      ])
      for (const switched of events.toReversed()) await deliver(switched)
      await agrees(member)
    },
  },
  {
    name: 'one late answer of Stripe crosses another',
    promise: 5,
    must: 'of two answers the one that was asked for later stays, though the older comes last',
    needs: 'questions to Stripe',
    async run(stage) {
      const { agrees, staysSo, shop } = stage
      const { member, arrive } = await lateAnswer(stage)
      await shop.tick()
      const [resumed] = await member.resume()
      const [switched] = await member.switchTo('pro')
      // Of one second, too: only the answer to another question shows the switch.
      await stage.deliver(event(resumed), { process: 1 })
      await stage.deliver(event(switched), { process: 1 })
      await agrees(member)
      await arrive()
      await agrees(member)
      await staysSo(member)
    },
  },
  {
    name: 'a late answer of Stripe comes after the end',
    promise: 5,
    must: 'a canceled subscription does not come back to life by an answer that was on its way',
    needs: 'questions to Stripe',
    async run(stage) {
      const { agrees, staysSo, shop } = stage
      const { member, arrive } = await lateAnswer(stage)
      await shop.tick()
      for (const end of await member.end()) await stage.deliver(end, { process: 1 })
      await agrees(member)
      await arrive()
      await agrees(member)
      await staysSo(member)
    },
  },
  {
    name: 'an update after the deletion',
    promise: 5,
    must: 'a canceled subscription does not come back to life',
    async run({ join, deliver, agrees, shop }) {
      const member = await join()
      const [update] = await member.switchTo('ent')
      await shop.tick()
      const [deletion] = await member.end()
      await deliver(event(deletion))
      await deliver(event(update), { process: 1 })
      await agrees(member)
    },
  },
  {
    name: 'an update and the deletion in one second',
    promise: 5,
    must: 'the end stays, in whichever order the two come',
    async run({ inOneSecond, deliver, agrees }) {
      for (const order of ['as it was', 'the other way round'] as const) {
        const { member, events } = await inOneSecond(async (somebody) => [
          ...(await somebody.switchTo('ent')),
          ...(await somebody.end()),
        ])
        for (const one of order === 'as it was' ? events : events.toReversed()) await deliver(one)
        await agrees(member)
      }
    },
  },
  {
    name: 'eight at once',
    promise: 5,
    must: 'eight deliveries in flight to two processes leave what Stripe has',
    async run({ join, deliver, agrees, shop }) {
      const member = await join()
      const events: Stripe.Event[] = []
      for (const plan of ['ent', 'pro', 'ent', 'pro', 'ent', 'pro', 'ent', 'pro'] as const) {
        events.push(...(await member.switchTo(plan)))
        if (events.length % 2 === 0) await shop.tick()
      }
      await Promise.all(events.toReversed().map((one, n) => deliver(one, { process: n % 2 === 0 ? 0 : 1 })))
      await agrees(member)
    },
  },
  {
    name: 'the member comes back',
    promise: 5,
    must: 'the old subscription stays ended and the new one is believed, though its update comes first',
    async run({ join, buy, deliver, agrees, shop }) {
      const first = await join()
      const [update] = await first.switchTo('ent')
      await shop.tick()
      for (const one of await first.end()) await deliver(one)
      const second = await buy()
      await shop.tick()
      const [switched] = await second.member.switchTo('ent')
      await deliver(event(switched))
      await deliver(event(update), { process: 1 })
      for (const one of second.bought) await deliver(one)
      await agrees(second.member)
      await agrees(first)
    },
  },
  {
    name: 'the database is down',
    promise: 3,
    must: 'what was acknowledged meanwhile is there when it is back',
    async run({ join, deliver, agrees, handler, shop }) {
      const member = await join()
      // Three times: some processes die of a lost connection now and then, and only the others have a chance to be wrong.
      for (const plan of ['ent', 'pro', 'ent'] as const) {
        const [switched] = await member.switchTo(plan)
        const end = await handler.databaseDown()
        await deliver(event(switched)).finally(end)
        await agrees(member, 'late')
        await shop.tick()
      }
    },
  },
  {
    name: 'Stripe is down',
    promise: 3,
    must: 'what had to be asked meanwhile is known when it is back',
    async run({ inOneSecond, deliver, agrees, shop }) {
      const { member, events } = await inOneSecond(async (somebody) => [
        ...(await somebody.switchTo('ent')),
        ...(await somebody.switchTo('pro')),
      ])
      const end = await shop.down()
      try {
        for (const switched of events.toReversed()) await deliver(switched)
      } finally {
        await end()
      }
      await agrees(member, 'late')
    },
  },
  {
    name: 'a hook that throws',
    promise: 4,
    must: 'the change is believed, and the app’s own code gets to run in the end',
    needs: 'hooks',
    async run({ join, deliver, agrees, until, fail, handler }) {
      const member = await join()
      await until(() => handler.hookRuns(member.subscription).done > 0, 'soon')
      const [switched] = await member.switchTo('ent')
      const mend = await handler.hookDown()
      const before = handler.hookRuns(member.subscription)
      try {
        await deliver(event(switched))
        await agrees(member)
        await until(() => handler.hookRuns(member.subscription).tried > before.tried, 'soon')
      } finally {
        await mend()
      }
      await agrees(member)
      if (!(await until(() => handler.hookRuns(member.subscription).done > before.done, 'late')))
        fail('its code threw once and was never run again')
    },
  },
  {
    name: 'a crash between two writes',
    promise: 3,
    must: 'killed at any statement, it comes back with all of a delivery or gets it again',
    async run({ join, deliver, agrees, handler, shop }) {
      const member = await join()
      for (let statement = 1; statement <= 20; statement++) {
        await shop.tick()
        const [switched] = await member.switchTo(statement % 2 === 1 ? 'ent' : 'pro')
        const died = handler.dieAt(statement)
        await deliver(event(switched))
        const over = !died()
        await handler.restart()
        await agrees(member, 'late')
        if (over) return
      }
    },
  },
  {
    name: 'a delivery that never comes',
    promise: 3,
    must: 'what Stripe has given up delivering is found again',
    async run({ join, agrees, handler }) {
      const member = await join()
      await member.switchTo('ent')
      await handler.repair()
      await agrees(member, 'late')
    },
  },
  {
    name: 'a thin event',
    promise: 5,
    must: 'a notification without a snapshot leads to what Stripe has',
    needs: 'thin events',
    async run({ join, deliver, agrees, shop }) {
      const member = await join()
      await member.switchTo('ent')
      await deliver({
        id: `evt_test_thin_${member.subscription}`,
        object: 'v2.core.event',
        type: 'v1.customer.subscription.updated',
        livemode: false,
        created: new Date(shop.now() * 1000).toISOString(),
        related_object: {
          id: member.subscription,
          type: 'subscription',
          url: `/v1/subscriptions/${member.subscription}`,
        },
      })
      await agrees(member)
    },
  },
  {
    name: 'an endpoint of an older version of the API',
    promise: 5,
    must: 'what Stripe has is believed, the end of the period too, though the event has it elsewhere',
    async run({ join, deliver, agrees }) {
      const member = await join()
      const [switched] = await member.switchTo('ent')
      await deliver(olderVersionOf(event(switched)))
      await agrees(member)
    },
  },
  {
    name: 'an unknown type of event',
    promise: 3,
    must: 'it is acknowledged, so that Stripe does not go on with it for three days',
    async run({ deliver, fail, shop }) {
      const object = { id: 'x_1', object: 'tomorrow.thing' }
      const status = await deliver({
        id: 'evt_tomorrow',
        object: 'event',
        api_version: '2026-10-28.endive',
        created: shop.now(),
        data: { object },
        livemode: false,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
        type: 'tomorrow.invented',
      })
      if (status < 200 || status >= 300) fail(`it answered ${status}`)
    },
  },
  {
    name: 'a secret that is being rolled',
    promise: 3,
    must: 'a header with the signatures of two secrets is accepted by who knows one of them',
    async run({ join, deliver, agrees, fail }) {
      const member = await join()
      const [switched] = await member.switchTo('ent')
      const status = await deliver(event(switched), {
        sign: (payload, now) => signature(payload, now, ['whsec_the_new_one', webhookSecret]),
      })
      if (status < 200 || status >= 300) fail(`it answered ${status}`)
      await agrees(member)
    },
  },
  {
    name: 'a forged delivery',
    promise: 7,
    must: 'another’s signature and one of ten minutes ago are refused, and change nothing',
    async run({ join, deliver, agrees, fail }) {
      const member = await join()
      const [switched] = await member.switchTo('ent')
      const forged = structuredClone(event(switched))
      ;(forged.data.object as Stripe.Subscription).status = 'canceled'
      for (const sign of [
        (payload: string, now: number) => signature(payload, now, ['whsec_of_somebody']),
        (payload: string, now: number) => signature(payload, now - 600, [webhookSecret]),
      ]) {
        const status = await deliver({ ...forged, id: 'evt_forged' }, { sign })
        if (status < 400 || status >= 500) fail(`it answered ${status}`)
      }
      await deliver(event(switched))
      await agrees(member)
    },
  },
]

/**
 * Two changes of one second, delivered the other way round, of which a handler has to ask: its answer is on its way and shows Enterprise,
 * cancelling. `arrive` lets it come and waits until the delivery is answered.
 */
async function lateAnswer({ inOneSecond, deliver, until, shop, fail }: Stage) {
  const { member, events } = await inOneSecond(async (somebody) => [
    ...(await somebody.switchTo('ent')),
    ...(await somebody.cancelAtPeriodEnd()),
  ])
  const [first, second] = events
  await deliver(event(second))
  const held = shop.hold(member.subscription)
  const delivered = deliver(event(first))
  if (!(await until(held.answered, 'soon'))) {
    held.release()
    fail('it asked nothing')
  }
  const arrive = async () => {
    held.release()
    await delivered
  }
  return { member, arrive }
}

/** A change at Stripe makes an event; if it did not, Stripe Local is broken and not the handler. */
function event(made: Stripe.Event | undefined): Stripe.Event {
  if (made === undefined) throw new Error('Stripe made no event of a change.')
  return made
}

/** As an endpoint gets it that was made before the periods went from the subscription to its items. */
function olderVersionOf(made: Stripe.Event): object {
  const { data, ...event } = structuredClone(made)
  const subscription = data.object as Stripe.Subscription
  const [item] = subscription.items.data
  const { current_period_start, current_period_end } = item ?? {}
  for (const one of subscription.items.data) {
    Reflect.deleteProperty(one, 'current_period_start')
    Reflect.deleteProperty(one, 'current_period_end')
  }
  const object = { ...subscription, current_period_start, current_period_end }
  return { ...event, api_version: '2025-02-24.acacia', data: { object } }
}
