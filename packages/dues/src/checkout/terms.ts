import type Stripe from 'stripe'
import type { Offer } from '../catalogue/catalogue.ts'
import type { QuantityConfig } from '../catalogue/plans.ts'
import { currencySold, unitsWanted } from '../catalogue/sold.ts'
import { type AddOnWish, wantedAddOns } from '../catalogue/wanted-add-ons.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import { localeOf } from './locales.ts'
import type { CheckoutOptions } from './types.ts'

type Line = Pick<Stripe.Checkout.SessionCreateParams.LineItem, 'quantity' | 'adjustable_quantity'>

/** The part of a session's request that the options of a Checkout make, checked against the catalogue and Stripe's codes. */
export type CheckoutTerms = Pick<
  Stripe.Checkout.SessionCreateParams,
  | 'allow_promotion_codes'
  | 'automatic_tax'
  | 'billing_address_collection'
  | 'currency'
  | 'customer_update'
  | 'discounts'
  | 'locale'
  | 'metadata'
  | 'tax_id_collection'
> & {
  readonly line: Line
  /** What is bought beside the plan. */
  readonly addOns: readonly (Line & { readonly price: string })[]
  /** Whether a trial is given to somebody who is due one. */
  readonly trial: boolean
}

/** Works the options out. Nothing is asked of Stripe but what a promotion code is. */
export async function checkoutTerms(
  context: Context,
  offer: Offer,
  { quantity, addOns, promotionCode, coupon, currency, metadata = {}, trial = true, ...given }: CheckoutOptions,
): Promise<CheckoutTerms> {
  const { askPromotionCode = true, taxIds = false, automaticTax = false, locale } = { ...context.checkout, ...given }
  if (promotionCode && coupon)
    throw new DuesError('bad_request', 'Give a promotion code or a coupon: Checkout takes one discount.')
  refuseOwnMetadata(metadata)
  const discount = coupon
    ? { coupon }
    : promotionCode
      ? { promotion_code: await promotionCodeId(context, promotionCode) }
      : null
  return {
    line: lineOf(context, offer, quantity),
    addOns: addOnLines(context, offer, addOns),
    trial,
    metadata,
    ...(currency !== undefined && { currency: currencySold(offer, currency) }),
    ...(discount ? { discounts: [discount] } : askPromotionCode && { allow_promotion_codes: true }),
    ...(locale && { locale: localeOf(locale) }),
    ...(taxIds && { tax_id_collection: { enabled: true } }),
    ...(automaticTax && { automatic_tax: { enabled: true } }),
    // What is entered for the sake of taxes belongs to the customer, or the next invoice would lack it.
    ...((taxIds || automaticTax) && { customer_update: { name: 'auto', address: 'auto' } }),
    ...(automaticTax && { billing_address_collection: 'required' as const }),
  }
}

function addOnLines({ catalogue }: Context, offer: Offer, wish: AddOnWish | undefined): CheckoutTerms['addOns'] {
  return wantedAddOns(catalogue, offer, wish).map(({ offer: beside, quantity }) => ({
    price: catalogue.priceId(beside),
    ...(quantity !== null && { quantity, ...adjustable(catalogue.addOns[beside.addOn]?.quantity) }),
  }))
}

function lineOf({ catalogue }: Context, offer: Offer, wanted: number | undefined): CheckoutTerms['line'] {
  const count = unitsWanted(catalogue, offer, wanted)
  return count === null ? {} : { quantity: count, ...adjustable(catalogue.plans[offer.plan]?.quantity) }
}

/** Whether, and within which bounds, the number can be changed on the page of the Checkout. */
function adjustable({ adjustable, min = 1, max = Infinity }: QuantityConfig = {}): Pick<Line, 'adjustable_quantity'> {
  const bounds = { minimum: min, ...(Number.isFinite(max) && { maximum: max }) }
  return adjustable ? { adjustable_quantity: { enabled: true, ...bounds } } : {}
}

/** People type a code; Stripe wants its id. One that has run out is no code any more. */
async function promotionCodeId({ stripe, now }: Context, code: string): Promise<string> {
  const { data } = await callStripe(() => stripe.promotionCodes.list({ code, active: true, limit: 1 }))
  const [found] = data
  if (found && (found.expires_at === null || found.expires_at > now())) return found.id
  throw new DuesError('discount_invalid', `There is no promotion code "${code.slice(0, 40)}" that is good now.`)
}

function refuseOwnMetadata(metadata: Readonly<Record<string, string>>): void {
  const own = Object.keys(metadata).find((name) => name.startsWith('dues_'))
  if (own) throw new DuesError('bad_request', `metadata.${own}: names that begin with dues_ are Dues' own.`)
}
