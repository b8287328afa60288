import type { Account } from '../../account.ts'
import type { InvoiceItem } from '../invoices/lines.ts'
import { usageLines } from './bill-now.ts'
import { type Item, periodOf, type Subscription } from './items.ts'
import { unbilledUsage } from './usage-ledger.ts'

/**
 * What was used of an item that leaves its subscription or gets another price, as invoice items for the next invoice: flexible billing bills it, classic billing forgets it.
 *
 * https://docs.stripe.com/billing/subscriptions/billing-mode/compare
 */
export function usageItems(account: Account, subscription: Subscription, item: Item): InvoiceItem[] {
  if (unbilledUsage(account, subscription, item) === 0) return []
  return usageLines(account, '', subscription, item, periodOf(item)).map((line) => ({
    id: account.newId('ii'),
    object: 'invoiceitem',
    amount: line.amount,
    currency: line.currency,
    customer: subscription.customer,
    customer_account: null,
    date: account.now,
    description: line.description,
    discountable: line.discountable,
    discounts: [...line.discounts],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: {
      subscription_details: { subscription: subscription.id, subscription_item: item.id },
      type: 'subscription_details',
    },
    period: { start: line.period.start, end: account.now },
    pricing: line.pricing as InvoiceItem['pricing'],
    proration: false,
    quantity: line.quantity ?? 0,
    quantity_decimal: line.quantity_decimal ?? '0',
    tax_rates: item.tax_rates,
    test_clock: subscription.test_clock,
  }))
}
