import type { Offer } from '../catalogue/catalogue.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { MirroredItem, MirroredSubscription } from '../mirror/types.ts'
import { type Current, currentAtStripe } from './current.ts'

/** A switch that may be made: from what the owner has to an offer of the catalogue. */
export type Target = Current & { readonly offer: Offer; readonly price: string }

/** What keeps a subscription from being switched, and what to do about it. Others (`trialing`, `active`) may. */
const blocked: Readonly<Record<string, readonly ['payment_failed' | 'action_required', string]>> = {
  past_due: [
    'payment_failed',
    'Your last renewal is not paid yet. Pay it or change your card first; then you can switch.',
  ],
  unpaid: [
    'payment_failed',
    'Your last renewal was never paid. Pay it or change your card first; then you can switch.',
  ],
  incomplete: ['action_required', 'Your first payment is not finished yet. Finish it first; then you can switch.'],
  paused: ['action_required', 'Your membership is paused for want of a card. Add one first; then you can switch.'],
}

/** Checks that an owner may switch to a plan and interval. */
export async function switchTarget(context: Context, owner: string, plan: string, interval: string): Promise<Target> {
  const { catalogue } = context
  const offer = catalogue.offer(plan, interval)
  await context.ensurePrices()
  const price = catalogue.priceId(offer)
  const current = await currentAtStripe(context, owner)
  if (!current)
    throw new DuesError('not_subscribed', 'You have no membership to switch yet. Choose a plan and subscribe to it.')
  const { subscription, item } = current
  const block = blocked[subscription.status]
  if (block) {
    const payUrl = await openInvoiceUrl(context, subscription)
    throw new DuesError(block[0], block[1], { details: { status: subscription.status, payUrl } })
  }
  if (item.price === price)
    throw new DuesError(
      'already_on_plan',
      `You are on ${catalogue.plans[plan]?.name ?? plan}, ${interval}, already. Nothing was changed.`,
      { details: { plan, interval } },
    )
  return { ...current, offer, price }
}

/** Stripe's page for the invoice that stands in the way. */
async function openInvoiceUrl({ mirror }: Context, subscription: MirroredSubscription): Promise<string | null> {
  const invoices = await mirror.invoicesOf(subscription.customer)
  const open = invoices.find(({ id, status }) => id === subscription.latestInvoice && status === 'open')
  return open?.hostedInvoiceUrl ?? null
}

/**
 * The second that prorations are counted to. Stripe takes one inside the current period only, and our clock may be a little off Stripe's
 * just after a renewal.
 */
export const prorationDateAt = (now: number, { currentPeriodStart, currentPeriodEnd }: MirroredItem): number =>
  Math.min(Math.max(now, currentPeriodStart), currentPeriodEnd)
