import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { noSuch } from '../protocol/errors.ts'
import { brandNames } from './cards.ts'

type PaymentMethod = Kinds['payment_method']

/**
 * Cards of the old kind, which are given as `source`, are payment methods whose id begins with `card_`: everything that pays takes them, and the
 * API shows them in either shape. https://docs.stripe.com/payments/payment-methods/transitioning
 */
export const isCardSource = (id: string): boolean => id.startsWith('card_')

/** A card of the old kind as the API shows it where it speaks of sources. */
export function cardShown({ id, card, billing_details, customer, metadata }: PaymentMethod): Stripe.Card {
  const { address, name } = billing_details
  return {
    id,
    object: 'card',
    address_city: address?.city ?? null,
    address_country: address?.country ?? null,
    address_line1: address?.line1 ?? null,
    address_line1_check: card?.checks?.address_line1_check ?? null,
    address_line2: address?.line2 ?? null,
    address_state: address?.state ?? null,
    address_zip: address?.postal_code ?? null,
    address_zip_check: card?.checks?.address_postal_code_check ?? null,
    brand: brandNames[card?.brand ?? ''] ?? 'Unknown',
    country: card?.country ?? null,
    customer,
    cvc_check: card?.checks?.cvc_check ?? null,
    dynamic_last4: null,
    exp_month: card?.exp_month ?? 0,
    exp_year: card?.exp_year ?? 0,
    fingerprint: card?.fingerprint ?? null,
    funding: card?.funding ?? 'unknown',
    last4: card?.last4 ?? '',
    metadata: metadata ?? {},
    name,
    regulated_status: 'unregulated',
    tokenization_method: null,
  }
}

/** The cards of the old kind that a customer has, the newest last. */
export const cardSourcesOf = (account: Account, customer: string): PaymentMethod[] =>
  account.store.by('payment_method', 'customer', customer).filter(({ id }) => isCardSource(id))

/**
 * A customer's card, or Stripe's "No such source".
 *
 * @param param where its id stood; `id` is the path, and a 404
 */
export function cardSource(account: Account, customer: string, id: string, param: string): PaymentMethod {
  const method = isCardSource(id) ? account.find('payment_method', id) : undefined
  if (method?.customer === customer) return method
  throw noSuch('source', id, param)
}

/** What an object's `default_source` is when it is expanded: the card itself. */
export function defaultSourceShown(
  { default_source }: { default_source: string | null },
  account: Account,
): Stripe.Card | null {
  const method = default_source ? account.find('payment_method', default_source) : undefined
  return method ? cardShown(method) : null
}
