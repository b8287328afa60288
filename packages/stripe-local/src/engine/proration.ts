import type { Period } from './calendar.ts'
import { type Fraction, fraction, roundHalfDown, times } from './fraction.ts'

/**
 * Prorations, to the second: https://docs.stripe.com/billing/subscriptions/prorations
 *
 * Each line is rounded for itself, to the nearest minor unit and a half down: recorded answers of Stripe turn −2.5 into −3 and 4.5 into 4.
 */

/** Something that was charged for a period, and that has not been credited yet. */
export type Debit<Source = unknown> = {
  /** Minor units, after the discounts that it had. */
  amount: number
  period: Period
  /** Where it was charged, so that the credit can say so. */
  source: Source
}

export type Credit<Source = unknown> = { amount: number; period: Period; debit: Debit<Source> }

/** Which part of a period is left at a time: 1 at its start or before, 0 at its end or after. */
export function remaining({ start, end }: Period, at: number): Fraction {
  const from = Math.min(Math.max(at, start), end)
  return end > start
    ? { numerator: BigInt(end - from), denominator: BigInt(end - start) }
    : { numerator: 0n, denominator: 1n }
}

/** What the rest of a period costs, or the part of it until another time, when the whole costs `amount`. */
export function prorate(amount: number, period: Period, at: number, until: number = period.end): number {
  const { numerator, denominator } = remaining(period, at)
  const cutOff = BigInt(period.end - until)
  return numerator > cutOff ? roundHalfDown(times(fraction(amount), { numerator: numerator - cutOff, denominator })) : 0
}

/**
 * What flexible billing gives back at a time: of each debit the part that is not used up, whatever the price is today.
 * https://docs.stripe.com/billing/subscriptions/prorations#credit-prorations
 *
 * @returns one credit per debit, with a negative amount; debits that are over or that charged nothing have none
 */
export const creditsFor = <Source>(debits: readonly Debit<Source>[], at: number): Credit<Source>[] =>
  debits
    .filter((debit) => debit.amount > 0 && debit.period.end > at)
    .map((debit) => ({
      amount: prorate(-debit.amount, debit.period, at),
      period: { start: Math.max(at, debit.period.start), end: debit.period.end },
      debit,
    }))
