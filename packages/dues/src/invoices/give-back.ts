import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { callStripe, isDisputed, isFailure, isUndecided } from '../stripe/client.ts'
import { findInvoice, intentsOf, toInvoice } from './read.ts'
import type { CreditNote, CreditNoteOptions, Invoice, Refunded, RefundOptions } from './types.ts'

/** The metadata of a refund or a credit note that names the wish it came of: whoever wishes the same finds it and makes no second. */
const wishKey = 'dues_wish'

/** Makes an open invoice one that cannot be paid; see `dues.invoices.void`. */
export async function voidInvoice(context: Context, id: string): Promise<Invoice> {
  return callStripe(async () => {
    const { stripe, mirror } = context
    const invoice = await findInvoice(context, id)
    if (invoice.status === 'void') return toInvoice(invoice)
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
      throw new DuesError(
        'invoice_not_open',
        invoice.status === 'paid'
          ? 'This invoice is paid. Refund it, or write a credit note.'
          : 'This invoice is a draft, which nobody can pay yet. Finalize or delete it at Stripe.',
      )
    try {
      // A deleted invoice is no answer to this.
      return toInvoice((await mirror.through('invoice', () => stripe.invoices.voidInvoice(id))) as Stripe.Invoice)
    } catch (error) {
      const now = await stripe.invoices.retrieve(id)
      if (now.status === 'void') return toInvoice(now)
      throw error
    }
  })
}

/** Between the two clicks of a double click there is less, in seconds. */
const aMoment = 60

/** What can still go back of a payment. */
type Payment = { readonly intent: string; readonly left: number }

/** Pays money back, once for each wish; see `dues.invoices.refund`. */
export async function refundInvoice(
  context: Context,
  id: string,
  { amount, reason, key }: RefundOptions = {},
): Promise<Refunded> {
  refuseAmount(amount)
  return callStripe(async () => {
    const { stripe } = context
    const invoice = await findInvoice(context, id)
    const wish = wishOf('refund', id, key ?? (amount === undefined ? 'all' : String(amount)))
    const made: Stripe.Refund[] = []
    const payments: Payment[] = []
    for (const intent of intentsOf(invoice)) {
      const refunds = await refundsOf(stripe, intent)
      made.push(...refunds.filter(({ metadata }) => metadata?.[wishKey] === wish))
      payments.push({ intent, left: await leftOf(stripe, intent, refunds) })
    }
    const left = payments.reduce((sum, payment) => sum + payment.left, 0)
    const done = made.reduce((sum, refund) => sum + refund.amount, 0)
    // A try that was cut off between two payments of one invoice goes on with what is missing.
    let missing = (amount ?? left + done) - done
    if (made.length === 0) refuseTooMuch(amount, left, invoice.currency)
    if (amount !== undefined && key === undefined && missing <= 0) refuseAgain(made, invoice.currency, context.now())
    for (const payment of payments) {
      const part = Math.min(missing, payment.left)
      if (part <= 0) continue
      missing -= part
      const params = {
        payment_intent: payment.intent,
        amount: part,
        ...(reason && { reason }),
        metadata: { [wishKey]: wish },
      }
      made.push(
        await makeOnce(
          `${wish}-${payment.intent}`,
          (options) => stripe.refunds.create(params, options),
          async () => (await refundsOf(stripe, payment.intent)).find(({ metadata }) => metadata?.[wishKey] === wish),
        ),
      )
    }
    return {
      amount: made.reduce((sum, refund) => sum + refund.amount, 0),
      currency: invoice.currency,
      refunds: made.map((refund) => ({ id: refund.id, amount: refund.amount, status: refund.status })),
    }
  })
}

function refuseAmount(amount: number | undefined): void {
  if (amount === undefined || (Number.isSafeInteger(amount) && amount > 0)) return
  throw new DuesError('bad_request', `amount is ${amount}: give minor units, as in 500 for five dollars.`)
}

/**
 * Without a key of its own a second refund of the same amount cannot be told from the first one that is asked for again. The second of two
 * clicks is; what is asked for later may be meant.
 */
