import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/catalogue.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { usd } from '../money.ts'
import { answer, currentSubscription, isLive } from './membership.ts'
import { moments, printTruthTable, questions, subscriptionOf, type TruthRow, truthTable } from './truth-table.ts'
import type { SubscriptionStatus } from './types.ts'

const catalogue = createCatalogue(
  {
    free: { name: 'Free', features: { export: false, gigabytes: 1 } },
    pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { export: true, gigabytes: 10 } },
    ent: { name: 'Enterprise', prices: { monthly: usd(99) }, features: { export: true } },
  },
  { addOns: { storage: { name: 'Storage', prices: { monthly: usd(5) }, features: { gigabytes: 100 } } } },
)

const circumstances = (
  subscriptions: MirroredSubscription[],
  granted: { plan: string; endsAt: number | null }[] = [],
) => ({
  subscriptions,
  grants: granted.map((grant) => ({ ...grant, grantedAt: moments.longAgo })),
  now: moments.now,
  graceDays: moments.graceDays,
})

const seconds = (row: TruthRow) => {
  const start = row.subscription?.items?.[0]?.currentPeriodStart ?? moments.periodStart
  return {
    'period end': moments.periodEnd,
    'another day': moments.anotherDay,
    'end of grace': start + moments.graceDays * 86_400,
    ended: moments.longAgo,
  }
}

describe('the truth table', () => {
  test.each(truthTable)('$situation', (row) => {
    const subscription = subscriptionOf(row)
    const granted = row.granted ? [{ plan: 'pro', endsAt: row.granted.endsAt }] : []
    const answers = answer(circumstances(subscription ? [subscription] : [], granted), catalogue)
    expect(questions.filter((question) => answers[question])).toEqual(row.yes)
    expect(answers.state).toBe(row.state)
    expect(answers.plan).toBe(row.can ? 'pro' : 'free')
    expect(answers.addOns).toEqual(row.addOns ? { storage: 2 } : {})
    expect(catalogue.feature(answers, 'gigabytes')).toBe((row.can ? 10 : 1) + (row.addOns ? 200 : 0))
    expect(answers.renewsAt).toBe(row.renewsAt && seconds(row)[row.renewsAt])
    expect(answers.endsAt).toBe(row.endsAt && seconds(row)[row.endsAt])
  })

  test('has a row for each of Stripe’s statuses', () => {
    const statuses = [
      'incomplete',
      'incomplete_expired',
      'trialing',
      'active',
      'past_due',
      'unpaid',
      'canceled',
      'paused',
    ]
    expect(new Set(truthTable.map((row) => row.subscription?.status).filter(Boolean))).toEqual(new Set(statuses))
  })

  test('prints as Markdown, a row for each situation', () => {
    expect(printTruthTable().split('\n')).toHaveLength(truthTable.length + 2)
  })
})

const subscription = (
  status: SubscriptionStatus,
  changes: Partial<MirroredSubscription> = {},
): MirroredSubscription => {
  const row = { situation: '', subscription: { status, ...changes } } as TruthRow
  const whole = subscriptionOf(row)
  if (!whole) throw new Error('a row with a subscription has one')
  return whole
}

describe('which subscription a membership is about', () => {
  test('a live one before an ended one, though the ended one is newer', () => {
    const live = subscription('past_due', { id: 'sub_live', created: 1 })
    const over = subscription('canceled', { id: 'sub_over', created: 2 })
    expect(currentSubscription([over, live], catalogue)?.id).toBe('sub_live')
  })

  test('of two ended ones the newer', () => {
    const older = subscription('canceled', { id: 'sub_older', created: 1 })
    const newer = subscription('canceled', { id: 'sub_newer', created: 2 })
    expect(currentSubscription([older, newer], catalogue)?.id).toBe('sub_newer')
  })

  test('not one to something else that the app sells', () => {
    const items = [{ ...subscription('active').items[0], price: 'price_mug', product: 'prod_mug' }] as never
    expect(currentSubscription([subscription('active', { items })], catalogue)).toBeNull()
  })

  test('one that we made counts though its price is none of today’s', () => {
    const items = [{ ...subscription('active').items[0], price: 'price_old', product: 'prod_old' }] as never
    const made = subscription('active', { items, metadata: { dues_owner: 'owner_1' } })
    expect(currentSubscription([made], catalogue)?.id).toBe('sub_1')
  })

  test('is the same whatever order the rows come in', () => {
    const statuses = fc.constantFrom<SubscriptionStatus[]>(
      'incomplete',
      'trialing',
      'active',
      'past_due',
      'canceled',
      'unpaid',
    )
    const rows = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), status: statuses, created: fc.nat(3) }), {
      selector: ({ id }) => id,
      maxLength: 5,
    })
    fc.assert(
      fc.property(rows, (made) => {
        const all = made.map(({ id, status, created }) => subscription(status, { id, created }))
        const chosen = currentSubscription(all, catalogue)
        expect(currentSubscription(all.toReversed(), catalogue)?.id).toBe(chosen?.id)
        if (all.some(isLive)) expect(chosen && isLive(chosen)).toBe(true)
      }),
    )
  })
})

describe('grace', () => {
  const failed = subscription('past_due')

  test('runs from the invoice that was not paid, where the mirror knows it', () => {
    const unpaidSince = new Map([[failed.id, moments.now - 60]])
    const answers = answer({ ...circumstances([failed]), unpaidSince }, catalogue)
    expect(answers).toMatchObject({ subscribed: true, endsAt: moments.now - 60 + 7 * 86_400 })
  })

  test('without end lasts for as long as Stripe goes on trying', () => {
    const answers = answer({ ...circumstances([failed]), graceDays: Infinity }, catalogue)
    expect(answers).toMatchObject({ subscribed: true, plan: 'pro', endsAt: null })
  })

  test('of no days takes access at once', () => {
    expect(answer({ ...circumstances([failed]), graceDays: 0 }, catalogue)).toMatchObject({
      subscribed: false,
      plan: 'free',
    })
  })
})

describe('a grant beside a subscription', () => {
  const paid = subscription('active')

  test('of a higher plan wins', () => {
    const answers = answer(circumstances([paid], [{ plan: 'ent', endsAt: null }]), catalogue)
    expect(answers).toMatchObject({ plan: 'ent', state: 'granted', active: true, renewsAt: moments.periodEnd })
  })

  test('of the same plan does not hide that it is paid', () => {
    expect(answer(circumstances([paid], [{ plan: 'pro', endsAt: null }]), catalogue).state).toBe('active')
  })
})
