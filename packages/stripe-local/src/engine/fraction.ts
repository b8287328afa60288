/**
 * An exact number: prices have up to twelve decimal places and prorations divide by seconds, so that a cent is rounded once, at the end,
 * and never by binary floating point. The denominator is positive.
 */
export type Fraction = { readonly numerator: bigint; readonly denominator: bigint }

const decimalPattern = /^(-?)(\d*)(?:\.(\d*))?$/

/** The exact value of a decimal as Stripe writes it ('0.036', '-12.5') or of a number that prints as one. */
export function fraction(value: string | number | bigint): Fraction {
  if (typeof value === 'bigint') return { numerator: value, denominator: 1n }
  const match = decimalPattern.exec(typeof value === 'number' ? plain(value) : value.trim())
  if (!match) throw new RangeError(`Not a decimal: ${value}`)
  const [, sign, whole = '', places = ''] = match
  const digits = BigInt(whole + places || '0')
  return { numerator: sign ? -digits : digits, denominator: 10n ** BigInt(places.length) }
}

/** 1e-7 is written 0.0000001, as a decimal is. */
const plain = (value: number): string =>
  Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(12).replace(/0+$/, '')

export const times = (a: Fraction, b: Fraction): Fraction => ({
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
})

export const plus = (a: Fraction, b: Fraction): Fraction => ({
  numerator: a.numerator * b.denominator + b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
})

/** a ÷ b; b must be positive. */
export const over = (a: Fraction, b: Fraction): Fraction => ({
  numerator: a.numerator * b.denominator,
  denominator: a.denominator * b.numerator,
})

const floorOf = (numerator: bigint, denominator: bigint): bigint => {
  const quotient = numerator / denominator
  return numerator % denominator < 0n ? quotient - 1n : quotient
}

/** The greatest integer that is not greater. */
export const floor = ({ numerator, denominator }: Fraction): number => Number(floorOf(numerator, denominator))

/** The nearest integer, a half away from zero: what amounts, discounts and taxes are rounded by. */
export const round = ({ numerator, denominator }: Fraction): number => {
  const magnitude = numerator < 0n ? -numerator : numerator
  const rounded = Number(floorOf(2n * magnitude + denominator, 2n * denominator))
  return numerator < 0n && rounded !== 0 ? -rounded : rounded
}

/** The nearest integer, a half down (4.5 → 4, −2.5 → −3): what prorations are rounded by. */
export const roundHalfDown = ({ numerator, denominator }: Fraction): number =>
  -Number(floorOf(denominator - 2n * numerator, 2n * denominator)) || 0
