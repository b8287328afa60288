import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest } from '../../protocol/errors.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { planOf } from '../../resources/plans.ts'
import { type Anchor, anchorOf, type Period } from '../calendar.ts'
import type { InvoiceItem } from '../invoices/lines.ts'
import { redeemAll } from '../redeem.ts'
import {
  checkItems,
  type Item,
  type ItemParam,
  isMetered,
  itemList,
  itemNamed,
  itemThresholdOf,
  newItem,
  periodAt,
  periodOf,
  priceOf,
  quantityOf,
  rhythmOf,
  type Subscription,
  taxRatesOf,
} from './items.ts'
import { creditItems, debitItem } from './prorations.ts'
import { checkThresholds } from './thresholds.ts'
import { usageItems } from './usage-items.ts'
import { beginPrice } from './usage-ledger.ts'

export type ProrationBehavior = 'always_invoice' | 'create_prorations' | 'none'

/** What an update asks of a subscription's items and of its time. */
export type Asked = {
  items?: ItemParam[] | undefined
  behavior: ProrationBehavior
  /** The time by which prorations are reckoned. */
  at: number
  anchor?: 'now' | 'unchanged' | undefined
  trialEnd?: 'now' | number | undefined
}

/** What a change makes of a subscription. Nothing is kept yet: an update that waits for its payment may be dropped. */
export type Change = {
  after: Subscription
  /** What was used of items that go or get another price, then credits, then debits. */
  prorations: InvoiceItem[]
  /** A new period begins for every item, so there is an invoice now, whatever the proration behavior. */
  restarts: 'period' | 'trial' | null
  /** Items whose usage ends with the old period. */
  used: { item: Item; period: Period }[]
}

/**
 * Works out what a change of items, anchor or trial does: the subscription as it will be, and the prorations.
 *
 * A new period begins when the anchor is reset, when a trial begins or ends, and with classic billing when the rhythm changes or
 * a free subscription begins to cost something. Flexible billing never moves the anchor by itself.
 */
export function planChange(account: Account, before: Subscription, asked: Asked): Change {
  const { now } = account
  const wasTrialing = before.status === 'trialing'
  const trialEnd = asked.trialEnd
  const startsTrial = typeof trialEnd === 'number' && trialEnd > now
  const endsTrial = wasTrialing && trialEnd === 'now'
  const edited = editedItems(account, before, asked.items ?? [])
  const reset = endsTrial || asked.anchor === 'now' || (!wasTrialing && isResetByClassic(before, edited, asked))
  const restarts = startsTrial && !wasTrialing ? 'trial' : reset && !startsTrial ? 'period' : null

  const anchor: Anchor = startsTrial ? { time: trialEnd } : reset ? { time: now } : anchorOf(before)
  const periodFor = (item: Item, was: Item | undefined): Period => {
    if (startsTrial) return { start: wasTrialing && was ? was.current_period_start : now, end: trialEnd }
    if (reset) return periodAt(anchor, item.price, now)
    if (wasTrialing) return { start: was?.current_period_start ?? now, end: before.trial_end ?? now }
    // A period that is over is left to the renewal, which bills the next one.
    if (was && (sameRhythm(was, item) || was.current_period_end <= now)) return periodOf(was)
    // What a schedule adds as a period ends is billed with the renewal, like everything else in the new phase.
    if (!was && before.items.data.some((one) => one.current_period_end <= now)) return { start: now, end: now }
    const period = periodAt(anchor, item.price, now)
    return was ? period : { start: now, end: period.end }
  }
  const items = edited.map(({ item, was }): Item => {
    const period = periodFor(item, was)
    return { ...item, current_period_start: period.start, current_period_end: period.end }
  })
  const after: Subscription = {
    ...before,
    billing_cycle_anchor: anchor.time,
    ...(reset && { billing_cycle_anchor_config: null }),
    items: itemList(before.id, items),
    ...(startsTrial && { status: 'trialing', trial_end: trialEnd, trial_start: before.trial_start ?? now }),
    ...(startsTrial && !wasTrialing && { trial_start: now }),
    ...(endsTrial && { status: 'active', trial_end: now }),
  }
  checkItems(after, items)
  checkThresholds(account, after)
  if (items.length === 0) {
    throw invalidRequest(
      'A subscription must have at least one active plan. In order to cancel a subscription, please use the cancel API endpoint.',
    )
  }
  const restartsAll = restarts !== null
  const changed = edited.filter(({ item, was }) => restartsAll || isChanged(item, was)).map(({ item }) => item.id)
  const gone = before.items.data.filter((was) => !items.some((item) => item.id === was.id))
  const prorates = asked.behavior !== 'none' && !wasTrialing && before.status !== 'paused'
  const leaving = before.items.data.filter((was) => changed.includes(was.id) || gone.includes(was))
  const credits = prorates ? leaving.flatMap((was) => creditItems(account, before, was, asked.at)) : []
  const debits =
    prorates && !restartsAll
      ? items.filter((item) => changed.includes(item.id)).flatMap((item) => debitItem(account, after, item, asked.at))
      : []
  const bills = !restartsAll && !wasTrialing && before.status !== 'paused'
  const left = bills ? usageLeft(account, before, after, edited, asked) : []
  return { after, prorations: [...left, ...credits, ...debits], restarts, used: usageEnding(before, restarts, now) }
}

type Edited = { item: Item; was: Item | undefined }

