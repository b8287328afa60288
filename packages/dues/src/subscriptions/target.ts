import type Stripe from 'stripe'
import type { Interval } from '../catalogue/plans.ts'
import { intervalOf } from '../catalogue/push-prices.ts'
import { currencySold } from '../catalogue/sold.ts'
import type { AddOnWish } from '../catalogue/wanted-add-ons.ts'
import type { Context } from '../context.ts'
import { addOnNumbers } from '../entitlements/add-ons.ts'
import { DuesError } from '../errors.ts'
import type { MirroredItem, MirroredSubscription } from '../mirror/types.ts'
import { addOnItems, numbersOf, type TargetItem } from './add-on-items.ts'
import { refuseBelowUse } from './below-use.ts'
import { type Current, currentAtStripe } from './current.ts'
import { quantityWanted } from './quantity.ts'

/** What somebody wants to have instead. What is left out stays as it is. */
export type Wish = {
  readonly plan?: string | undefined
  readonly interval?: string | undefined
  readonly quantity?: number | undefined
  readonly addOns?: AddOnWish | undefined
  /** A new period, if need be with nothing else changed. */
  readonly anchor?: 'now' | undefined
}

type Numbers = Readonly<Record<string, number>>

/** A change that may be made: from what the owner has to what is wanted. */
export type Target = Current & {
  /** `interval` is null only where an old price stays, which is none of today's catalogue. */
  readonly to: { readonly plan: string; readonly interval: Interval | null }
  /** Every item, as it shall be. */
  readonly items: readonly TargetItem[]
  /** How many of each add-on there are, and will be. */
  readonly addOns: { readonly before: Numbers; readonly after: Numbers }
  readonly wish: Wish
  /** Another interval begins a new period at once, and is billed as it begins. */
  readonly restarts: boolean
}

/** What keeps a subscription from being changed, and what to do about it. Others (`trialing`, `active`) may. */
const blocked: Readonly<Record<string, readonly ['payment_failed' | 'action_required' | 'membership_paused', string]>> =
  {
    past_due: [
      'payment_failed',
      'Your last renewal is not paid yet. Pay it or change your card first; then you can switch.',
    ],
    unpaid: [
      'payment_failed',
      'Your last renewal was never paid. Pay it or change your card first; then you can switch.',
    ],
    incomplete: ['action_required', 'Your first payment is not finished yet. Finish it first; then you can switch.'],
    paused: ['membership_paused', 'Your membership is paused. Let it go on first; then you can switch.'],
  }

/** Checks that an owner may change to what is wanted, by what Stripe knows at this moment. */
export async function switchTarget(context: Context, owner: string, wish: Wish): Promise<Target> {
  const { catalogue } = context
  const offer = wish.plan === undefined ? null : catalogue.offer(wish.plan, wish.interval ?? '')
  if (offer) await context.ensurePrices()
  const price = offer && catalogue.priceId(offer)
  const current = await changeable(context, await currentAtStripe(context, owner))
  const { subscription, item, placed } = current
  const to = offer ?? placed
  if (to === null)
    throw new DuesError(
      'not_subscribed',
      'You pay a price that is none of ours any more. Choose a plan to switch to, then change the rest.',
    )
  // A subscription is charged in one currency for as long as it lasts.
  if (offer && item.currency) currencySold(offer, item.currency)
  const another = price !== null && price !== item.price
  const quantity = await quantityWanted(context, { owner, wanted: wish.quantity, item, plan: to.plan, offer, another })
  const moves = offer !== null && placed?.interval !== offer.interval
  const beside = {
    plan: to.plan,
    interval: to.interval ?? (await intervalOfOld(context, wish, item)),
    moves,
    another: placed?.plan !== to.plan,
  }
  const items = [
    { id: item.id, price: price ?? item.price, quantity },
    ...addOnItems(catalogue, subscription.items, beside, wish.addOns),
    // What somebody added by hand is theirs, and stays.
    ...subscription.items.filter((one) => one.id !== item.id && !catalogue.placeAddOn(one)).map(asItIs),
  ]
  const addOns = {
    before: addOnNumbers(subscription.items, catalogue),
    after: numbersOf(catalogue, items, subscription.items),
  }
  const restarts = moves && subscription.status !== 'trialing'
  const target = { ...current, to: { plan: to.plan, interval: to.interval }, items, addOns, restarts, wish }
  if (isOn(subscription, items) && !wish.anchor) throw alreadyThere(context, target)
  await refuseBelowUse(context, owner, { plan: placed?.plan ?? null, to: to.plan, ...addOns })
  return target
}

const asItIs = ({ id, price, quantity }: MirroredItem): TargetItem => ({ id, price, quantity })

/** A price that is none of today's catalogue has no interval there. Only who wants an add-on needs it, and then Stripe is asked. */
async function intervalOfOld({ stripe }: Context, { addOns }: Wish, { price }: MirroredItem): Promise<Interval | null> {
  return addOns ? intervalOf((await stripe.prices.retrieve(price)).recurring) : null
}

/** The subscription that was read, if it is one that can be changed: neither unpaid nor paused. */
export async function changeable(context: Context, current: Current | null): Promise<Current> {
  if (!current)
    throw new DuesError('not_subscribed', 'You have no membership to switch yet. Choose a plan and subscribe to it.')
  const { subscription } = current
  const block = blocked[subscription.status]
  if (!block) return current
  const payUrl = await openInvoiceUrl(context, subscription)
  throw new DuesError(block[0], block[1], { details: { status: subscription.status, payUrl } })
}

/** Whether a subscription has exactly these items. */
export const isOn = ({ items }: MirroredSubscription, wanted: readonly TargetItem[]): boolean => hasSame(items, wanted)

type Priced = Pick<TargetItem, 'price' | 'quantity'>

/** Whether two lists of items come to the same. */
export const hasSame = (items: readonly Priced[], others: readonly Priced[]): boolean =>
  items.length === others.length &&
  others.every(({ price, quantity }) => items.some((one) => one.price === price && one.quantity === quantity))

function alreadyThere({ catalogue }: Context, { to: { plan, interval }, wish }: Target): DuesError {
  const name = catalogue.plans[plan]?.name ?? plan
  return new DuesError(
    'already_on_plan',
    wish.plan === undefined && wish.addOns
      ? `You have just that beside ${name} already. Nothing was changed.`
      : `You are on ${name}${interval ? `, ${interval}` : ''}, already. Nothing was changed.`,
    { details: { plan, interval } },
  )
}

/** What Stripe is told of the items: those that change, and those that go. */
export function itemChanges({ subscription, items }: Target): Stripe.SubscriptionUpdateParams.Item[] {
  const before = new Map(subscription.items.map((one) => [one.id, one]))
  const changed = items.filter(({ id, price, quantity }) => {
    const was = id === null ? undefined : before.get(id)
    return was?.price !== price || was.quantity !== quantity
  })
  const gone = subscription.items.filter((one) => items.every(({ id }) => id !== one.id))
  return [
    ...changed.map(({ id, price, quantity }) => ({ ...(id && { id }), price, ...(quantity !== null && { quantity }) })),
    ...gone.map(({ id }) => ({ id, deleted: true })),
  ]
}

/** The same as a parameter: left out where only the period changes. */
export function itemParams(target: Target): Pick<Stripe.SubscriptionUpdateParams, 'items'> {
  const items = itemChanges(target)
  return items.length > 0 ? { items } : {}
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
