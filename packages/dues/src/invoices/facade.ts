import type { Context } from '../context.ts'
import type { MirroredInvoice } from '../mirror/types.ts'

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
  /** Stripe's page for it, where it can be read and paid. */
  readonly url: string | null
}

/** `dues.invoices` */
export interface InvoicesFacade {
  /**
   * An owner's invoices as the mirror has them, the newest first; drafts are left out, for they may still change.
   *
   * @see https://docs.stripe.com/api/invoices/object
   */
  list(owner: string): Promise<Invoice[]>
}

export function invoicesFacade({ mirror }: Context): InvoicesFacade {
  return {
    async list(owner) {
      const customer = await mirror.customerOf(owner)
      if (!customer) return []
      const invoices = await mirror.invoicesOf(customer.id)
      return invoices.filter(({ status }) => status !== 'draft').map(toInvoice)
    },
  }
}

const toInvoice = (mirrored: MirroredInvoice): Invoice => ({
  id: mirrored.id,
  number: mirrored.number,
  status: mirrored.status,
  created: new Date(mirrored.created * 1000),
  currency: mirrored.currency,
  total: mirrored.total,
  amountPaid: mirrored.amountPaid,
  amountRemaining: mirrored.amountRemaining,
  url: mirrored.hostedInvoiceUrl,
})
