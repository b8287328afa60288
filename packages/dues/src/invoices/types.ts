/** An invoice of an owner. Amounts in minor units of `currency`. */
export type Invoice = {
  readonly id: string
  /** What stands on the paper; null for a draft. */
  readonly number: string | null
  /** Stripe's word: `draft`, `open`, `paid`, `uncollectible`, `void`. */
  readonly status: string | null
  readonly created: Date
  readonly currency: string
  readonly total: number
  readonly amountPaid: number
  /** What is still to be paid. */
  readonly amountRemaining: number
  /**
   * Stripe's page for it, where it can be read and paid. Stripe ends such a link after a while: for a page that somebody keeps,
   * link to `/billing/invoice?id=…`, which finds the one that is good now.
   */
  readonly url: string | null
}

/** One line of an invoice. `amount` is negative for what is given back. */
export type InvoiceLine = {
  readonly description: string
  readonly amount: number
  readonly quantity: number | null
  readonly period: { readonly start: Date; readonly end: Date }
}

/** An invoice with everything that stands on it, as Stripe has it now. */
export type InvoiceDetail = Invoice & {
  readonly subtotal: number
  readonly discount: number
  readonly tax: number
  /** What was taken from credit that the owner had, 0 or more. */
  readonly fromBalance: number
  /** What was too little to charge by itself and stands on the next invoice, 0 or more. */
  readonly carriedOver: number
  /** What went back to the card, by refunds that have not failed. */
  readonly refunded: number
  readonly lines: readonly InvoiceLine[]
  readonly pdfUrl: string | null
  /** The receipt of its payment; null while there is none. */
  readonly receiptUrl: string | null
  readonly dueAt: Date | null
  /** When Stripe tries the card again; null when it does not. */
  readonly nextAttemptAt: Date | null
}

/** The next invoice, if nothing changes. */
export type UpcomingInvoice = {
  readonly currency: string
  readonly subtotal: number
  readonly discount: number
  readonly tax: number
  readonly total: number
  /** What the card will be charged, after the owner's credit. */
  readonly amountDue: number
  readonly lines: readonly InvoiceLine[]
  readonly at: Date
}

/** What an owner has with the app beside invoices: one of the two is 0. Minor units. */
export type Balance = {
  /** Null while nothing has been sold to this owner. */
  readonly currency: string | null
  /** Taken off the next invoices. */
  readonly credit: number
  /** Put onto the next invoice. */
  readonly owed: number
}

export type InvoicePage = { readonly data: Invoice[]; readonly hasMore: boolean }

export type RefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer'

/** What goes back with the end of a membership; see `dues.subscriptions.cancel`. */
export type EndRefundWish = 'unused' | 'period' | number

export type RefundOptions = {
  /** Minor units; all that is left unless told. */
  readonly amount?: number
  readonly reason?: RefundReason
  /**
   * Names this refund: with the same key nothing is paid back twice, today or next year. Unless told it is the amount: the second of two
   * clicks pays nothing, and a second refund of the same amount a minute later is refused (`already_refunded`) until it has a key of its own.
   */
  readonly key?: string
}

/** What went back. Minor units. */
export type Refunded = {
  readonly amount: number
  readonly currency: string
  /** One for each payment that the money came from. */
  readonly refunds: readonly { readonly id: string; readonly amount: number; readonly status: string | null }[]
}

export type CreditNoteOptions = {
  /** Minor units, tax included. */
  readonly amount: number
  /**
   * Where the money of a paid invoice goes: back to the card (`refund`), off the next invoices (`balance`), or `outside`, when it was given back
   * some other way. An open invoice is lowered and needs none.
   */
  readonly to?: 'refund' | 'balance' | 'outside'
  readonly reason?: 'duplicate' | 'fraudulent' | 'order_change' | 'product_unsatisfactory'
  /** What stands on the paper. */
  readonly memo?: string
  /** As with a refund. */
  readonly key?: string
}

export type CreditNote = {
  readonly id: string
  readonly number: string
  readonly amount: number
  readonly currency: string
  readonly pdfUrl: string
}

/** `dues.invoices` */
export interface InvoicesFacade {
  /**
   * An owner's invoices as the mirror has them, the newest first, a page at a time; drafts are left out, for they may still change.
   *
   * Errors: `bad_request` (a limit that is none).
   *
   * @param options.limit 12 unless told, 100 at most
   * @param options.after the id of the last one of the page before
   * @see https://docs.stripe.com/api/invoices/object
   * @example
   * const { data, hasMore } = await dues.invoices.list(user.id, { after: lastSeen })
   */
  list(owner: string, options?: { readonly limit?: number; readonly after?: string }): Promise<InvoicePage>
  /**
   * One invoice of an owner, whole: lines, tax, PDF and page, as Stripe has it now.
   *
   * Errors: `not_found` (also for somebody else's), `stripe_unavailable`.
   */
  get(owner: string, invoice: string): Promise<InvoiceDetail>
  /**
   * What will be charged next; null when nothing will be.
   *
   * Errors: `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/invoices/create_preview
   */
  upcoming(owner: string): Promise<UpcomingInvoice | null>
  /**
   * Tries to collect an open invoice now, with the default payment method: after a card was changed, instead of waiting for Stripe's next try.
   * The newest open one unless told which. Of two clicks the second finds it paid, and that is no refusal.
   *
   * Errors: `nothing_to_pay`, `invoice_not_open` (void or a draft), `not_found`, `payment_failed` and `action_required` with
   * `details.payUrl`, `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/invoices/pay
   */
  pay(owner: string, invoice?: string): Promise<Invoice>
  /**
   * The newest invoice of a live membership that is not paid, with a link that is good now; null when nothing is owed. For a banner, and for
   * a payment that the bank wants confirmed (3D Secure).
   *
   * Errors: `stripe_unavailable`.
   */
  open(owner: string): Promise<Invoice | null>
  /** What an owner has as credit, or owes. Errors: `stripe_unavailable`. @see https://docs.stripe.com/billing/customer/balance */
  balance(owner: string): Promise<Balance>
  /**
   * Makes an open invoice one that cannot be paid. For the app's staff. Twice is once.
   *
   * Errors: `not_found`, `invoice_not_open` (paid, or a draft), `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/invoices/void
   */
  void(invoice: string): Promise<Invoice>
  /**
   * Pays money back to the card: all that is left, or a part. For the app's staff. The membership goes on; end it by
   * `dues.subscriptions.cancel`. The transition `refunded` tells of it.
   *
   * A double click, a second process and an answer that was lost on its way all refund once: see `key`.
   *
   * Errors: `not_found`, `nothing_to_refund`, `refund_too_large` (`details.left`), `already_refunded`, `bad_request`, `stripe_unavailable`, `stripe_refused`.
   *
   * @see https://docs.stripe.com/refunds
   * @example
   * await dues.invoices.refund('in_123', { amount: 500, reason: 'requested_by_customer', key: form.key })
   */
  refund(invoice: string, options?: RefundOptions): Promise<Refunded>
  /**
   * Writes a credit note: lowers an open invoice, or gives back what was paid, with a paper for the books. For the app's staff. Once for each `key`.
   *
   * Errors: `not_found`, `bad_request`, `stripe_unavailable`, `stripe_refused` (more than the invoice has).
   *
   * @see https://docs.stripe.com/invoicing/dashboard/credit-notes
   */
  creditNote(invoice: string, options: CreditNoteOptions): Promise<CreditNote>
}
