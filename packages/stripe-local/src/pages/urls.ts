import type { Account } from '../account.ts'

/**
 * Where the hosted pages are. Objects carry these addresses (`url`, `hosted_invoice_url`, `receipt_url`), so the pages and the resources
 * that make the objects take them from here alone.
 */

/** `checkout.session.url`: the hosted Checkout of a session. */
export const checkoutUrl = (account: Account, sessionId: string): string => `${account.pagesUrl}/c/pay/${sessionId}`

/** `billing_portal.session.url`. */
export const portalUrl = (account: Account, sessionId: string): string => `${account.pagesUrl}/p/session/${sessionId}`

/** `invoice.hosted_invoice_url`. */
export const hostedInvoiceUrl = (account: Account, invoiceId: string): string =>
  `${account.pagesUrl}/i/${account.id}/${invoiceId}`

/** `invoice.invoice_pdf`. */
export const invoicePdfUrl = (account: Account, invoiceId: string): string =>
  `${hostedInvoiceUrl(account, invoiceId)}/pdf`

/** `charge.receipt_url`. */
export const receiptUrl = (account: Account, chargeId: string): string => `${account.pagesUrl}/receipts/${chargeId}`

/** The receipt as a PDF. */
export const receiptPdfUrl = (account: Account, chargeId: string): string => `${receiptUrl(account, chargeId)}/pdf`

/**
 * Where the customer approves or refuses a payment or a setup: `next_action.redirect_to_url.url` of an intent.
 *
 * @param intentId of a payment intent or a setup intent
 */
export const threeDSecureUrl = (account: Account, intentId: string): string => `${account.pagesUrl}/3ds/${intentId}`

/**
 * Where the customer says what was deposited on an account: `next_action.verify_with_microdeposits.hosted_verification_url` of an intent.
 *
 * @param intentId of a payment intent or a setup intent
 */
export const microdepositUrl = (account: Account, intentId: string): string =>
  `${account.pagesUrl}/microdeposit/${intentId}`

/** `credit_note.pdf`. */
export const creditNotePdfUrl = (account: Account, noteId: string): string =>
  `${account.pagesUrl}/credit_notes/${account.id}/${noteId}/pdf`