function refuseAgain(made: readonly Stripe.Refund[], currency: string, now: number): void {
  const at = Math.max(...made.map(({ created }) => created))
  if (at >= now - aMoment) return
  const amount = made.reduce((sum, refund) => sum + refund.amount, 0)
  throw new DuesError(
    'already_refunded',
    `${amount} of this invoice went back on ${new Date(at * 1000).toISOString().slice(0, 10)} already, in minor units of ${currency}. If as much shall go back once more, give the refund a key of its own: refund(invoice, { amount: ${amount}, key: 'second' }).`,
    { details: { amount, currency, refundedAt: new Date(at * 1000).toISOString() } },
  )
}

function refuseTooMuch(amount: number | undefined, left: number, currency: string): void {
  if (left === 0)
    throw new DuesError(
      'nothing_to_refund',
      'No money of this invoice is left to go back: it was not paid by card, or all of it was refunded.',
    )
  if (amount !== undefined && amount > left)
    throw new DuesError(
      'refund_too_large',
      `Only ${left} of this invoice is left to go back, in minor units of ${currency}.`,
      {
        details: { left, currency },
      },
    )
}

/** The refunds of a payment that stand: one that failed has brought the money back. */
export async function refundsOf(stripe: Stripe, payment_intent: string): Promise<Stripe.Refund[]> {
  const refunds: Stripe.Refund[] = []
  for await (const refund of stripe.refunds.list({ payment_intent, limit: 100 }))
    if (refund.status !== 'failed' && refund.status !== 'canceled') refunds.push(refund)
  return refunds
}

export async function leftOf(stripe: Stripe, intent: string, refunds: readonly Stripe.Refund[]): Promise<number> {
  const { amount_received } = await stripe.paymentIntents.retrieve(intent)
  return Math.max(0, amount_received - refunds.reduce((sum, { amount }) => sum + amount, 0))
}

const destinations = {
  refund: 'refund_amount',
  balance: 'credit_amount',
  outside: 'out_of_band_amount',
} as const satisfies Record<string, keyof Stripe.CreditNoteCreateParams>

/** Writes a credit note, once for each wish; see `dues.invoices.creditNote`. */
export async function writeCreditNote(
  context: Context,
  id: string,
  { amount, to = 'refund', reason, memo, key = String(amount) }: CreditNoteOptions,
): Promise<CreditNote> {
  refuseAmount(amount)
  if (!Object.hasOwn(destinations, to))
    throw new DuesError('bad_request', "to is 'refund', 'balance' or 'outside': where the money goes.")
  return callStripe(async () => {
    const { stripe, mirror } = context
    const invoice = await findInvoice(context, id)
    const wish = wishOf('credit-note', id, key)
    const find = async () => {
      for await (const note of stripe.creditNotes.list({ invoice: id, limit: 100 }))
        if (note.metadata?.[wishKey] === wish) return note
      return undefined
    }
    const params = {
      invoice: id,
      amount,
      ...(invoice.status === 'paid' && { [destinations[to]]: amount }),
      ...(reason && { reason }),
      ...(memo && { memo }),
      metadata: { [wishKey]: wish },
    }
    const note = (await find()) ?? (await makeOnce(wish, (options) => stripe.creditNotes.create(params, options), find))
    await mirror.sync('invoice', id)
    return { id: note.id, number: note.number, amount: note.total, currency: note.currency, pdfUrl: note.pdf }
  })
}

/** The key may be anything that an app's form holds; Stripe's metadata and idempotency keys are short. */
const wishOf = (kind: string, invoice: string, key: string): string =>
  `${kind}-${invoice}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`

/**
 * Makes something once, whoever asks at the same moment. A failure of its own Stripe keeps as its answer to a key for a day, whether
 * something was made or not: then it is looked for, and asked for under another key only when it is not there.
 */
async function makeOnce<Made>(
  key: string,
  make: (options: { idempotencyKey?: string }) => Promise<Made>,
  find: () => Promise<Made | undefined>,
): Promise<Made> {
  try {
    return await make({ idempotencyKey: `dues-${key}` })
  } catch (error) {
    if (isDisputed(error))
      throw new DuesError(
        'nothing_to_refund',
        'The bank has taken this payment back already, for the member disputes it. Answer the dispute at Stripe.',
        { cause: error },
      )
    if (!isFailure(error) || isUndecided(error)) throw error
    return (await find()) ?? make({})
  }
}
