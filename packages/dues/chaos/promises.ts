import { isDeepStrictEqual } from 'node:util'
import type Stripe from 'stripe'
import { isLiveAtStripe } from './at-stripe.ts'
import { type Columns, customerColumns, invoiceColumns, subscriptionColumns } from './expected.ts'
import type { World } from './world.ts'

/** All that Stripe has, read when nothing happens any more. */
export type Truth = {
  customers: (Stripe.Customer | Stripe.DeletedCustomer)[]
  subscriptions: Stripe.Subscription[]
  invoices: Stripe.Invoice[]
  charges: Stripe.Charge[]
  checkouts: Stripe.Checkout.Session[]
}

const everything = { limit: 10_000 }

export async function readTruth({ stripe, stage }: World): Promise<Truth> {
  const customers: Truth['customers'] = await stripe.customers.list({ limit: 100 }).autoPagingToArray(everything)
  const listed = new Set(customers.map(({ id }) => id))
  // A deleted customer is in no list.
  for (const { id } of await stage.query<{ id: string }>('select id from dues.customer'))
    if (!listed.has(id)) customers.push(await stripe.customers.retrieve(id))
  return {
    customers,
    subscriptions: await stripe.subscriptions
      .list({ status: 'all', limit: 100, expand: ['data.schedule'] })
      .autoPagingToArray(everything),
    invoices: await stripe.invoices.list({ limit: 100, expand: ['data.payments'] }).autoPagingToArray(everything),
    charges: await stripe.charges.list({ limit: 100 }).autoPagingToArray(everything),
    checkouts: await stripe.checkout.sessions.list({ limit: 100 }).autoPagingToArray(everything),
  }
}

/** Every promise that does not hold in a world that has come to rest, one sentence each. */
export async function brokenPromises(world: World): Promise<string[]> {
  const truth = await readTruth(world)
  return [
    ...world.complaints,
    ...world.network.complaints,
    ...(await mirrorIsEqual(world, truth)),
    ...oneOfEach(world, truth),
    ...neverTwoAtOnce(world, truth),
    ...oneCheckoutIsOpen(world, truth),
    ...nothingIsPaidTwice(world, truth),
    ...(await chargesHaveReasons(world, truth)),
    ...(await nothingIsLost(world)),
    ...(await transitionsAreTold(world, truth)),
    ...(await membersSeeIt(world, truth)),
  ]
}

/** How order is kept, and where an object lives: Stripe has no such fields. */
const ordering = new Set(['ticket', 'as_of_lo', 'as_of_hi', 'fetched', 'account', 'test_clock'])

/** The mirror equals Stripe, field by field. */
async function mirrorIsEqual({ stage }: World, truth: Truth): Promise<string[]> {
  const compare = async (kind: string, objects: Columns[]) => {
    const rows = await stage.query<{ row: Columns }>(`select to_jsonb(r) as row from dues.${kind} r`)
    const mirrored = new Map(rows.map(({ row }) => [row.id, row]))
    const broken = objects.flatMap((object) => {
      const row = mirrored.get(object.id)
      if (row === undefined) return object.deleted === true ? [] : [`the mirror has no ${kind} ${object.id}`]
      const unknown = Object.keys(row).filter((column) => !(column in object) && !ordering.has(column))
      if (unknown.length > 0 && object.deleted !== true)
        return [`${kind} has columns that nobody compares, add them to expected.ts: ${unknown.join(', ')}`]
      return Object.entries(object).flatMap(([column, value]) =>
        isDeepStrictEqual(row[column], value)
          ? []
          : [
              `${kind} ${object.id}: ${column} is ${JSON.stringify(row[column])} and at Stripe ${JSON.stringify(value)}`,
            ],
      )
    })
    const known = new Set(objects.map((object) => object.id))
    return [...broken, ...[...mirrored.keys()].flatMap((id) => (known.has(id) ? [] : [`Stripe has no ${kind} ${id}`]))]
  }
  return [
    ...(await compare('customer', truth.customers.map(customerColumns))),
    ...(await compare('subscription', truth.subscriptions.map(subscriptionColumns))),
    ...(await compare('invoice', truth.invoices.map(invoiceColumns))),
  ]
}

/** An owner has one customer, and never two subscriptions that may charge, but for what somebody made in Stripe's dashboard. */
export function oneOfEach({ program, ownerId, subscribedAtStripe }: World, truth: Truth): string[] {
  return ownersOf(program, ownerId).flatMap((owner) => {
    const customers = truth.customers.filter((one) => one.deleted !== true && one.metadata.dues_owner === owner)
    const bought = liveOf(truth, owner).filter(({ id }) => !subscribedAtStripe.has(id))
    return [
      ...(customers.length > 1 ? [`${owner} has ${customers.length} customers: ${idsOf(customers)}`] : []),
      ...(bought.length > 1 ? [`${owner} has bought ${bought.length} live subscriptions: ${idsOf(bought)}`] : []),
    ]
  })
}

