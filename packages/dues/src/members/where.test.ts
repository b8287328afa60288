import { expect, onTestFinished, test } from 'vitest'
import { aMirror } from '../../testing/mirror.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { createCatalogue } from '../catalogue/catalogue.ts'
import type { Context } from '../context.ts'
import { createMember } from '../entitlements/member.ts'
import { answersNow, readCircumstances } from '../entitlements/read.ts'
import { membershipStates, subscriptionStatuses } from '../entitlements/types.ts'
import { usd } from '../money.ts'
import { membersFacade } from './facade.ts'
import type { MembersFilter } from './types.ts'

const now = 1_800_000_000
const day = 86_400
const plans = {
  free: { name: 'Free' },
  pro: { name: 'Professional', prices: { monthly: usd(19) } },
  ent: { name: 'Enterprise', prices: { monthly: usd(99) } },
} as const

/** The same numbers in every run, so that a failure can be looked at. */
function numbers(seed: number) {
  let state = seed
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

onOneDatabase('members', (open) => {
  async function aClub() {
    const { database, mirror, query, close } = await aMirror(open)
    onTestFinished(close)
    const catalogue = createCatalogue(plans)
    catalogue.learn(
      catalogue.offers.map((offer) => ({ offer, id: `price_${offer.plan}`, product: `dues_${offer.plan}` })),
    )
    const context = { database, mirror, catalogue, now: () => now, graceDays: 7 } as unknown as Context
    const facade = membersFacade<typeof plans>(context, (owner, answers) =>
      createMember(owner, answers, catalogue, {} as never),
    )
    const subscribe = async (
      owner: string,
      {
        id,
        status,
        price = 'price_pro',
        created = now - 30 * day,
      }: { id: string; status: string; price?: string; created?: number },
    ) => {
      const items = [
        {
          id: `si_${id}`,
          price,
          product: price === 'price_old' ? 'dues_pro' : price.replace('price', 'dues'),
          quantity: 1,
          current_period_start: now - 10 * day,
          current_period_end: now + 20 * day,
        },
      ]
      await query(
        `insert into dues.owner_customer (customer, owner, current) values ($1, $2, false) on conflict do nothing`,
        [`cus_${owner}`, owner],
      )
      await query(
        `insert into dues.subscription (id, customer, status, items, created, start_date, cancel_at_period_end, pause_collection,
           collection_method, latest_invoice, metadata, ended_at, ticket, as_of_lo, as_of_hi, fetched)
         values ($1, $2, $3, $4::jsonb, $5, $5, false, false, 'charge_automatically', $6, '{}', $7, 1, 1, 1, true)`,
        [
          id,
          `cus_${owner}`,
          status,
          JSON.stringify(items),
          created,
          `in_${id}`,
          status === 'canceled' ? now - day : null,
        ],
      )
      if (status === 'past_due')
        await query(
          `insert into dues.invoice (id, customer, deleted, status, currency, total, amount_due, amount_paid, amount_remaining,
             attempt_count, created, ticket, as_of_lo, as_of_hi, fetched)
           values ($1, $2, false, 'open', 'usd', 1, 1, 0, 1, 1, $3, 1, 1, 1, true)`,
          [`in_${id}`, `cus_${owner}`, created > now - 3 * day ? now - 2 * day : now - 9 * day],
        )
    }
    const give = (owner: string, plan: string, endsAt: number | null) =>
      query('insert into dues.granted (owner, plan, reason, granted_at, ends_at) values ($1, $2, $3, $4, $5)', [
        ...[owner, plan, 'a friend', now - day, endsAt],
      ])
    const all = async (filter: MembersFilter<typeof plans>, limit = 200) => {
      const owners: string[] = []
      let cursor: string | null = null
      do {
        const page: Awaited<ReturnType<typeof facade.where>> = await facade.where(filter, { limit, cursor })
        expect(page.members.length).toBeLessThanOrEqual(limit)
        owners.push(...page.members.map(({ owner }) => owner))
        cursor = page.next
      } while (cursor !== null)
      return owners
    }
    return { context, facade, query, subscribe, give, all }
  }

  test('are found by every plan and state, each once, whatever the pages are', async () => {
    const { context, query, subscribe, give, all } = await aClub()
    const random = numbers(7)
    const owners = Array.from({ length: 50 }, (_, n) => `owner_${n}`)
    let made = 0
    for (const owner of owners) {
      await query('insert into dues.owner (id) values ($1)', [owner])
      for (let n = random(3); n > 0; n--) {
        const status = subscriptionStatuses[random(subscriptionStatuses.length)] ?? 'active'
        const price = ['price_pro', 'price_ent', 'price_old', 'price_mug'][random(4)] ?? 'price_pro'
        await subscribe(owner, { id: `sub_${made++}`, status, price, created: now - random(6) * day })
      }
      if (random(4) === 0)
        await give(owner, random(2) === 0 ? 'pro' : 'ent', [null, now + day, now - day][random(3)] ?? null)
    }
    const answers = await Promise.all(
      owners.map(async (owner) => ({ owner, ...answersNow(context, await readCircumstances(context, owner)) })),
    )
    const states = [undefined, ...membershipStates]
    for (const state of states) {
      for (const plan of [undefined, 'free', 'pro', 'ent'] as const) {
        const expected = answers.filter(
          (one) =>
            (state === undefined || one.state === state) &&
            (plan === undefined ||
              one.plan === plan ||
              (state !== undefined && state !== 'granted' && one.placed?.plan === plan)),
        )
        const filter = { ...(state && { state }), ...(plan && { plan }) }
        expect((await all(filter, 7)).sort(), JSON.stringify(filter)).toEqual(expected.map(({ owner }) => owner).sort())
      }
    }
    expect((await all({}, 1)).sort()).toEqual([...owners].sort())
    const several = { state: ['past_due', 'unpaid'], plan: ['pro', 'ent'] } as const
    expect(new Set(await all(several))).toEqual(
      new Set([...(await all({ state: 'past_due' })), ...(await all({ state: 'unpaid' }))]),
    )
  })

  test('come with the newest subscription first, and with what they can be asked', async () => {
    const { facade, query, subscribe } = await aClub()
    await query("insert into dues.owner (id, email) values ('owner_b', 'b@example.com')")
    await subscribe('owner_a', { id: 'sub_1', status: 'active', created: now - 3 * day })
    await subscribe('owner_b', { id: 'sub_2', status: 'trialing', created: now - day })
    const { members, next } = await facade.where({ plan: 'pro' })
    expect(members.map(({ owner, state }) => [owner, state])).toEqual([
      ['owner_b', 'trialing'],
      ['owner_a', 'active'],
    ])
    expect([members[0]?.on('pro'), next]).toEqual([true, null])
  })

  test('who lost a plan are found with it by the state that took it', async () => {
    const { subscribe, all } = await aClub()
    await subscribe('owner_a', { id: 'sub_1', status: 'unpaid' })
    expect(await all({ plan: 'pro', state: 'unpaid' })).toEqual(['owner_a'])
    expect(await all({ plan: 'pro' })).toEqual([])
    expect(await all({ plan: 'free' })).toEqual(['owner_a'])
  })

  test.each([
    ['a plan that there is not', { plan: 'gold' }, {}, 'plan_unknown'],
    ['a state that there is not', { state: 'happy' }, {}, 'bad_request'],
    ['a page of nobody', {}, { limit: 0 }, 'bad_request'],
    ['a page of everybody', {}, { limit: 1_000_000 }, 'bad_request'],
    ['a cursor of somebody else’s', {}, { cursor: 'MTIz' }, 'bad_request'],
    ['a cursor that is none', {}, { cursor: '%%%' }, 'bad_request'],
  ])('are not looked for by %s', async (_, filter, page, code) => {
    const { facade } = await aClub()
    await expect(facade.where(filter as never, page)).rejects.toMatchObject({ code })
  })
})
