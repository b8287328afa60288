import type { CheckoutReservation } from '../store/checkouts.ts'

const prefix = 'come-back '

/** What is reserved where somebody comes back with a card that is known: a purchase as much as a Checkout is, and never beside one. */
export const comeBackIntent = (items: readonly { readonly price: string; readonly quantity?: number }[]): string =>
  prefix + items.map(({ price, quantity }) => `${price} ${quantity ?? ''}`.trim()).join(' ')

export const isComeBack = ({ intent }: Pick<CheckoutReservation, 'intent'>): boolean => intent.startsWith(prefix)

/** How long such a purchase may take; then whoever began it has died, and what it made at Stripe is looked at. Unix seconds. */
export const isAbandoned = ({ requestedAt }: CheckoutReservation, now: number): boolean => requestedAt < now - 60