/** Nor did they have two at any time: what was bought begins when what was before has ended. */
function neverTwoAtOnce({ program, ownerId, subscribedAtStripe }: World, { subscriptions }: Truth): string[] {
  return ownersOf(program, ownerId).flatMap((owner) => {
    const bought = subscriptions
      .filter(({ id, metadata }) => metadata.dues_owner === owner && !subscribedAtStripe.has(id))
      // Of those of one second what has ended was first.
      .sort((a, b) => a.created - b.created || (a.ended_at ?? Infinity) - (b.ended_at ?? Infinity))
    return bought.flatMap((one, index) => {
      const next = bought[index + 1]
      return next !== undefined && next.created < (one.ended_at ?? Infinity)
        ? [`${owner} bought ${next.id} while there was ${one.id}`]
        : []
    })
  })
}

/** An owner has at most one Checkout that could be paid. */
function oneCheckoutIsOpen({ program, ownerId }: World, { checkouts }: Truth): string[] {
  return ownersOf(program, ownerId).flatMap((owner) => {
    const open = checkouts.filter(
      ({ status, client_reference_id }) => status === 'open' && client_reference_id === owner,
    )
    return open.length > 1 ? [`${owner} has ${open.length} open Checkouts: ${idsOf(open)}`] : []
  })
}

/** Once all has come to rest, nobody pays for anything that is older than what is active, however it was made. */
function nothingIsPaidTwice({ program, ownerId }: World, truth: Truth): string[] {
  return ownersOf(program, ownerId).flatMap((owner) => {
    const live = liveOf(truth, owner)
    const active = live.filter(({ status }) => status === 'active' || status === 'trialing')
    const newest = Math.max(...active.map(({ created }) => created))
    const older = live.filter(({ created }) => created < newest)
    return active.length > 1 || older.length > 0 ? [`${owner} pays for ${live.length} memberships: ${idsOf(live)}`] : []
  })
}

const ownersOf = ({ owners }: World['program'], ownerId: World['ownerId']) =>
  Array.from({ length: owners }, (_, owner) => ownerId(owner))

const liveOf = ({ subscriptions }: Truth, owner: string) =>
  subscriptions.filter((one) => one.metadata.dues_owner === owner && isLiveAtStripe(one))

const idsOf = (objects: { id: string }[]) => objects.map(({ id }) => id).join(', ')

/**
 * No charge without a reason: each subscription came of one Checkout that was completed, each charge paid one invoice of it, each purchase
 * and each period was paid once, and no more changes were paid for than were confirmed, or than trials were refused to cards that had had one.
 */
async function chargesHaveReasons(
  { program, stage, changes, comeBacks, subscribedAtStripe }: World,
  truth: Truth,
): Promise<string[]> {
  const refused = await stage.query<{ subscription: string }>(
    `select subscription from dues.transition where type = 'trialRefused'`,
  )
  const { subscriptions, invoices, charges, checkouts } = truth
  // Who goes on after a pause twice in one second pays for the same twice, and has had the first back.
  const paused = program.steps.some(({ action }) => action.do === 'unpause')
  const known = new Map(subscriptions.map((one) => [one.id, one]))
  const bought = checkouts.flatMap((one) => (one.status === 'complete' ? [String(one.subscription)] : []))
  const paid = invoices.filter(({ status, amount_paid }) => status === 'paid' && amount_paid > 0)
  const payments = new Set(
    paid.flatMap((one) => one.payments?.data.map(({ payment }) => String(payment.payment_intent)) ?? []),
  )
  const owners = new Map<string, number>()
  const reasons = new Map<string, string>()
  const broken: string[] = []
  const cameBack = new Map<string, number>()
  for (const { id, metadata, status } of subscriptions) {
    const checkouts = bought.filter((one) => one === id).length
    if (checkouts > 1) broken.push(`${checkouts} Checkouts made ${id}`)
    // Whoever is declined may try again, and was charged nothing.
    if (checkouts > 0 || subscribedAtStripe.has(id) || status === 'incomplete_expired') continue
    const owner = String(metadata.dues_owner)
    cameBack.set(owner, (cameBack.get(owner) ?? 0) + 1)
  }
  for (const [owner, count] of cameBack)
    if (count > (comeBacks.get(owner) ?? 0)) broken.push(`${owner} has ${count} subscriptions without a Checkout`)
  for (const { id, paid: wasPaid, payment_intent } of charges)
    if (wasPaid && !payments.has(String(payment_intent))) broken.push(`charge ${id} paid no invoice`)
  for (const invoice of paid) {
    const subscription = known.get(String(invoice.parent?.subscription_details?.subscription))
    if (subscription === undefined || subscription.customer !== invoice.customer) {
      broken.push(`invoice ${invoice.id} was paid and belongs to no subscription of its customer`)
      continue
    }
    const { billing_reason: why } = invoice
    if (why === 'subscription_update') {
      const before = reasons.get(linesOf(invoice))
      if (before !== undefined && !paused)
        broken.push(`invoices ${before} and ${invoice.id} were both paid for one change`)
      reasons.set(linesOf(invoice), invoice.id)
      const owner = String(subscription.metadata.dues_owner)
      owners.set(owner, (owners.get(owner) ?? 0) + 1)
      continue
    }
    const reason = [subscription.id, why, why === 'subscription_create' ? '' : invoice.period_start].join(' ')
    const before = reasons.get(reason)
    if (before !== undefined) broken.push(`invoices ${before} and ${invoice.id} were both paid for ${reason}`)
    reasons.set(reason, invoice.id)
  }
  for (const [owner, count] of owners) {
    const confirmed = changes.get(owner) ?? 0
    const trials = refused.filter((one) => known.get(one.subscription)?.metadata.dues_owner === owner).length
    if (count > confirmed + trials)
      broken.push(`${owner} confirmed ${confirmed} changes, was refused ${trials} trials and paid ${count} times`)
  }
  return broken
}

