import type { DuesError } from 'dues'
import { formatAmount } from './format.ts'

/** A refusal of Dues' as people read it: it counts in minor units, and people do not. */
export function refusalInWords({ code, message, details: { left, currency } }: DuesError): string {
  if (code !== 'refund_too_large' || typeof left !== 'number' || typeof currency !== 'string') return message
  return moreThanIsLeft(left, currency)
}

export const moreThanIsLeft = (left: number, currency: string): string =>
  left === 0
    ? 'Nothing is left to pay back. Nothing was done.'
    : `That is more than can go back: ${formatAmount(left, currency)} is left. Nothing was done.`
