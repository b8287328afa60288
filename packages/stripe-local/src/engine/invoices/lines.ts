import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import type { Stored } from '../../wire.ts'
import { formatDate, type Period } from '../calendar.ts'
import { describeCharge, describeClassicTrial, describeTrial, type Named } from '../descriptions.ts'
import { type Charge, chargesBeyond, termsIn } from '../pricing.ts'
import { prorate } from '../proration.ts'
import { type Item, isMetered, type Price, periodOf, rhythmOf, type Subscription } from '../subscriptions/items.ts'

export type Line = Stored<Stripe.InvoiceLineItem>
export type InvoiceItem = Kinds['invoiceitem']

/** The product of a price, as far as texts need it. A product that is gone is called by its id. */
export const productOf = (account: Account, price: Price): Named => {
  const product = account.find('product', price.product)
  return product && 'name' in product ? product : { name: price.product }
}

/** A line before its discounts and taxes, which `withTotals` computes. */
const blankLine = (account: Account, invoice: string): Omit<Line, 'amount' | 'currency' | 'parent' | 'period'> => ({
  id: account.newId('il'),
  object: 'line_item',
  description: null,
  discount_amounts: [],
  discountable: true,
  discounts: [],
  invoice,
  livemode: false,
  metadata: {},
  pretax_credit_amounts: [],
  pricing: null,
  quantity: null,
  quantity_decimal: null,
  subscription: null,
  subtotal: 0,
  taxes: [],
})

const pricingOf = (price: Price, unitAmount: string | null): Line['pricing'] => ({
  price_details: { price: price.id, product: price.product },
  type: 'price_details',
  unit_amount_decimal: unitAmount,
})

const subscriptionParent = (
  subscription: Subscription,
  item: Item,
  proration: boolean,
): NonNullable<Line['parent']> => ({
  invoice_item_details: null,
  subscription_item_details: {
    invoice_item: null,
    proration,
    proration_details: { credited_items: null },
    subscription: subscription.id,
    subscription_item: item.id,
  },
  type: 'subscription_item_details',
})

/** A span that is charged in part, and which parts of which periods it covers. */
export type Stub = Period & { parts: { whole: Period; from: number; until: number }[] }

/** What a line of a subscription is for. */
export type Billed = {
  /** The period that is charged; the item's own when absent. */
  period?: Period
  /** Charge only what is left of the period at this time. */
  from?: number
  /** Charge a span that is no whole period: a first one that is cut short. */
  stub?: Stub
  /** Nothing is charged: the period is a trial. */
  trial?: boolean
  /** How many units were used, of a metered price, and how many of them were billed before. */
  usage?: { units: number; billed: number }
}

/** The lines of one subscription item for a period: one, or one per tier and flat fee. */
export function linesOfItem(
  account: Account,
  invoice: string,
  subscription: Subscription,
  item: Item,
  billed: Billed = {},
): Line[] {
  const { period = periodOf(item), from, trial = false } = billed
  const { currency } = subscription
  const product = productOf(account, item.price)
  const line = (charge: Omit<Charge, 'tier' | 'flat'>, description: string, proration = false): Line => ({
    ...blankLine(account, invoice),
    amount: charge.amount,
    currency,
    description,
    discountable: !proration,
    discounts: proration ? [] : item.discounts,
    metadata: subscription.metadata,
    parent: subscriptionParent(subscription, item, proration),
    period: spanOf(billed, period),
    pricing: pricingOf(item.price, proration ? null : charge.unitAmount),
    quantity: charge.quantity,
    quantity_decimal: String(charge.quantity),
    subscription: subscription.id,
    subtotal: charge.amount,
  })
  if (trial) {
    const quantity = isMetered(item) ? undefined : (item.quantity ?? 1)
    const describe = subscription.billing_mode.type === 'classic' ? describeClassicTrial : describeTrial
    return [line({ amount: 0, quantity: quantity ?? 0, unitAmount: '0' }, describe(product, quantity))]
  }
  const { units, billed: before } = billed.usage ?? { units: item.quantity ?? 0, billed: 0 }
  const charges = chargesBeyond(termsIn(item.price, currency) ?? item.price, units, before)
  const stub = billed.stub ?? (from !== undefined && from > period.start ? restOf(period, from) : undefined)
  if (stub?.parts.some(({ whole, from, until }) => from > whole.start || until < whole.end)) {
    const total = charges.reduce((sum, charge) => sum + charge.amount, 0)
    const amount = stub.parts.reduce((sum, { whole, from, until }) => sum + prorate(total, whole, from, until), 0)
    const quantity = item.quantity ?? 0
    // In the pattern of "Remaining time on …", which was recorded; no recording has a first period that is cut short.
    const what = quantity === 1 ? product.name : `${quantity} × ${product.name}`
    const text = `Time on ${what} from ${formatDate(stub.start)} until ${formatDate(stub.end)}`
    return [line({ amount, quantity, unitAmount: '0' }, text, true)]
  }
  const divideBy = item.price.transform_quantity?.divide_by
  return charges.map((charge) =>
    line(charge, describeCharge(product, charge, currency, rhythmOf(item.price) as never, divideBy)),
  )
}

const restOf = (whole: Period, from: number): Stub => ({
  start: from,
  end: whole.end,
  parts: [{ whole, from, until: whole.end }],
})

const spanOf = ({ stub, from }: Billed, period: Period): Period =>
  stub
    ? { start: stub.start, end: stub.end }
    : { start: from === undefined ? period.start : Math.max(from, period.start), end: period.end }

/** The line that an invoice item becomes on an invoice. A proration is shown as the subscription item's. */
export function lineOfInvoiceItem(account: Account, invoice: string, item: InvoiceItem): Line {
  const { subscription, subscription_item } = item.parent?.subscription_details ?? {}
  const credited = item.proration_details?.credited_items?.invoice_line_item_details
  const common = {
    invoice_item: item.id,
    proration: item.proration,
    proration_details: { credited_items: credited ?? null },
    subscription: subscription ?? null,
  }
  return {
    ...blankLine(account, invoice),
    amount: item.amount,
    currency: item.currency,
    description: item.description,
    discount_amounts: item.proration_details?.discount_amounts ?? [],
    discountable: item.discountable,
    discounts: item.discounts ?? [],
    metadata: item.metadata ?? {},
    parent: subscription_item
      ? {
          invoice_item_details: null,
          subscription_item_details: { ...common, subscription_item },
          type: 'subscription_item_details',
        }
      : { invoice_item_details: common, subscription_item_details: null, type: 'invoice_item_details' },
    period: item.period,
    pricing: item.pricing as Line['pricing'],
    quantity: item.quantity,
    quantity_decimal: item.quantity_decimal,
    subscription: subscription ?? null,
    subtotal: item.amount,
  }
}

/** The invoice item behind a line, if there is one. */
export const invoiceItemOf = (line: Line): string | null =>
  line.parent?.invoice_item_details?.invoice_item ?? line.parent?.subscription_item_details?.invoice_item ?? null

/** Whether a line is a proration: its discounts are settled, and it is not discounted again. */
export const isProration = (line: Line): boolean =>
  line.parent?.invoice_item_details?.proration ?? line.parent?.subscription_item_details?.proration ?? false