/** What an invoice is for: two that are paid for the very same, to the second, are one charge too many. */
const linesOf = ({ parent, lines }: Stripe.Invoice): string =>
  [
    parent?.subscription_details?.subscription,
    ...lines.data
      .map(({ pricing, amount, quantity, period: { start, end } }) =>
        [pricing?.price_details?.price, quantity, amount, start, end].join(' '),
      )
      .sort(),
  ].join('; ')

/** What was acknowledged is on disk and was applied; nothing died. */
async function nothingIsLost({ stage, network, processes }: World): Promise<string[]> {
  const rows = await stage.query<{ id: string; state: string; error: string | null }>(
    'select id, state, error from dues.inbox',
  )
  const states = new Map(rows.map(({ id, state }) => [id, state]))
  const dead = await processes[0]?.dues.jobs.dead()
  return [
    ...[...network.acknowledged].flatMap((id) => (states.has(id) ? [] : [`${id} was acknowledged and is not on disk`])),
    ...rows.flatMap(({ id, state, error }) => (state === 'applied' ? [] : [`${id} is ${state}: ${error ?? ''}`])),
    ...(dead ?? []).map(({ queue, reason }) => `a job of ${queue} died: ${reason}`),
  ]
}

/** Every transition was told to its hook, always in the same words, and nothing was told that was not recorded. */
async function transitionsAreTold({ stage, hookRuns }: World, { subscriptions, invoices }: Truth): Promise<string[]> {
  const rows = await stage.query<{ key: string; type: string }>('select key, type from dues.transition')
  const recorded = new Set(rows.map(({ key }) => key))
  const told = new Map<string, Set<string>>()
  for (const { key, type, owner, told: words } of hookRuns)
    told.set(key, (told.get(key) ?? new Set()).add(`${type} ${owner} ${words}`))
  const must = (keys: string[]) => keys.flatMap((key) => (recorded.has(key) ? [] : [`${key} was not recorded`]))
  const over = subscriptions.filter(({ status }) => status === 'canceled')
  const good = subscriptions.filter(({ status }) => ['active', 'trialing', 'past_due', 'unpaid'].includes(status))
  const renewals = invoices.filter(
    ({ status, billing_reason }) => status === 'paid' && billing_reason === 'subscription_cycle',
  )
  return [
    ...[...recorded].flatMap((key) => (told.has(key) ? [] : [`the hook of ${key} never ran`])),
    ...[...told.keys()].flatMap((key) => (recorded.has(key) ? [] : [`a hook ran for ${key}, which is not recorded`])),
    ...[...told].flatMap(([key, words]) =>
      words.size === 1 ? [] : [`${key} was told differently: ${[...words].join(' / ')}`],
    ),
    ...must(over.map(({ id, metadata }) => `${id}:${metadata.dues_duplicate_of ? 'duplicateEnded' : 'ended'}`)),
    ...must(good.map(({ id }) => `${id}:started`)),
    ...must(renewals.map((one) => `${one.parent?.subscription_details?.subscription}:renewed:${one.id}`)),
  ]
}

/** What the app tells a member is what Stripe says. */
async function membersSeeIt({ program, ownerId, processes, random }: World, truth: Truth): Promise<string[]> {
  const broken: string[] = []
  for (const owner of ownersOf(program, ownerId)) {
    const member = await random.pick(processes).dues.member(owner)
    const [live, ...others] = liveOf(truth, owner)
    const says = ['canceled', 'incomplete_expired'].includes(member.state) ? 'none' : member.state
    // Of two that are not paid there is no saying which is meant.
    if (others.length === 0 && says !== (live?.status ?? 'none'))
      broken.push(`${owner} is ${member.state} and at Stripe ${live?.status ?? 'none'}`)
  }
  return broken
}
