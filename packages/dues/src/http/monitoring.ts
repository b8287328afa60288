import { createHash, timingSafeEqual } from 'node:crypto'
import { DuesError } from '../errors.ts'
import type { Health } from '../health.ts'
import { contentType } from '../metrics/registry.ts'
import { json } from './replies.ts'

/**
 * Who may look: everybody; whoever sends `Authorization: Bearer <token>`; or whom a function of the app's lets in.
 */
export type Watcher = 'public' | { readonly token: string } | ((request: Request) => boolean | Promise<boolean>)

/** Pages for machines that watch the app. Neither is there unless it is asked for. */
export type Monitoring = {
  /** `GET /billing/health`: numbers and no ids. 200 while members are served, 503 while the database cannot be reached. */
  readonly health?: Watcher
  /** `GET /billing/metrics`, for Prometheus. It tells how the business goes: better not to everybody. */
  readonly metrics?: Watcher
}

type Sources = { readonly health: () => Promise<Health>; readonly metrics: () => Promise<string> }
type Route = (request: Request) => Promise<Response>

/** An answer is given again for this long, so that nobody can keep the database busy with it. */
const answerLastsMs = 1_000

/** The routes that were asked for, by path. */
export function monitoringRoutes({ health, metrics }: Monitoring, sources: Sources): [path: string, route: Route][] {
  const healthNow = forAMoment(sources.health)
  const metricsNow = forAMoment(sources.metrics)
  return [
    ...watched('/health', health, () => healthReply(healthNow)),
    ...watched('/metrics', metrics, async () => {
      const headers = { 'content-type': contentType, 'cache-control': 'no-store' }
      return new Response(await metricsNow(), { headers })
    }),
  ]
}

function watched(path: string, watcher: Watcher | undefined, run: () => Promise<Response>): [string, Route][] {
  if (watcher === undefined) return []
  const route: Route = async (request) => {
    if (await isLetIn(watcher, request)) return run()
    const error = { code: 'not_signed_in', message: 'Send the token of this page as: Authorization: Bearer …' }
    return json({ error }, { status: 401, headers: { 'www-authenticate': 'Bearer' } })
  }
  return [[path, route]]
}

async function isLetIn(watcher: Watcher, request: Request): Promise<boolean> {
  if (watcher === 'public') return true
  if (typeof watcher === 'function') return watcher(request)
  const given = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
  // Hashes are of one length, as the comparison in constant time wants it.
  return timingSafeEqual(hash(given), hash(watcher.token))
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A load balancer takes a process out at 503: only for what makes it useless, and not because Stripe is away or an event is bad. */
async function healthReply(ask: () => Promise<Health>): Promise<Response> {
  try {
    const { inbox, ...rest } = await ask()
    const { oldestWaiting: _, ...numbers } = inbox
    return json({ ...rest, inbox: numbers })
  } catch (error) {
    if (!(error instanceof DuesError) || error.code !== 'database_unavailable') throw error
    return json(
      { status: 'down', problems: ['The database cannot be reached'] },
      { status: 503, headers: { 'retry-after': '5' } },
    )
  }
}

function forAMoment<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let last: { at: number; answer: Promise<Value> } | null = null
  return () => {
    const now = performance.now()
    if (last === null || now - last.at > answerLastsMs) last = { at: now, answer: ask() }
    return last.answer
  }
}
