import type { Account } from '../account.ts'
import { couponOf } from '../engine/redeem.ts'
import type { Kinds } from '../kinds.ts'
import { apiVersion } from '../version.ts'
import {
  ofCharge,
  ofCreditNote,
  ofCreditNoteLine,
  ofInvoice,
  ofInvoiceItem,
  ofLine,
  ofPaymentIntent,
} from './older-invoices.ts'
import { includes } from './render.ts'

type Json = Record<string, unknown>
/** The fields of an object that it had before a change and has no more, or has by another value. */
type OlderFields = (object: never, account: Account) => object

type Change = {
  /** The version of the API that made the change. */
  before: string
  /** Stripe's page about it, under https://docs.stripe.com/changelog. */
  page: string
  /** What the objects of each kind looked like before. */
  shapes: Record<string, OlderFields>
}

const oldUiModes: Record<string, string> = { hosted_page: 'hosted', embedded_page: 'embedded', elements: 'custom' }
const counted = (list: { data: unknown[] }) => ({ ...list, total_count: list.data.length })

/**
 * What was taken away or renamed, the newest first, as Stripe keeps it: an answer is made in today's shape and goes back from change to change
 * until it has the shape of the version that was asked for (https://stripe.com/blog/api-versioning).
 *
 * What came later than that version stays: Stripe adds fields to all versions.
 */
export const changes: readonly Change[] = [
  {
    // In no type of the SDK, and in every recording up to 2026-03-25.dahlia.
    before: '2026-09-30.endive',
    page: '',
    shapes: {
      subscription: ({ items }: Kinds['subscription']) => {
        const [only, ...others] = items.data
        const isOne = only !== undefined && others.length === 0
        return {
          items: counted(items),
          plan: isOne ? only.plan : null,
          quantity: isOne ? (only.quantity ?? null) : null,
        }
      },
      charge: ({ id, disputed }: Kinds['charge'], account) => ({
        destination: null,
        dispute: disputed ? (account.store.by('dispute', 'charge', id).at(-1)?.id ?? null) : null,
        order: null,
      }),
      invoice: ({ id, lines }: Kinds['invoice'], account) => ({
        lines: { ...lines, total_count: account.find('invoice', id)?.lines.data.length ?? lines.data.length },
      }),
    },
  },
  {
    before: '2026-03-25.dahlia',
    page: 'dahlia',
    shapes: {
      'checkout.session': ({ ui_mode }: Kinds['checkout.session']) => ({
        ui_mode: ui_mode && (oldUiModes[ui_mode] ?? ui_mode),
      }),
    },
  },
  {
    before: '2025-09-30.clover',
    page: 'clover/2025-09-30/add-discount-source-property',
    shapes: {
      discount: (discount: Kinds['discount'], account) => ({ coupon: couponOf(account, discount) ?? null }),
    },
  },
  {
    before: '2025-09-30.clover',
    page: 'clover/2025-09-30/polymorphic-coupon',
    shapes: {
      promotion_code: ({ promotion }: Kinds['promotion_code'], account) => ({
        coupon: account.find('coupon', promotion.coupon ?? '') ?? null,
      }),
    },
  },
  {
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/deprecate-subscription-current-period-start-and-end',
    shapes: {
      subscription: ({ items }: Kinds['subscription']) => ({
        current_period_start: Math.max(...items.data.map((item) => item.current_period_start)),
        current_period_end: Math.min(...items.data.map((item) => item.current_period_end)),
      }),
    },
  },
  {
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/deprecate-singular-coupon-promotion-code',
    shapes: {
      subscription: ({ discounts }: Kinds['subscription'], account) => ({ discount: firstOf(discounts, account) }),
      invoice: ({ discounts }: Kinds['invoice'], account) => ({ discount: firstOf(discounts, account) }),
    },
  },
  {
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices',
    shapes: { invoice: ofInvoice, payment_intent: ofPaymentIntent, charge: ofCharge, credit_note: ofCreditNote },
  },
  {
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/adds-new-parent-field-to-invoicing-objects',
    shapes: { line_item: ofLine, invoiceitem: ofInvoiceItem },
  },
  {
    before: '2025-03-31.basil',
    page: 'basil/2025-03-31/invoice-tax-configurations',
    shapes: { credit_note_line_item: ofCreditNoteLine },
  },
  {
    before: '2025-03-31.basil',
    page: 'basil',
    shapes: {
      'checkout.session': ({ collected_information: collected }: Kinds['checkout.session']) => ({
        shipping_details: collected?.shipping_details ?? null,
      }),
      plan: () => ({ aggregate_usage: null }),
      price: ({ recurring }: Kinds['price']) =>
        recurring ? { recurring: { ...recurring, aggregate_usage: null } } : {},
    },
  },
  {
    before: '2024-04-10',
    page: '2024-04-10',
    shapes: {
      product: ({ marketing_features }: Kinds['product']) => ({ features: marketing_features }),
      invoice: ({ rendering }: Kinds['invoice']) => ({
        rendering_options: rendering?.amount_tax_display ? { amount_tax_display: rendering.amount_tax_display } : null,
      }),
    },
  },
  {
    before: '2022-11-15',
    page: '2022-11-15/removes-charges-attribute-paymentintent',
    shapes: {
      payment_intent: ({ id }: Kinds['payment_intent'], account) => {
        const charges = account.store.by('charge', 'payment_intent', id).toReversed()
        return { charges: listOf(charges, `/v1/charges?payment_intent=${id}`) }
      },
    },
  },
  {
    before: '2022-11-15',
    page: '2022-11-15/deprecates-charges-auto-expand',
    shapes: {
      charge: ({ id }: Kinds['charge'], account) => ({
        refunds: listOf(account.store.by('refund', 'charge', id).toReversed(), `/v1/charges/${id}/refunds`),
      }),
    },
  },
  {
    before: '2022-08-01',
    page: '2022-08-01',
    shapes: {
      'checkout.session': ({ collected_information: collected, shipping_cost }: Kinds['checkout.session']) => ({
        shipping: collected?.shipping_details ?? null,
        shipping_rate: shipping_cost?.shipping_rate ?? null,
      }),
    },
  },
  {
    before: '2020-08-27',
    page: '2020-08-27',
    shapes: {
      customer: (customer: Kinds['customer'], account) =>
        Object.fromEntries(
          ['sources', 'subscriptions', 'tax_ids'].map((name) => [
            name,
            includes.get('customer')?.get(name)?.(customer as never, account),
          ]),
        ),
      subscription: () => ({ tax_percent: null }),
      invoice: () => ({ tax_percent: null }),
    },
  },
]

