import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { MirroredItem, MirroredSubscription, TransitionType } from '../mirror/types.ts'
import { callStripe } from '../stripe/client.ts'
import { besideSchedule, planBeside } from './beside-schedule.ts'
import { aMoment, wasJustDone } from './just-done.ts'
import { keyOf } from './key.ts'
import { phaseOf, replanned } from './next-items.ts'
import { plannedFor, planUnfinished } from './plan-again.ts'
import { hasSame, itemChanges, itemParams, prorationDateAt, switchTarget, type Target, type Wish } from './target.ts'
import { type Terms, termsOf } from './terms.ts'
import type { ChangeOptions } from './types.ts'
import { explainUnpaid } from './unpaid.ts'

/**
 * For how long a preview may be confirmed. The date comes back from a form, and a date of the member's choosing would be money of the
 * member's making: an old one credits days that were used.
 */
const previewLasts = 3600
/** The clocks of two machines, and of Stripe, are a little apart. */
const clockSkew = 60

/**
 * Changes the items of the subscription that there is: now, or by a schedule when its period ends. A difference is invoiced and charged at
 * once; if that fails Stripe leaves the subscription as it was and keeps the change as a pending update, which paying the invoice applies
 * and its expiry (23 hours) discards. Nothing here sets or clears an end: a membership that was going to end goes on to end.
 *
 * @see https://docs.stripe.com/billing/subscriptions/pending-updates
 */
export async function switchPlan(
  context: Context,
  owner: string,
  wish: Wish,
  { prorationDate, ...options }: ChangeOptions = {},
): Promise<void> {
  refuseStaleDate(prorationDate, context.now())
  await callStripe(async () => {
    const target = await targetOrDone(context, owner, wish, prorationDate)
    if (!target) return planUnfinished(context, owner)
    const terms = termsOf(target, options, context.catalogue)
    if (terms.when === 'periodEnd') return planSwitch(context, target)
    await switchNow(context, owner, target, terms, prorationDate ?? prorationDateAt(context.now(), target.item))
  })
}

/** Null when this very confirmation has been carried out already, by the first of two clicks. */
async function targetOrDone(
  context: Context,
  owner: string,
  wish: Wish,
  prorationDate: number | undefined,
): Promise<Target | null> {
  try {
    const target = await switchTarget(context, owner, wish)
    const mayBeDone = wish.anchor && target.subscription.status === 'active'
    return mayBeDone && beganBy(target.item, prorationDate ?? context.now() - aMoment) ? null : target
  } catch (error) {
    const again = error instanceof DuesError && error.code === 'already_on_plan' && prorationDate !== undefined
    if (!again) throw error
    for (const done of changesOf(wish)) if (await wasJustDone(context, owner, done, prorationDate)) return null
    throw error
  }
}

/** Whether a period began at that second or later: a new one was asked for, and this is it. */
const beganBy = ({ currentPeriodStart }: MirroredItem, at: number): boolean => currentPeriodStart >= at

/** As what a change may have been recorded: a switch to the plan that there is, with more seats, is more seats. */
const changesOf = ({ plan, quantity, addOns }: Wish): TransitionType[] => [
  ...(plan === undefined ? [] : (['switched'] as const)),
  ...(quantity === undefined ? [] : (['quantityChanged'] as const)),
  ...(addOns === undefined ? [] : (['addOnsChanged'] as const)),
]

function refuseStaleDate(date: number | undefined, now: number): void {
  if (date === undefined) return
  if (Number.isInteger(date) && date >= now - previewLasts && date <= now + clockSkew) return
  throw new DuesError(
    'preview_expired',
    'The amounts you saw are out of date. Look at them again and confirm; nothing was charged.',
  )
}

/** Whether a change is made: what it is about, for somebody else may have changed the rest at the same moment. */
const isMade = ({ items }: MirroredSubscription, target: Target): boolean =>
  itemChanges(target).every(({ id, deleted, price, quantity }) => {
    const same = (one: MirroredItem) => one.price === price && one.quantity === (quantity ?? null)
    return deleted ? items.every((one) => one.id !== id) : items.some((one) => same(one) && (!id || one.id === id))
  })

async function planSwitch(context: Context, target: Target): Promise<void> {
  const { subscription } = target
  const planned = await plannedFor(context, subscription)
  const beside = replanned(context, target, planned)
  const items = beside ?? target.items
  if (subscription.scheduled && hasSame(subscription.scheduled.items, items)) return
  // A plan that is named takes the place of any other; seats and add-ons are had beside what is planned.
  const over = target.wish.plan !== undefined && beside === null
  await planBeside(context, subscription, planned, { items, next: phaseOf(context, target, items), over })
}

async function switchNow(
  context: Context,
  owner: string,
  target: Target,
  terms: Terms,
  prorationDate: number,
): Promise<void> {
  const { subscription, items } = target
  const answer = await besideSchedule(
    context,
    subscription,
    () => update(context, owner, target, terms, prorationDate),
    (planned) => {
      const next = replanned(context, target, planned)
      return next && !hasSame(next, items) ? next : null
    },
  )
  // The answer may be one that Stripe gave a first click; the mirror has been brought up to now.
  const now = await context.mirror.subscription(subscription.id)
  if (now && isMade(now, target) && (!target.wish.anchor || now.items.some((one) => beganBy(one, prorationDate))))
    return
  throw await explainUnpaid(context, answer, planName(context, target), {
    planDropped: subscription.scheduled !== null,
  })
}

function update(
  { mirror, stripe }: Context,
  owner: string,
  target: Target,
  { proration, anchor }: Terms,
  prorationDate: number,
): Promise<Stripe.Subscription> {
  const { subscription } = target
  const { items = [] } = itemParams(target)
  const onlyTakes = !anchor && items.length > 0 && items.every(({ deleted }) => deleted)
  const params: Stripe.SubscriptionUpdateParams = {
    ...itemParams(target),
    proration_behavior: proration,
    ...(proration !== 'none' && { proration_date: prorationDate }),
    ...(anchor && { billing_cycle_anchor: { type: anchor } }),
    expand: ['latest_invoice.payments'],
    // Who pays by invoice is sent one and has days to pay it; Stripe refuses pending updates there. What only goes away charges nothing.
    ...(subscription.collectionMethod === 'charge_automatically' &&
      !onlyTakes && { payment_behavior: 'pending_if_incomplete' }),
  }
  // Two clicks on one confirmation are one request to Stripe. Another preview is another date; and a switch that failed leaves another
  // newest invoice, so that trying again with a better card is another request.
  const before = subscription.items.map(({ price, quantity }) => `${price}x${quantity ?? ''}`).sort()
  const same = [owner, subscription.id, subscription.latestInvoice, ...before, JSON.stringify(params), prorationDate]
  const idempotencyKey = keyOf('switch', ...same)
  return mirror.through('subscription', () => stripe.subscriptions.update(subscription.id, params, { idempotencyKey }))
}

const planName = ({ catalogue }: Context, { placed }: Target): string =>
  (placed && catalogue.plans[placed.plan]?.name) ?? 'your present plan'
