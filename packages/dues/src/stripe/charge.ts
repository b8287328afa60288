import type Stripe from 'stripe'

/** A charge as it is read: with what banks have said against it, and which subscription it paid for. Both only where it is disputed. */
export type ReadCharge = Stripe.Charge & {
  /** The oldest first. */
  readonly disputes?: readonly Stripe.Dispute[]
  readonly subscription?: string | null
}

/** A charge says that it is disputed, and no more: how the dispute stands is told by the dispute alone. */
export async function readCharge(
  stripe: Stripe,
  id: string,
  options: Stripe.RequestOptions = {},
): Promise<Stripe.Response<ReadCharge>> {
  const charge = await stripe.charges.retrieve(id, {}, options)
  if (!charge.disputed) return charge
  const { data } = await stripe.disputes.list({ charge: id, limit: 100 }, options)
  const paid = (await invoicesPaidBy(stripe, charge, options)).map(subscriptionBilled)
  const subscription = paid.find((one) => one !== null) ?? null
  return Object.assign(charge, { disputes: data.reverse(), subscription })
}

/**
 * The invoices that a charge has paid.
 *
 * @see https://docs.stripe.com/api/invoice-payment/list
 */
export async function invoicesPaidBy(
  stripe: Stripe,
  { payment_intent }: Pick<Stripe.Charge, 'payment_intent'>,
  options: Stripe.RequestOptions = {},
): Promise<Stripe.Invoice[]> {
  const intent = nameOf(payment_intent)
  if (intent === null) return []
  const payment = { type: 'payment_intent', payment_intent: intent } as const
  const { data } = await stripe.invoicePayments.list({ payment, expand: ['data.invoice'] }, options)
  return data.flatMap(({ invoice }) => (typeof invoice === 'object' && !invoice.deleted ? [invoice] : []))
}

/** The subscription that an invoice is of; null for one that is of none. */
export const subscriptionBilled = ({ parent }: Pick<Stripe.Invoice, 'parent'>): string | null =>
  nameOf(parent?.subscription_details?.subscription)

const nameOf = (field: string | { id: string } | null | undefined): string | null =>
  typeof field === 'string' ? field : (field?.id ?? null)
