import type { Tell } from '../diagnostics.ts'
import { createRecent } from '../recent.ts'

export type CacheOptions = {
  /** How many owners are remembered; those asked for last are half of them. */
  limit?: number
  /** For how long a sign of life is good: no answer is older than this, whatever happens to the network. */
  trustMs?: number
  /** An entry is read anew after this, told or not. */
  oldestMs?: number
  /** Milliseconds of a clock that only goes forward. */
  clock?: () => number
  tell?: Tell
}

/**
 * What this process remembers of owners. It is believed only while changes are surely heard of:
 *
 * - What this process changes itself it forgets at once (`forget`), before whoever changed it goes on.
 * - What another changes it hears of by notification, some milliseconds after the commit.
 * - Every second or so it tells itself something and listens for it. Notifications come in the order of commits, so the sign that is
 *   heard proves that everything before it was heard. Without a sign for `trustMs` nothing is believed: a connection that was lost, or
 *   that a network swallowed without a word, or a pooler that does not pass notifications on.
 */
export interface MembershipCache<Value> {
  /** What is remembered, if it can be believed, or what `load` answers. */
  read(owner: string, load: () => Promise<Value>): Promise<Value>
  forget(owners: readonly string[] | 'all'): void
  /** Notifications can be heard from now on. */
  opened(): void
  /** They cannot: nothing is remembered and nothing believed. */
  lost(): void
  /** A sign of life that was sent at this time of the clock was heard. */
  heard(sentAt: number): void
  /** Whether somebody has asked since this was last asked: a process that nobody asks need not prove that it hears. */
  wanted(): boolean
}

/** Makes a cache. It is off until `opened`, and believed from the first sign on. */
export function createMembershipCache<Value>({
  limit = 10_000,
  trustMs = 5_000,
  oldestMs = 60_000,
  clock = () => performance.now(),
  tell,
}: CacheOptions = {}): MembershipCache<Value> {
  const entries = createRecent<{ value: Value; readAt: number }>(limit)
  /** The newest read of each owner that is under way. One that is no longer here has been overtaken by a change. */
  const reading = new Map<string, symbol>()
  let open = false
  let trustedUntil = Number.NEGATIVE_INFINITY
  let asked = false

  const remembered = (owner: string) => {
    const entry = entries.get(owner)
    const now = clock()
    return entry !== undefined && now < trustedUntil && now < entry.readAt + oldestMs ? entry : null
  }
  const clear = () => {
    entries.clear()
    reading.clear()
  }

  return {
    async read(owner, load) {
      asked = true
      const entry = remembered(owner)
      tell?.('dues:cache', () => ({ outcome: entry !== null ? 'hit' : open ? 'miss' : 'off' }))
      if (entry !== null) {
        entries.keep(owner, entry)
        return entry.value
      }
      // What was read while nothing is heard could be out of date before it is remembered.
      if (!open) return load()
      const mine = Symbol(owner)
      const readAt = clock()
      reading.set(owner, mine)
      try {
        const value = await load()
        if (reading.get(owner) === mine) entries.keep(owner, { value, readAt })
        return value
      } finally {
        if (reading.get(owner) === mine) reading.delete(owner)
      }
    },
    forget(owners) {
      if (owners === 'all') return clear()
      for (const owner of owners) {
        entries.forget(owner)
        reading.delete(owner)
      }
    },
    opened() {
      clear()
      trustedUntil = Number.NEGATIVE_INFINITY
      open = true
    },
    lost() {
      clear()
      trustedUntil = Number.NEGATIVE_INFINITY
      open = false
    },
    heard(sentAt) {
      if (open) trustedUntil = Math.max(trustedUntil, sentAt + trustMs)
    },
    wanted() {
      const wanted = asked
      asked = false
      return wanted
    },
  }
}
