import type Stripe from 'stripe'

/** The part of an invoice that is needed here. Amounts in minor units, times in Unix seconds. */
export type Billed = Pick<Stripe.Invoice, 'total' | 'amount_paid'> & {
  readonly lines: { readonly data: readonly Pick<Stripe.InvoiceLineItem, 'amount' | 'period'>[] }
}

/**
 * What of an invoice was for the time after `at`, by the second and not rounded, in minor units. Of what was paid by card: discounts, taxes and
 * balance are spread over the lines. The lines of a switch count each for their own time, so that the invoices of a period together
 * come to what is left of the present price. One below 0 put credit on the balance, which its owner keeps: that counts against it.
 *
 * @returns `isPresent`: whether it is for any time after `at`
 */
export function unusedOf({ total, amount_paid, lines }: Billed, at: number): { value: number; isPresent: boolean } {
  const sum = lines.data.reduce((all, { amount }) => all + amount, 0)
  const later = lines.data.reduce((all, { amount, period }) => all + amount * shareAfter(period, at), 0)
  const isPresent = lines.data.some(({ period }) => period.end > at)
  return { value: sum === 0 ? 0 : ((total > 0 ? amount_paid : total) * later) / sum, isPresent }
}

const shareAfter = ({ start, end }: { start: number; end: number }, at: number): number =>
  end <= start ? 0 : Math.min(1, Math.max(0, (end - at) / (end - start)))
