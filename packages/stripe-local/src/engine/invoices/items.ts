import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, missingParameter } from '../../protocol/errors.ts'
import { currencyOf } from '../../protocol/values.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { createPrice } from '../../resources/prices.ts'
import { amountFor, amountOf, termsIn } from '../pricing.ts'
import { redeemAll } from '../redeem.ts'
import { taxRatesOf } from '../subscriptions/items.ts'
import { type InvoiceItem, productOf } from './lines.ts'

/** What an invoice item, or a line that is added to an invoice, may say. */
export type ItemFields = Pick<
  Stripe.InvoiceItemCreateParams,
  | 'amount'
  | 'description'
  | 'discountable'
  | 'discounts'
  | 'metadata'
  | 'period'
  | 'pricing'
  | 'quantity'
  | 'quantity_decimal'
  | 'tax_rates'
  | 'unit_amount_decimal'
> & { price_data?: Stripe.InvoiceAddLinesParams.Line.PriceData | Stripe.InvoiceItemCreateParams.PriceData }

type Place = {
  customer: string
  currency: string
  invoice?: string | null
  subscription?: string | undefined
  test_clock: string | null
}

/** A one-off item for an invoice, kept nowhere yet. Errors: neither an amount nor a price, a recurring price, another currency. */
export function newInvoiceItem(account: Account, params: ItemFields, place: Place, where = ''): InvoiceItem {
  const id = account.newId('ii')
  const priced = pricingOf(account, params, place.currency, where)
  const owner = { customer: place.customer, invoice_item: id }
  return {
    id,
    object: 'invoiceitem',
    amount: priced.amount,
    currency: place.currency,
    customer: place.customer,
    customer_account: null,
    date: account.now,
    description: params.description ?? priced.description,
    discountable: params.discountable ?? priced.amount >= 0,
    discounts: redeemAll(account, params.discounts, owner, place.currency, `${where}discounts`),
    invoice: place.invoice ?? null,
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    parent: place.subscription
      ? { subscription_details: { subscription: place.subscription }, type: 'subscription_details' }
      : null,
    period: params.period ?? { start: account.now, end: account.now },
    pricing: priced.pricing,
    proration: false,
    quantity: priced.quantity,
    quantity_decimal: String(params.quantity_decimal ?? priced.quantity),
    tax_rates: taxRatesOf(account, params.tax_rates, `${where}tax_rates`),
    test_clock: place.test_clock,
  }
}

/** The amount of an item: given outright, by the unit, or out of a one-time price. */
export function pricingOf(
  account: Account,
  params: ItemFields,
  currency: string,
  where = '',
): Pick<InvoiceItem, 'amount' | 'description' | 'pricing' | 'quantity'> {
  if (params.amount !== undefined && params.quantity !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: amount, quantity.', `${where}amount`)
  }
  const quantity = params.quantity ?? Math.trunc(Number(params.quantity_decimal ?? 1))
  const price = priceOf(account, params, where)
  if (price) {
    const terms = termsIn(price, currency)
    if (!terms) {
      throw invalidRequest(
        `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
        `${where}pricing[price]`,
      )
    }
    return {
      amount: amountFor(terms, quantity),
      description: productOf(account, price).name,
      pricing: {
        price_details: { price: price.id, product: price.product },
        type: 'price_details',
        unit_amount_decimal: terms.unit_amount_decimal,
      },
      quantity,
    }
  }
  const unit = params.unit_amount_decimal === undefined ? undefined : String(params.unit_amount_decimal)
  const amount = params.amount ?? (unit === undefined ? undefined : amountOf(unit, quantity))
  if (amount === undefined) throw missingParameter(`${where}amount`)
  return {
    amount,
    description: null,
    pricing: { type: 'price_details', unit_amount_decimal: unit ?? String(amount) },
    quantity: params.amount === undefined ? quantity : 1,
  }
}

function priceOf(account: Account, params: ItemFields, where: string) {
  if (params.price_data) {
    const data = params.price_data
    const { price, announce } = createPrice(account, {
      ...data,
      currency: currencyOf(data.currency, `${where}price_data[currency]`),
      active: false,
    } as Parameters<typeof createPrice>[1])
    announce()
    return price
  }
  if (!params.pricing?.price) return undefined
  const price = account.get('price', params.pricing.price, `${where}pricing[price]`)
  if (price.type === 'one_time') return price
  throw invalidRequest(
    'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
    `${where}pricing[price]`,
  )
}
