import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { usageOf as unitsOf } from '../resources/meter-event-summaries.ts'
import type { Period } from './calendar.ts'

/**
 * How many units a customer used of a metered price in a period, by its meter's formula. Events count from the period's start up to its end,
 * which belongs to the next period. https://docs.stripe.com/billing/subscriptions/usage-based/meters
 */
export function usageOf(account: Account, price: Kinds['price'], customer: string, { start, end }: Period): number {
  const meter = price.recurring?.meter ? account.find('billing.meter', price.recurring.meter) : undefined
  return meter ? unitsOf(account, meter, customer, start, end) : 0
}
