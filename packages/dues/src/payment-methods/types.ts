/** A card, or another way to pay, that an owner has saved. */
export type PaymentMethod = {
  readonly id: string
  /** Stripe's word: `card`, `sepa_debit`, `link` … */
  readonly type: string
  /** As people call it: "Visa •••• 4242". */
  readonly label: string
  /** `visa`, `mastercard` …; null for what is no card. */
  readonly brand: string | null
  /** The last four digits; null where there are none. */
  readonly last4: string | null
  /** The last month in which a card can be charged, 1 to 12; null for what does not expire. */
  readonly expires: { readonly month: number; readonly year: number } | null
  readonly expired: boolean
  /** Renewals are charged to it. */
  readonly isDefault: boolean
}

/** A hosted page on which a card is saved. */
export type StartedSetup = { readonly sessionId: string; readonly url: string }

/** What came of adding a payment method. */
export type CompletedSetup = {
  /** The saved one, which is the default from now on; null while the page is not finished. */
  readonly paymentMethod: PaymentMethod | null
  /**
   * What became of a renewal that was not paid: it is tried again with the new card at once. Null when nothing was owed.
   * `action_required`: the bank wants to be asked, on the page at `payUrl`.
   */
  readonly payment: 'paid' | 'failed' | 'action_required' | null
  readonly payUrl: string | null
}

/** Somebody whose next renewal will find a card that has expired. */
export type ExpiringCard = {
  /** Null where nobody knows whose the customer is. */
  readonly owner: string | null
  readonly email: string | null
  readonly subscription: string
  readonly paymentMethod: PaymentMethod
  readonly renewsAt: Date
}

export type RemoveOptions = {
  /** Remove it though renewals are charged to it and there is no other. */
  readonly confirm?: boolean
}

/** `dues.paymentMethods` */
export interface PaymentMethodsFacade {
  /**
   * What an owner can pay with, the default first. Stripe is asked; somebody who never bought anything has none.
   *
   * Errors: `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/payment_methods/customer_list
   */
  list(owner: string): Promise<PaymentMethod[]>
  /**
   * Starts a hosted page on which a card is saved, a Checkout in setup mode. It becomes the default when it is done, and a renewal that is not
   * paid is tried again with it; both also if the owner never comes back from the page.
   *
   * Errors: `stripe_unavailable`, `settings_invalid` (no `baseUrl` and no `origin`).
   *
   * @see https://docs.stripe.com/payments/checkout/save-and-reuse
   * @example
   * const { url } = await dues.paymentMethods.add({ id: user.id, email: user.email })
   */
  add(
    owner: { readonly id: string; readonly email?: string | null; readonly name?: string | null },
    options?: { readonly origin?: string | undefined },
  ): Promise<StartedSetup>
  /**
   * What came of a page that somebody returns from. The id is in the address bar and proves nothing: the session must be this owner's.
   *
   * Errors: `not_found`, `not_your_session`, `stripe_unavailable`.
   */
  complete(owner: string, sessionId: string): Promise<CompletedSetup>
  /**
   * Charges renewals to this one from now on: of every live subscription, and those to come.
   *
   * Errors: `not_found` (not among this owner's), `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/payment-methods-setting
   */
  setDefault(owner: string, paymentMethod: string): Promise<PaymentMethod[]>
  /**
   * Forgets one. Where it was the default and there is another, that one takes its place. Removing it twice is removing it once.
   *
   * Errors: `last_payment_method` (a live subscription would have nothing to be charged to: pass `confirm` if that is wanted), `not_found`,
   * `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/payment_methods/detach
   */
  remove(owner: string, paymentMethod: string, options?: RemoveOptions): Promise<PaymentMethod[]>
  /**
   * Everybody whose card expires before the next renewal, or has expired: for a mail once a week. Goes through all subscriptions at Stripe, a
   * hundred a call.
   *
   * Errors: `stripe_unavailable`.
   *
   * @param options.within only renewals in so many days from now; 30 unless told
   * @example
   * for (const { email, paymentMethod, renewsAt } of await dues.paymentMethods.expiring())
   *   await mail(email, `${paymentMethod.label} expires before ${renewsAt.toDateString()}`)
   */
  expiring(options?: { readonly within?: number }): Promise<ExpiringCard[]>
}
