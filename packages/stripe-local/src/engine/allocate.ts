import { type Fraction, floor, fraction } from './fraction.ts'

/**
 * Splits a whole amount into parts that come as near as can be to exact shares and add up to the amount: each share is rounded down and
 * what is left over goes, a unit each, to the largest remainders (the first of equals).
 *
 * @param total the amount to split, the rounded sum of the shares
 * @param shares exact shares, of either sign
 */
export function allocate(total: number, shares: readonly Fraction[]): number[] {
  const parts = shares.map(floor)
  let left = total - parts.reduce((sum, part) => sum + part, 0)
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: remainderOf(share, parts[index] ?? 0) }))
    .sort((a, b) => compare(b.remainder, a.remainder) || a.index - b.index)
  for (const { index } of byRemainder) {
    if (left <= 0) break
    parts[index] = (parts[index] ?? 0) + 1
    left--
  }
  return parts
}

/** Splits an amount in proportion to weights that are not negative; with no weight at all nothing is given. */
export function allocateByWeight(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  if (sum === 0) return weights.map(() => 0)
  return allocate(
    total,
    weights.map((weight) => ({ numerator: BigInt(total) * BigInt(weight), denominator: BigInt(sum) })),
  )
}

const remainderOf = (share: Fraction, whole: number): Fraction => ({
  numerator: share.numerator - fraction(whole).numerator * share.denominator,
  denominator: share.denominator,
})

const compare = (a: Fraction, b: Fraction): number => {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}
