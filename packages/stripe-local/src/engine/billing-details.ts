import type Stripe from 'stripe'
import { invalidRequest } from '../protocol/errors.ts'
import type { Stored } from '../wire.ts'

type BillingDetails = Stored<Stripe.PaymentMethod.BillingDetails>
type Given = Stripe.PaymentMethodCreateParams.BillingDetails
type Shipping = Stored<Stripe.Charge.Shipping>

const noAddress: Stripe.Address = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
}

export const noBillingDetails: BillingDetails = {
  address: noAddress,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
}

/** An address with all six fields, the named ones changed; an empty value clears one. */
export function addressOf(
  given: Stripe.Emptyable<Stripe.AddressParam> | undefined,
  before: Stripe.Address = noAddress,
): Stripe.Address {
  if (!given) return given === undefined ? before : noAddress
  const named = Object.entries(given).map(([field, value]) => [field, value || null])
  return { ...before, ...Object.fromEntries(named) }
}

/** Billing details after a change: what is not named stays, an empty value clears. */
export function billingDetailsOf(given: Given | undefined, before: BillingDetails = noBillingDetails): BillingDetails {
  if (!given) return before
  if (given.email && !/^[^\s@]+@[^\s@]+$/.test(given.email)) {
    throw invalidRequest(`Invalid email address: ${given.email}`, 'billing_details[email]', 'email_invalid')
  }
  const changed = (value: string | null | undefined, old: string | null) => (value === undefined ? old : value || null)
  return {
    address: addressOf(given.address, before.address ?? noAddress),
    email: changed(given.email, before.email),
    name: changed(given.name, before.name),
    phone: changed(given.phone, before.phone),
    tax_id: changed(given.tax_id, before.tax_id),
  }
}

/** `shipping` of a payment intent and of its charge. */
export const shippingOf = (given: Stripe.Emptyable<Stripe.PaymentIntentCreateParams.Shipping>): Shipping | null =>
  given
    ? {
        address: addressOf(given.address),
        carrier: given.carrier ?? null,
        name: given.name,
        phone: given.phone ?? null,
        tracking_number: given.tracking_number ?? null,
      }
    : null