const listOf = (data: unknown[], url: string) => ({
  object: 'list',
  data: data.slice(0, 10),
  has_more: data.length > 10,
  total_count: data.length,
  url,
})

const firstOf = (discounts: readonly unknown[], account: Account): unknown =>
  account.find('discount', String(discounts[0])) ?? null

const unchanged = <T>(answer: T): T => answer

/**
 * How answers look to a version of the API: today's as they are, an older one with the fields that it had.
 *
 * An event is left as it is: its data has the version that it was made in, whatever version asks.
 *
 * @example
 * const shown = shapeOf('2024-06-20', account)
 * shown(subscription) // { …, current_period_end: 1764547200 }
 */
export function shapeOf(version: string, account: Account): <T>(answer: T) => T {
  if (version >= apiVersion) return unchanged
  const since = changes.filter(({ before }) => version < before)
  const older = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(older)
    if (typeof value !== 'object' || value === null) return value
    const object = value as Json
    if (object.object === 'event') return object
    const shown = 'deleted' in object && object.object !== 'discount' ? object : before(object)
    return Object.fromEntries(
      Object.entries(shown).map(([name, field]) => [name, name === 'metadata' ? field : older(field)]),
    )
  }
  /** Each change sees what the newer ones have left. */
  const before = (object: Json): Json => {
    let shown = object
    for (const { shapes } of since) {
      const shape = Object.hasOwn(shapes, String(object.object)) ? shapes[String(object.object)] : undefined
      if (shape) shown = { ...shown, ...shape(shown as never, account) }
    }
    return shown
  }
  return (answer) => older(answer) as typeof answer
}
