/** A line of an invoice: an amount in minor units for a time in Unix seconds. */
export type Line = { readonly amount: number; readonly period: { readonly start: number; readonly end: number } }

const day = 86_400

/**
 * How much of what was paid for an invoice was paid for the time after `since`, in minor units. It is counted in days, in the payer's
 * favour: a day that has begun comes back. So two Checkouts of one day give the whole payment back, and somebody who got a second
 * subscription after eleven months of a year gets the twelfth back and not the year.
 *
 * Discounts, taxes and balance are spread over the lines; the lines of a switch (a part back, another charged) count each for its own time.
 *
 * @param paid what the payer has paid for the whole invoice, in minor units
 */
export function paidTwice(lines: readonly Line[], paid: number, since: number): number {
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  if (total <= 0) return 0
  const later = lines.reduce((sum, line) => sum + line.amount * shareAfter(line.period, since), 0)
  return Math.min(paid, Math.max(0, Math.round((paid * later) / total)))
}

/** What is for no time at all (a fee) counts as its first day. */
function shareAfter({ start, end }: Line['period'], since: number): number {
  const days = Math.max(1, Math.ceil((end - start) / day))
  const left = Math.ceil((Math.max(end, start + day) - since) / day)
  return Math.min(days, Math.max(0, left)) / days
}
