import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { planItem } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import { wasJustDone } from './just-done.ts'
import { prorationDateAt, switchTarget, type Target } from './target.ts'
import type { SwitchOptions } from './types.ts'
import { explainUnpaid } from './unpaid.ts'

/**
 * For how long a preview may be confirmed. The date comes back from a form, and a date of the member's choosing would be money of the
 * member's making: an old one credits days that were used.
 */
const previewLasts = 3600
/** The clocks of two machines, and of Stripe, are a little apart. */
const clockSkew = 60

/**
 * Changes the price of the subscription that there is. The difference is invoiced and charged at once; if that fails Stripe leaves the
 * subscription as it was and keeps the change as a pending update, which paying the invoice applies and its expiry (23 hours) discards.
 * Nothing here sets or clears an end: a membership that was going to end goes on to end.
 *
 * @see https://docs.stripe.com/billing/subscriptions/pending-updates
 */
export async function switchPlan(
  context: Context,
  owner: string,
  { plan, interval }: { plan: string; interval: string },
  { prorationDate }: SwitchOptions = {},
): Promise<void> {
  refuseStaleDate(prorationDate, context.now())
  await callStripe(async () => {
    const target = await targetOrDone(context, owner, { plan, interval, prorationDate })
    if (!target) return
    const date = prorationDate ?? prorationDateAt(context.now(), target.item)
    const answer = await update(context, owner, target, date)
    // The answer may be one that Stripe gave a first click; the mirror has been brought up to now.
    if (await isOn(context, owner, target)) return
    throw await explainUnpaid(context, answer, planName(context, target))
  })
}

/** Null when this very confirmation has been carried out already, by the first of two clicks. */
async function targetOrDone(
  context: Context,
  owner: string,
  { plan, interval, prorationDate }: { plan: string; interval: string; prorationDate: number | undefined },
): Promise<Target | null> {
  try {
    return await switchTarget(context, owner, plan, interval)
  } catch (error) {
    const again = error instanceof DuesError && error.code === 'already_on_plan' && prorationDate !== undefined
    if (again && (await wasJustDone(context, owner, 'switched', prorationDate))) return null
    throw error
  }
}

function refuseStaleDate(date: number | undefined, now: number): void {
  if (date === undefined) return
  if (Number.isInteger(date) && date >= now - previewLasts && date <= now + clockSkew) return
  throw new DuesError(
    'preview_expired',
    'The amounts you saw are out of date. Look at them again and confirm; nothing was charged.',
  )
}

function update(
  { mirror, stripe }: Context,
  owner: string,
  { subscription, item, price }: Target,
  prorationDate: number,
): Promise<Stripe.Subscription> {
  const params: Stripe.SubscriptionUpdateParams = {
    items: [{ id: item.id, price }],
    proration_behavior: 'always_invoice',
    proration_date: prorationDate,
    expand: ['latest_invoice.payments'],
    // Who pays by invoice is sent one and has days to pay it; Stripe refuses pending updates there.
    ...(subscription.collectionMethod === 'charge_automatically' && { payment_behavior: 'pending_if_incomplete' }),
  }
  // Two clicks on one confirmation are one request to Stripe. Another preview is another date; and a switch that failed leaves another
  // newest invoice, so that trying again with a better card is another request.
  const same = [owner, subscription.id, subscription.latestInvoice, item.price, price, prorationDate].join('\n')
  const idempotencyKey = `dues-switch-${createHash('sha256').update(same).digest('hex').slice(0, 40)}`
  return mirror.through('subscription', () => stripe.subscriptions.update(subscription.id, params, { idempotencyKey }))
}

async function isOn({ mirror, catalogue }: Context, owner: string, target: Target): Promise<boolean> {
  const subscription = (await mirror.subscriptionsOf(owner)).find(({ id }) => id === target.subscription.id)
  return subscription !== undefined && planItem(subscription, catalogue)?.price === target.price
}

const planName = ({ catalogue }: Context, { placed }: Target): string =>
  (placed && catalogue.plans[placed.plan]?.name) ?? 'your present plan'
