import { DuesError } from '../errors.ts'
import type { SubscriptionPlace } from '../store/members.ts'

/** Where a search stands: by which of the three ways it is looking, and after whom. */
export type Position =
  | { readonly by: 'subscription'; readonly after: SubscriptionPlace }
  | { readonly by: 'grant'; readonly after: number }
  | { readonly by: 'owner'; readonly after: string }

export const ways = ['subscription', 'grant', 'owner'] as const
export type Way = (typeof ways)[number]

/** Before everybody. Above all seconds and ids that there can be; below all names. */
export function firstOf(by: Way): Position {
  if (by === 'subscription') return { by, after: [Number.MAX_SAFE_INTEGER, ''] }
  return by === 'grant' ? { by, after: Number.MAX_SAFE_INTEGER } : { by, after: '' }
}

export const writeCursor = ({ by, after }: Position): string =>
  Buffer.from(JSON.stringify([by, after])).toString('base64url')

export function readCursor(cursor: string): Position {
  try {
    const [by, after] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown]
    if (by === 'subscription' && Array.isArray(after)) {
      const [created, id] = after
      if (Number.isSafeInteger(created) && typeof id === 'string') return { by, after: [created, id] }
    }
    if (by === 'grant' && typeof after === 'number' && Number.isSafeInteger(after)) return { by, after }
    if (by === 'owner' && typeof after === 'string') return { by, after }
  } catch (cause) {
    throw badCursor(cause)
  }
  throw badCursor()
}

const badCursor = (cause?: unknown): DuesError =>
  new DuesError('bad_request', 'This cursor is none of ours: hand on `next` of the page before, as it came.', { cause })
