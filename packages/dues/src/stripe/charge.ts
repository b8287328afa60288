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
  const [subscription = null] = await subscriptionsPaidBy(stripe, charge, options)
  return Object.assign(charge, { disputes: data.reverse(), subscription })
}

/**
 * The subscriptions whose invoices a charge has paid.
 *
 * @see https://docs.stripe.com/api/invoice-payment/list
 */
export async function subscriptionsPaidBy(
  stripe: Stripe,
  { payment_intent }: Pick<Stripe.Charge, 'payment_intent'>,
  options: Stripe.RequestOptions = {},
): Promise<string[]> {
  const intent = nameOf(payment_intent)
  if (intent === null) return []
  const payment = { type: 'payment_intent', payment_intent: intent } as const
  const { data } = await stripe.invoicePayments.list({ payment, expand: ['data.invoice'] }, options)
  return data.flatMap(({ invoice }) => {
    if (typeof invoice !== 'object' || invoice.deleted) return []
    return nameOf(invoice.parent?.subscription_details?.subscription) ?? []
  })
}

const nameOf = (field: string | { id: string } | null | undefined): string | null =>
  typeof field === 'string' ? field : (field?.id ?? null)