/** The items as the update wants them; periods are still the old ones. */
function editedItems(account: Account, before: Subscription, params: readonly ItemParam[]): Edited[] {
  const edited = new Map<string, Edited | null>(before.items.data.map((was) => [was.id, { item: was, was }]))
  for (const [index, param] of params.entries()) {
    const where = `items[${index}]`
    const price = param.deleted ? undefined : priceOf(account, param, where)
    if (param.id !== undefined) {
      const was = itemNamed(before.items.data, param.id, where)
      edited.set(was.id, param.deleted ? null : { item: editedItem(account, before, was, param, where), was })
      continue
    }
    if (!price) throw invalidRequest('You must pass a price for a new subscription item.', where)
    refuseSamePrice(before, price.id)
    const owner = { customer: before.customer, subscription: before.id }
    const item = newItem(account, before, owner, param, price, { start: account.now, end: account.now }, where)
    edited.set(item.id, { item, was: undefined })
  }
  return [...edited.values()].filter((each) => each !== null)
}

function editedItem(account: Account, subscription: Subscription, was: Item, param: ItemParam, where: string): Item {
  const price = priceOf(account, param, where) ?? was.price
  const owner = { customer: subscription.customer, subscription: subscription.id, subscription_item: was.id }
  const metered = price.recurring?.usage_type === 'metered'
  const quantity = quantityOf(price, param.quantity ?? (metered ? undefined : was.quantity), where)
  const { quantity: _quantity, ...rest } = was
  return {
    ...rest,
    ...(param.billing_thresholds !== undefined && {
      billing_thresholds: itemThresholdOf(param.billing_thresholds, where),
    }),
    plan: planOf(price),
    price,
    ...(quantity !== undefined && { quantity }),
    ...(param.metadata !== undefined && { metadata: mergeMetadata(was.metadata, param.metadata) }),
    ...(param.tax_rates !== undefined && {
      tax_rates: taxRatesOf(account, param.tax_rates, `${where}[tax_rates]`),
    }),
    ...(param.discounts !== undefined && {
      discounts: redeemAll(account, param.discounts, owner, subscription.currency, `${where}[discounts]`),
    }),
  }
}

function refuseSamePrice(before: Subscription, price: string): void {
  const existing = before.items.data.find((item) => item.price.id === price)
  if (!existing) return
  throw invalidRequest(
    `A new item with Price ${price} can't be added to this Subscription because an existing Subscription Item ${existing.id} is already using that Price. If you want to update the existing item (e.g., to adjust the quantity), pass the existing Subscription Item's \`id\` in your update request: https://stripe.com/docs/api/subscriptions/update#update_subscription-items-id`,
    'plan',
  )
}

const isChanged = (item: Item, was: Item | undefined): boolean =>
  !was || was.price.id !== item.price.id || was.quantity !== item.quantity

const sameRhythm = (a: Item, b: Item): boolean => {
  const [one, other] = [rhythmOf(a.price), rhythmOf(b.price)]
  return one.interval === other.interval && one.interval_count === other.interval_count
}

/** Classic billing begins a new period when the rhythm changes, or when a free subscription begins to cost something. */
function isResetByClassic(before: Subscription, edited: readonly Edited[], asked: Asked): boolean {
  if (before.billing_mode.type !== 'classic' || asked.anchor === 'unchanged' || !asked.items) return false
  const rhythmChanged = edited.some(({ item, was }) => was && !sameRhythm(item, was))
  return rhythmChanged || (isFree(before.items.data) && !isFree(edited.map(({ item }) => item)))
}

const isFree = (items: readonly Item[]): boolean =>
  items.every((item) => !isMetered(item) && item.price.unit_amount_decimal === '0')

/**
 * What was used of items that go or get another price: flexible billing bills it at the price of that time, classic billing forgets it. A
 * period that has ended is billed in any case: a schedule changes the item together with the renewal.
 */
function usageLeft(
  account: Account,
  before: Subscription,
  after: Subscription,
  edited: readonly Edited[],
  { behavior }: Asked,
): InvoiceItem[] {
  const flexible = before.billing_mode.type === 'flexible'
  return before.items.data.flatMap((was) => {
    const item = edited.find((each) => each.item.id === was.id)?.item
    if (item?.price.id === was.price.id) return []
    const isBilled = flexible && (item !== undefined || behavior !== 'none')
    const items =
      isMetered(was) && (isBilled || was.current_period_end <= account.now) ? usageItems(account, before, was) : []
    // Should the change be dropped, its price does not come, and nothing has begun.
    const now = after.items.data.find(({ id }) => id === was.id)
    if (now && isMetered(now)) beginPrice(account, after, now)
    return items
  })
}

/** Usage that has to be billed because its period ends now. */
function usageEnding(before: Subscription, restarts: Change['restarts'], now: number): Change['used'] {
  return before.status === 'trialing' || restarts === null
    ? []
    : before.items.data
        .filter(isMetered)
        .map((item) => ({ item, period: { start: item.current_period_start, end: now } }))
}

/** The parameter `billing_cycle_anchor` of an update: a hash since 2026-09-30, a word in the versions before. */
export const anchorChoice = (
  param: Stripe.SubscriptionUpdateParams.BillingCycleAnchor | string | undefined,
): 'now' | 'unchanged' | undefined => {
  const choice = typeof param === 'object' ? param.type : param
  return choice === 'now' || choice === 'unchanged' ? choice : undefined
}
