import type { Account } from '../account.ts'
import type { AnyObject, Kind, Kinds } from '../kinds.ts'
import type { Ordered } from '../store.ts'
import { ApiError, invalidRequest } from './errors.ts'
import { render } from './render.ts'

/** What every list takes: https://docs.stripe.com/api/pagination */
export type ListParams = {
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
  const { where, among = account.store.ordered(kind) } = options
  const matches = (object: Kinds[K]): boolean =>
    !('deleted' in (object as object)) &&
    isCreatedWithin((object as { created?: number }).created, params.created) &&
    (!where || where(object))
  const page = pageOf(among as Ordered<AnyObject>, params, (object) => matches(object as Kinds[K]))
  return {
    object: 'list',
    data: page.data.map((object) => render(account, object)) as Kinds[K][],
    has_more: page.has_more,
    url,
  }
}

/** One page of objects that are given the oldest first; the page has the newest first. Bad limits and cursors are Stripe's 400. */
export function pageOf<T extends { id: string }>(
  objects: Ordered<T>,
  params: ListParams,
  matches: (object: T) => boolean = () => true,
): { data: T[]; has_more: boolean } {
  const limit = limitOf(params.limit)
  if (params.starting_after && params.ending_before) {
    throw invalidRequest('You may not specify both starting_after and ending_before.', 'ending_before')
  }
  const data: T[] = []
  if (params.ending_before !== undefined) {
    const start = positionOf(objects, params.ending_before, 'ending_before')
    for (let i = start + 1; i < objects.length && data.length <= limit; i++) take(objects.at(i))
    const has_more = data.length > limit
    return { data: data.slice(0, limit).reverse(), has_more }
  }
  const start =
    params.starting_after === undefined ? objects.length : positionOf(objects, params.starting_after, 'starting_after')
  for (let i = start - 1; i >= 0 && data.length <= limit; i--) take(objects.at(i))
  return { data: data.slice(0, limit), has_more: data.length > limit }

  function take(object: T | undefined): void {
    if (object && matches(object)) data.push(object)
  }
}

function limitOf(limit = 10): number {
  if (limit < 1)
    throw new ApiError(400, 'This value must be greater than or equal to 1.', {
      code: 'parameter_invalid_integer',
      param: 'limit',
    })
  if (limit > 100)
    throw new ApiError(400, 'This value must be less than or equal to 100.', {
      code: 'parameter_invalid_integer',
      param: 'limit',
    })
  return limit
}

function positionOf(objects: Ordered<{ id: string }>, id: string, param: string): number {
  for (let position = objects.length - 1; position >= 0; position--)
    if (objects.at(position)?.id === id) return position
  throw invalidRequest(`No such object: '${id}'. It must be an object of this list.`, param, 'resource_missing')
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
