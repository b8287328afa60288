import { createHash } from 'node:crypto'
import type { Plans } from '../catalogue/plans.ts'
import type { Usage } from '../usage/types.ts'
import type { MemberCall } from './types.ts'

/**
 * What a browser or another program is told of the membership: plan, state, dates, features, and how much of each limit is used. It is
 * one member's own, so only that browser may keep it, and it asks each time whether it still holds: most often it does (304).
 */
export async function membership<P extends Plans>({ request, owner, options }: MemberCall<P>): Promise<Response> {
  const member = await options.member(owner)
  const usage = Object.entries<Usage>(await member.usage())
  const body = JSON.stringify({
    ...member.toJSON(),
    usage: Object.fromEntries(usage.map(([feature, counted]) => [feature, toJson(counted)])),
  })
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  const headers = {
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    vary: 'accept, cookie, authorization',
    etag,
  }
  return knows(request, etag)
    ? new Response(null, { status: 304, headers })
    : new Response(body, { headers: { ...headers, 'content-type': 'application/json' } })
}

/** JSON has no Infinity: null is no limit. */
const toJson = ({ used, limit, remaining, resetsAt }: Usage) => ({
  used,
  limit: finite(limit),
  remaining: finite(remaining),
  resetsAt: resetsAt?.toISOString() ?? null,
})

const finite = (count: number): number | null => (Number.isFinite(count) ? count : null)

/** A proxy that packs the body marks the tag as weak; it is the same. */
const knows = ({ headers }: Request, etag: string): boolean =>
  (headers.get('if-none-match') ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
