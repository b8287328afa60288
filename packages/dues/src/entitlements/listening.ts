import { randomUUID } from 'node:crypto'
import type { Tell } from '../diagnostics.ts'
import type { Logger } from '../logger.ts'
import { beginListening, changesChannel, endListening, readChange, signLife, signOf } from '../store/changes.ts'
import type { Database } from '../store/database.ts'
import type { MembershipCache } from './cache.ts'

/** Signs that may go unheard before another connection is tried; doubled each time, up to a minute's worth of them. */
const firstPatience = 5
const longestPatience = 60

/**
 * Keeps a cache told of what other processes change. It never throws and nothing waits for it: while it cannot listen the cache is off,
 * every question goes to the database, and listening is tried again. Writers tell of changes only while somebody has said that they listen
 * (`beginListening`), and each sign of life says so for a minute more.
 */
export function createListening({
  database,
  cache,
  logger,
  tell,
  signMs = 1_000,
  clock = () => performance.now(),
}: {
  database: Database
  cache: Pick<MembershipCache<unknown>, 'forget' | 'opened' | 'lost' | 'heard' | 'wanted'>
  logger: Logger
  tell?: Tell
  /** How often a sign of life is sent, while somebody asks. */
  signMs?: number
  clock?: () => number
}) {
  const me = randomUUID()
  let stopListening: (() => Promise<void>) | null = null
  /** `deaf`: there is no connection, or it is being made again. `unknown`: there is one, and writers do not know of it. */
  let phase: 'deaf' | 'unknown' | 'told' = 'deaf'
  let stopped = true
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> = Promise.resolve()
  let sign: { text: string; sentAt: number } | null = null
  let sent = 0
  let unheard = 0
  let patience = firstPatience

  const become = (next: typeof phase) => {
    sign = null
    unheard = 0
    const [was, is] = [phase === 'told', next === 'told']
    phase = next
    if (is) cache.opened()
    else cache.lost()
    if (was !== is) tell?.('dues:listen', () => ({ listening: is }))
  }
  const onMessage = (payload: string) => {
    const change = readChange(payload)
    if ('owners' in change) return cache.forget(change.owners)
    if (sign === null || change.sign !== sign.text) return
    cache.heard(sign.sentAt)
    sign = null
    unheard = 0
    patience = firstPatience
  }

  const listen = async () => {
    stopListening = await database.listen(changesChannel, {
      onMessage,
      onLost: () => {
        become('deaf')
        logger.warn(
          {},
          'the connection that hears of changes was lost; memberships are read from the database meanwhile',
        )
      },
      onGap: () => become('unknown'),
    })
    become('unknown')
  }
  const begin = async () => {
    if (await beginListening(database, me)) {
      // The connection may have been lost meanwhile, and come back.
      if (phase === 'unknown') become('told')
    } else
      logger.debug({}, 'somebody has been writing for long; memberships are read from the database until that is over')
  }
  const unlisten = async () => {
    const stop = stopListening
    stopListening = null
    become('deaf')
    await stop?.()
  }

  const prove = async () => {
    if (sign !== null) unheard += 1
    if (unheard >= patience) {
      logger.warn(
        {},
        'what the database notifies of does not arrive, so the cache of memberships is off and another connection is tried. A pooler in transaction mode never passes it on: give Dues a direct connection then, or leave the option `cache` out',
      )
      patience = Math.min(longestPatience, patience * 2)
      return unlisten()
    }
    if (!cache.wanted()) return
    sent += 1
    const made = { text: signOf(me, sent), sentAt: clock() }
    sign = made
    if (await signLife(database, me, made.text)) return
    if (phase === 'told') become('unknown')
    await begin()
  }

  const turn = async () => {
    try {
      if (stopListening === null) await listen()
      if (phase === 'unknown') await begin()
      else if (phase === 'told') await prove()
    } catch (error) {
      sign = null
      logger.debug({ err: error }, 'the database could not be asked for changes; it is tried again')
    }
  }
  const again = (after: number) => {
    timer = setTimeout(() => {
      working = turn().then(() => {
        if (!stopped) again(signMs * (0.75 + Math.random() / 2))
      })
    }, after)
    timer.unref()
  }

  return {
    /** Begins to listen; resolves when it does, or when the first try has failed. */
    async start() {
      stopped = false
      working = turn()
      await working
      again(0)
    },
    async stop() {
      if (stopped) return
      stopped = true
      clearTimeout(timer)
      await working
      await unlisten()
      await endListening(database, me).catch((error: unknown) => {
        logger.debug(
          { err: error },
          'writers could not be told that nobody listens any more; a minute from now they know',
        )
      })
    },
  }
}
