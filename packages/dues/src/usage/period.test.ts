import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/catalogue.ts'
import { answer } from '../entitlements/membership.ts'
import { moments, subscriptionOf } from '../entitlements/truth-table.ts'
import type { SubscriptionStatus } from '../entitlements/types.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { usd } from '../money.ts'
import { addMonths } from './calendar.ts'
import { periodOf } from './period.ts'

const catalogue = createCatalogue({
  free: { name: 'Free' },
  pro: { name: 'Professional', prices: { monthly: usd(19) } },
})
const { periodStart, periodEnd, now, longAgo } = moments

function answersOf(
  status: SubscriptionStatus | null,
  { at = now, granted = false, ...changes }: Partial<MirroredSubscription> & { at?: number; granted?: boolean } = {},
) {
  const row = { subscription: status && { status, ...changes } } as Parameters<typeof subscriptionOf>[0]
  const subscription = subscriptionOf(row)
  const grants = granted ? [{ plan: 'pro', grantedAt: longAgo, endsAt: null }] : []
  return answer({ subscriptions: subscription ? [subscription] : [], grants, now: at, graceDays: 7 }, catalogue)
}

describe('a count is', () => {
  test('of the subscription’s own period', () => {
    for (const status of ['active', 'trialing'] as const)
      expect(periodOf(answersOf(status), 'period', now)).toEqual({ start: periodStart, end: periodEnd })
  })

  test('of the period to come as soon as it has begun, before the renewal was told', () => {
    const late = periodEnd + 60
    expect(periodOf(answersOf('active', { at: late }), 'period', late)).toEqual({ start: periodEnd, end: null })
  })

  test('of the old period where none is to come', () => {
    const late = periodEnd + 60
    const ending = answersOf('active', { at: late, cancelAt: periodEnd, cancelAtPeriodEnd: true })
    expect(periodOf(ending, 'period', late)).toEqual({ start: periodStart, end: periodEnd })
  })

  test('of months from the start of the period, if it is to be', () => {
    const year = { id: 'si_1', price: 'p', product: 'dues_pro', quantity: 1, currentPeriodStart: periodStart }
    const items = [{ ...year, currentPeriodEnd: addMonths(periodStart, 12) }]
    const later = addMonths(periodStart, 2) + 1
    const answers = answersOf('active', { at: later, items })
    expect(periodOf(answers, 'period', later).end).toBe(addMonths(periodStart, 12))
    expect(periodOf(answers, 'month', later)).toEqual({
      start: addMonths(periodStart, 2),
      end: addMonths(periodStart, 3),
    })
  })

  test('of no month that goes on beyond the period, as that of a trial', () => {
    const items = [
      {
        id: 'si_1',
        price: 'p',
        product: 'dues_pro',
        quantity: 1,
        currentPeriodStart: now - 60,
        currentPeriodEnd: now + 60,
      },
    ]
    expect(periodOf(answersOf('trialing', { items }), 'month', now)).toEqual({ start: now - 60, end: now + 60 })
  })

  test('of months from the day of a grant', () => {
    const { start, end } = periodOf(answersOf(null, { granted: true }), 'period', now)
    expect([start, end]).toEqual([longAgo, addMonths(longAgo, 1)])
  })

  test('of months of the calendar for who pays nothing, also after a renewal that was never paid', () => {
    const [start, end] = [Date.UTC(2023, 10, 1) / 1000, Date.UTC(2023, 11, 1) / 1000]
    for (const status of [null, 'unpaid', 'canceled'] as const)
      expect(periodOf(answersOf(status), 'period', now)).toEqual({ start, end })
  })

  test('never begun anew, if it is to be', () => {
    expect(periodOf(answersOf('active'), 'never', now)).toEqual({ start: 0, end: null })
  })
})
