import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { CheckoutItem, Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { noMoreThan } from '../protocol/values.ts'
import { refreshTotals } from './amounts.ts'
import { checkPrices, itemOf, priceOf } from './items.ts'
import type { Mode } from './rules.ts'

type Session = Kinds['checkout.session']

/**
 * What a customer may add to the order on the page, as line items that are not bought yet.
 *
 * https://docs.stripe.com/payments/checkout/optional-items
 *
 * @param bought the line items that are bought in any case: what is added must go with them
 */
export function offersOf(
  account: Account,
  params: Stripe.Checkout.SessionCreateParams['optional_items'],
  mode: Mode,
  currency: string,
  bought: readonly CheckoutItem[],
): CheckoutItem[] {
  if (!params) return []
  const offers = noMoreThan(10, params, 'optional_items').map((item, index) => {
    const param = `optional_items[${index}]`
    return itemOf(account, item, priceOf(account, item, param), param)
  })
  const all = [...bought, ...offers].map(({ price }) => account.get('price', price))
  checkPrices(all, mode, currency, (index) =>
    index < bought.length ? `line_items[${index}]` : `optional_items[${index - bought.length}]`,
  )
  return offers
}

/** What the session shows of an offer. */
export const shownOffer = ({
  adjustable_quantity,
  price,
  quantity,
}: CheckoutItem): NonNullable<Session['optional_items']>[number] => ({
  adjustable_quantity: adjustable_quantity && {
    enabled: true,
    maximum: adjustable_quantity.maximum,
    minimum: adjustable_quantity.minimum,
  },
  price,
  quantity: quantity ?? 1,
})

/** Puts an offer on the order. Throws an ApiError (400) for something that the session does not offer. */
export function addOffer(account: Account, id: string, offer: string): Session {
  const { items, offers = [] } = account.get('local.checkout', id)
  const wanted = offers.find((item) => item.id === offer)
  if (!wanted) throw invalidRequest('This is not offered here.', 'item')
  if (!items.some((item) => item.id === offer)) account.update('local.checkout', id, { items: [...items, wanted] })
  return refreshTotals(account, id)
}

/** Takes an offer off the order again: it always can be, whatever its minimum is. */
export function removeOffer(account: Account, id: string, offer: string): Session {
  const { items, offers = [] } = account.get('local.checkout', id)
  if (!offers.some((item) => item.id === offer)) throw invalidRequest('This cannot be taken off.', 'item')
  account.update('local.checkout', id, { items: items.filter((item) => item.id !== offer) })
  return refreshTotals(account, id)
}
