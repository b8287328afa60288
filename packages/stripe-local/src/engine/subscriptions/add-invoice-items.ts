import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, missingParameter } from '../../protocol/errors.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { createPrice } from '../../resources/prices.ts'
import type { InvoiceItem } from '../invoices/lines.ts'
import { productOf } from '../invoices/lines.ts'
import { amountFor, termsIn } from '../pricing.ts'
import { redeemAll } from '../redeem.ts'
import { type Price, type Subscription, taxRatesOf } from './items.ts'
import { addInvoiceItems } from './prorations.ts'

type Param = Stripe.SubscriptionCreateParams.AddInvoiceItem

/** One-time prices that go onto a subscription's next invoice: `add_invoice_items`. */
export function addOneTimeItems(account: Account, subscription: Subscription, params: readonly Param[]): void {
  addInvoiceItems(
    account,
    params.map((param, i) => oneTimeItem(account, subscription, param, `add_invoice_items[${i}]`)),
  )
}

function oneTimeItem(account: Account, subscription: Subscription, param: Param, where: string): InvoiceItem {
  const price = oneTimePrice(account, param, where)
  const quantity = param.quantity ?? 1
  const terms = termsIn(price, subscription.currency)
  if (!terms) {
    throw invalidRequest(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`,
      `${where}[price]`,
    )
  }
  const amount = amountFor(terms, quantity)
  const id = account.newId('ii')
  const owner = { customer: subscription.customer, invoice_item: id }
  return {
    id,
    object: 'invoiceitem',
    amount,
    currency: subscription.currency,
    customer: subscription.customer,
    customer_account: null,
    date: account.now,
    description: productOf(account, price).name,
    discountable: param.discountable ?? amount >= 0,
    discounts: redeemAll(account, param.discounts, owner, subscription.currency, `${where}[discounts]`),
    invoice: null,
    livemode: false,
    metadata: mergeMetadata({}, param.metadata),
    parent: { subscription_details: { subscription: subscription.id }, type: 'subscription_details' },
    period: periodOfItem(account, subscription, param.period),
    pricing: {
      price_details: { price: price.id, product: price.product },
      type: 'price_details',
      unit_amount_decimal: terms.unit_amount_decimal,
    },
    proration: false,
    quantity,
    quantity_decimal: String(quantity),
    tax_rates: taxRatesOf(account, param.tax_rates, `${where}[tax_rates]`),
    test_clock: subscription.test_clock,
  }
}

function oneTimePrice(account: Account, param: Param, where: string): Price {
  if (param.price_data) {
    const { price, announce } = createPrice(account, { ...param.price_data, active: false })
    announce()
    return price
  }
  if (!param.price) throw missingParameter(`${where}[price]`)
  const price = account.get('price', param.price, `${where}[price]`)
  if (price.type === 'one_time') return price
  throw invalidRequest(
    'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
    `${where}[price]`,
  )
}

/** The period that such an item is for: that of the subscription's items, unless one is given. */
function periodOfItem(account: Account, { items }: Subscription, period: Param['period']): InvoiceItem['period'] {
  const starts = items.data.map((item) => item.current_period_start)
  const ends = items.data.map((item) => item.current_period_end)
  const start =
    period?.start.type === 'timestamp'
      ? (period.start.timestamp ?? account.now)
      : period?.start.type === 'now'
        ? account.now
        : Math.max(...starts)
  const end = period?.end.type === 'timestamp' ? (period.end.timestamp ?? start) : Math.min(...ends)
  return { start, end }
}
