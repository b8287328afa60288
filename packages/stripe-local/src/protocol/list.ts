import type { Account } from '../account.ts'
import type { AnyObject, Kind, Kinds } from '../kinds.ts'
import type { Ordered } from '../store.ts'
import { invalidRequest, nameInErrors, noSuch, notSupported } from './errors.ts'
import { render } from './render.ts'

/** What every list takes: https://docs.stripe.com/api/pagination */
export type ListParams = {
  customer_account?: string
  limit?: number
  starting_after?: string
  ending_before?: string
  created?: number | { gt?: number; gte?: number; lt?: number; lte?: number }
}

/** Stripe's list. */
export type List<T> = { object: 'list'; data: T[]; has_more: boolean; url: string }

/**
 * One page of a list, the newest first.
 *
 * @param options.among the objects to choose from, the oldest first (from an index); all of the kind when absent
 * @param options.where which of them the list shows
 */
export function listOf<K extends Kind>(
  account: Account,
  kind: K,
  params: ListParams,
  url: string,
  options: { among?: readonly Kinds[K][]; where?: (object: Kinds[K]) => boolean } = {},
): List<Kinds[K]> {
  if (params.customer_account) throw notSupported('the parameter customer_account')
  const { where, among = account.store.ordered(kind) } = options
  const matches = (object: Kinds[K]): boolean =>
    !('deleted' in (object as object)) &&
    isCreatedWithin((object as { created?: number }).created, params.created) &&
    (!where || where(object))
  const page = pageOf(among as Ordered<AnyObject>, params, (object) => matches(object as Kinds[K]), nameInErrors(kind))
  return {
    object: 'list',
    data: page.data.map((object) => render(account, object)) as Kinds[K][],
    has_more: page.has_more,
    url,
  }
}

/** One page of objects that are given the oldest first; the page has the newest first. A bad cursor is Stripe's 400. @param what how that 400 calls the objects */
export function pageOf<T extends { id: string }>(
  objects: Ordered<T>,
  params: ListParams,
  matches: (object: T) => boolean = () => true,
  what = 'object',
): { data: T[]; has_more: boolean } {
  const limit = limitOf(params.limit)
  if (params.starting_after && params.ending_before) {
    throw invalidRequest('Received both starting_after and ending_before parameters. Please pass in only one.')
  }
  const data: T[] = []
  if (params.ending_before !== undefined) {
    const start = positionOf(objects, params.ending_before, 'ending_before', what)
    for (let i = start + 1; i < objects.length && data.length <= limit; i++) take(objects.at(i))
    const has_more = data.length > limit
    return { data: data.slice(0, limit).reverse(), has_more }
  }
  const start =
    params.starting_after === undefined
      ? objects.length
      : positionOf(objects, params.starting_after, 'starting_after', what)
  for (let i = start - 1; i >= 0 && data.length <= limit; i--) take(objects.at(i))
  return { data: data.slice(0, limit), has_more: data.length > limit }

  function take(object: T | undefined): void {
    if (object && matches(object)) data.push(object)
  }
}

/** Stripe brings a limit out of bounds into them rather than refusing it; only search refuses one. */
const limitOf = (limit = 10): number => Math.min(Math.max(limit, 1), 100)

function positionOf(objects: Ordered<{ id: string }>, id: string, param: string, what: string): number {
  const known = objects.positionOf?.(id)
  for (let position = known ?? objects.length - 1; position >= 0; position--)
    if (objects.at(position)?.id === id) return position
  throw noSuch(what, id, param)
}

export function isCreatedWithin(created: number | undefined, range: ListParams['created']): boolean {
  if (range === undefined || created === undefined) return true
  if (typeof range === 'number') return created === range
  return (
    (range.gt === undefined || created > range.gt) &&
    (range.gte === undefined || created >= range.gte) &&
    (range.lt === undefined || created < range.lt) &&
    (range.lte === undefined || created <= range.lte)
  )
}
