import type { Account } from '../../account.ts'
import { anchorOf, type Period } from '../calendar.ts'
import { describeProration } from '../descriptions.ts'
import { type Discountable, discountLines } from '../discounts.ts'
import { type InvoiceItem, productOf } from '../invoices/lines.ts'
import { amountFor, termsIn } from '../pricing.ts'
import { creditsFor, prorate } from '../proration.ts'
import { termsOfDiscounts } from '../redeem.ts'
import { type DebitSource, debitsOf } from './debits.ts'
import { type Item, isMetered, type Price, periodAt, periodOf, type Subscription } from './items.ts'

/** The discounts of a subscription: its own, or else its customer's. */
export function discountsOf(account: Account, subscription: Pick<Subscription, 'customer' | 'discounts'>): string[] {
  if (subscription.discounts.length > 0) return subscription.discounts
  const customer = account.find('customer', subscription.customer)
  const discount = customer && 'discount' in customer ? customer.discount : null
  return discount ? [discount.id] : []
}

/** What a full period of an item costs, and the discounts that are in that. */
export type Net = { amount: number; discounts: string[] }

/** What each item costs for a full period after discounts. A coupon with an amount is spread over the items. */
export function netsOf(account: Account, subscription: Subscription, items: readonly Item[], at: number): Net[] {
  const { currency } = subscription
  const lines: Discountable[] = items.map((item) => ({ discountable: true, product: item.price.product }))
  const nets = items.map((item) =>
    isMetered(item) ? 0 : amountFor(termsIn(item.price, currency) ?? item.price, item.quantity ?? 1),
  )
  const taken: string[][] = items.map(() => [])
  const take = (ids: readonly string[], among: readonly Discountable[]): void => {
    for (const discount of termsOfDiscounts(account, ids, currency, at)) {
      for (const [i, amount] of discountLines(discount, among, nets).entries()) {
        if (amount === null) continue
        nets[i] = (nets[i] ?? 0) - amount
        taken[i]?.push(discount.id)
      }
    }
  }
  for (const [i, item] of items.entries()) {
    take(
      item.discounts,
      lines.map((line, j) => ({ ...line, discountable: i === j })),
    )
  }
  take(discountsOf(account, subscription), lines)
  return nets.map((amount, i) => ({ amount, discounts: taken[i] ?? [] }))
}

/**
 * What is given back of an item whose time is not used up. Flexible billing credits each debit, classic billing the price as it is.
 * https://docs.stripe.com/billing/subscriptions/prorations#credit-prorations
 */
export function creditItems(account: Account, subscription: Subscription, item: Item, at: number): InvoiceItem[] {
  if (isMetered(item)) return []
  if (subscription.billing_mode.type === 'flexible') {
    return creditsFor(debitsOf(account, subscription, item), at).map(({ amount, period, debit }) => {
      const { source } = debit
      const price = account.find('price', source.price) ?? item.price
      return prorationItem(account, subscription, item, {
        ...source,
        kind: 'Unused',
        price,
        amount,
        period,
        at,
        source,
      })
    })
  }
  const nets = netsOf(account, subscription, subscription.items.data, at)
  const net = nets[subscription.items.data.findIndex((each) => each.id === item.id)] ?? { amount: 0, discounts: [] }
  if (periodOf(item).end <= at) return []
  const amount = prorate(-net.amount, wholePeriod(subscription, item, at), at)
  const period = { start: at, end: item.current_period_end }
  const { price, quantity = 1 } = item
  return [prorationItem(account, subscription, item, { ...net, kind: 'Unused', price, quantity, amount, period, at })]
}

/** What the rest of a period costs with an item as it is after a change. */
export function debitItem(account: Account, after: Subscription, item: Item, at: number): InvoiceItem[] {
  const period = periodOf(item)
  if (isMetered(item) || period.end <= at) return []
  const nets = netsOf(account, after, after.items.data, at)
  const net = nets[after.items.data.findIndex((each) => each.id === item.id)] ?? { amount: 0, discounts: [] }
  const amount = prorate(net.amount, wholePeriod(after, item, at), at)
  const { price, quantity = 1 } = item
  const left = { start: at, end: period.end }
  return [prorationItem(account, after, item, { ...net, kind: 'Remaining', price, quantity, amount, period: left, at })]
}

/** The whole period by which a proration is reckoned: the item's own is shorter when it was added on the way. */
const wholePeriod = (subscription: Subscription, item: Item, at: number): Period =>
  periodAt(anchorOf(subscription), item.price, at)

type Proration = {
  kind: 'Unused' | 'Remaining'
  price: Price
  quantity: number
  amount: number
  period: Period
  at: number
  discounts: string[]
  source?: DebitSource
}

/** The invoice item of a proration, kept nowhere yet. Its amount has its discounts in it. */
function prorationItem(account: Account, subscription: Subscription, item: Item, proration: Proration): InvoiceItem {
  const { kind, price, quantity, amount, period, at, discounts, source } = proration
  const coupons = termsOfDiscounts(account, discounts, subscription.currency, at).map(({ coupon }) => coupon)
  return {
    id: account.newId('ii'),
    object: 'invoiceitem',
    amount,
    currency: subscription.currency,
    customer: subscription.customer,
    customer_account: null,
    date: account.now,
    description: describeProration({
      kind,
      product: productOf(account, price),
      quantity,
      discounts: coupons,
      currency: subscription.currency,
      time: at,
    }),
    discountable: false,
    discounts,
    invoice: null,
    livemode: false,
    metadata: {},
    net_amount: amount,
    parent: {
      subscription_details: { subscription: subscription.id, subscription_item: item.id },
      type: 'subscription_details',
    },
    period,
    pricing: {
      price_details: { price: price.id, product: price.product },
      type: 'price_details',
      unit_amount_decimal: null,
    },
    proration: true,
    proration_details: {
      credited_items: source ? creditedOf(source) : null,
      discount_amounts: discounts.map((discount) => ({ amount: 0, discount })),
    },
    quantity,
    quantity_decimal: String(quantity),
    tax_rates: item.tax_rates,
    test_clock: subscription.test_clock,
  }
}

function creditedOf({ invoice, lines, invoiceItem }: DebitSource) {
  if (invoiceItem !== null) return { invoice_item: invoiceItem, type: 'invoice_item' as const }
  return {
    invoice_line_item_details: { invoice: invoice ?? '', invoice_line_items: lines },
    type: 'invoice_line_items' as const,
  }
}

/** Keeps invoice items and tells of them. */
export function addInvoiceItems(account: Account, items: readonly InvoiceItem[]): void {
  for (const item of items) account.emit('invoiceitem.created', account.insert('invoiceitem', item))
}
