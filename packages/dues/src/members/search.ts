import type { Context } from '../context.ts'
import type { Answers } from '../entitlements/membership.ts'
import { answersNow } from '../entitlements/read.ts'
import { toSubscription } from '../mirror/contents.ts'
import {
  type Candidate,
  circumstancesOf,
  grantedOwners,
  knownOwners,
  type SubscriptionPlace,
  subscribedOwners,
} from '../store/members.ts'
import { firstOf, type Position, type Way, ways } from './cursor.ts'
import { isWanted, soldFor, statusesFor, type Wanted } from './filter.ts'

/** Owners that one question reads. */
const chunk = 200
/** Questions that one page asks at most; then it is short, and the next goes on from there. */
const mostChunks = 10

export type Found = { readonly owner: string; readonly answers: Answers }

/** Reads on from a position until a page is full, everybody was seen, or enough was read for one call. */
export async function search(
  context: Context,
  wanted: Wanted,
  { from, limit }: { from: Position | null; limit: number },
): Promise<{ found: Found[]; next: Position | null }> {
  const found: Found[] = []
  let position: Position | null = from
  for (let chunks = 0; position !== null && chunks < mostChunks; chunks++) {
    const candidates: readonly Candidate<Position>[] = await candidatesFrom(context, wanted, position)
    const all = await answersOf(context, [...new Set(candidates.map(({ owner }) => owner))])
    for (const { owner, place } of candidates) {
      const answers = all.get(owner)
      position = place
      if (answers && isWanted(wanted, answers.answers) && isHere(answers, place)) found.push({ owner, ...answers })
      if (found.length === limit) return { found, next: position }
    }
    if (candidates.length < chunk) position = wayAfter(context, wanted, position.by)
  }
  return { found, next: position }
}

/** Of the three ways, the first that can lead to somebody who is looked for; null where none does. */
export const firstWay = (context: Context, wanted: Wanted): Position | null => wayAfter(context, wanted, null)

function wayAfter({ catalogue }: Context, wanted: Wanted, by: Way | null): Position | null {
  const rest = by === null ? ways : ways.slice(ways.indexOf(by) + 1)
  const way = rest.find((one) => leadsSomewhere(wanted, one, catalogue.free))
  return way === undefined ? null : firstOf(way)
}

function leadsSomewhere({ plans, states }: Wanted, way: Way, free: string | null): boolean {
  // Who never subscribed and was given nothing has the free plan.
  if (way === 'owner' && plans !== null && !(free !== null && plans.includes(free))) return false
  if (states === null) return true
  if (way === 'grant') return states.includes('granted')
  if (way === 'owner') return states.includes('none')
  return states.some((state) => state !== 'granted' && state !== 'none')
}

async function candidatesFrom(context: Context, wanted: Wanted, position: Position): Promise<Candidate<Position>[]> {
  const { database, catalogue, now } = context
  if (position.by === 'subscription') {
    const statuses = statusesFor(wanted, catalogue)
    const { after } = position
    const rows = await subscribedOwners(database, { statuses, sold: soldFor(wanted, catalogue), after, limit: chunk })
    return rows.map(({ owner, place }) => ({ owner, place: { by: 'subscription', after: place as SubscriptionPlace } }))
  }
  if (position.by === 'grant') {
    const rows = await grantedOwners(database, {
      plans: wanted.plans,
      now: now(),
      before: position.after,
      limit: chunk,
    })
    return rows.map(({ owner, place }) => ({ owner, place: { by: 'grant', after: place } }))
  }
  const rows = await knownOwners(database, { after: position.after, limit: chunk })
  return rows.map(({ owner, place }) => ({ owner, place: { by: 'owner', after: place } }))
}

type Answered = { readonly answers: Answers; readonly grant: number | null }

/**
 * An owner with several subscriptions and grants is come upon several times, and listed where what counts is: at the subscription that the
 * membership is about, at the grant that wins over it, or, without either, by name.
 */
function isHere({ answers, grant }: Answered, place: Position): boolean {
  if (answers.state === 'granted') return place.by === 'grant' && place.after === grant
  if (answers.subscription) return place.by === 'subscription' && place.after[1] === answers.subscription.id
  return place.by === 'owner'
}

async function answersOf(context: Context, owners: readonly string[]): Promise<Map<string, Answered>> {
  if (owners.length === 0) return new Map()
  const { subscriptions, grants, invoices } = await circumstancesOf(context.database, owners)
  const subscriptionsBy = byOwner(subscriptions)
  const grantsBy = byOwner(grants)
  const openSince = new Map(invoices.map(({ id, created }) => [id, created]))
  return new Map(
    owners.map((owner) => {
      const rows = (subscriptionsBy.get(owner) ?? []).map(({ row }) => row)
      const unpaidSince = new Map(
        rows.flatMap(({ id, latest_invoice }) => {
          const since = openSince.get(latest_invoice ?? '')
          return since === undefined ? [] : [[id, since] as const]
        }),
      )
      const given = grantsBy.get(owner) ?? []
      const read = { subscriptions: rows.map((row) => toSubscription(row, owner)), grants: given, unpaidSince }
      const answers = answersNow(context, read)
      return [owner, { answers, grant: given.find((one) => one === answers.grant)?.id ?? null }]
    }),
  )
}

function byOwner<Row extends { readonly owner: string }>(rows: readonly Row[]): ReadonlyMap<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(row.owner, [...(groups.get(row.owner) ?? []), row])
  return groups
}
