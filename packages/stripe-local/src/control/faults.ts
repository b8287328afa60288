/** Chances are between 0 and 1, times in milliseconds. What is left out does not happen. */
export type FaultSettings = {
  /** The same seed and the same order of calls give the same faults. */
  seed?: number
  webhooks?: {
    duplicate?: number
    delay?: number
    delayMilliseconds?: number
    reorder?: number
    drop?: number
    truncate?: number
  }
  api?: {
    status429?: number
    status500?: number
    status409?: number
    slow?: number
    slowMilliseconds?: number
    resetAfterWrite?: number
  }
}

/** What is to become of one delivery. */
export type DeliveryPlan = {
  copies: number
  delayMilliseconds: number
  first: boolean
  drop: boolean
  truncate: boolean
}

const apiFaults = ['status429', 'status500', 'status409', 'slow', 'resetAfterWrite'] as const

export type ApiFault = (typeof apiFaults)[number]

/**
 * Faults on demand, seeded, so that a run can be repeated, and counted, so that a test knows what it survived. Each delivery draws as often as any
 * other, and so does each request, so that one setting does not shift another's luck.
 */
export function createFaults() {
  let settings: FaultSettings = {}
  let luck = luckOf(1)
  let counts: Record<string, number> = {}

  function count(name: string): void {
    counts[name] = (counts[name] ?? 0) + 1
  }

  /** Draws for a fault of a delivery, and counts it when it happens. */
  function happens(name: keyof NonNullable<FaultSettings['webhooks']>, chance = 0): boolean {
    const drawn = luck.webhooks() < chance
    if (drawn) count(`webhooks.${name}`)
    return drawn
  }

  return {
    set(changed: FaultSettings): void {
      settings = changed
      luck = luckOf(changed.seed ?? 1)
      counts = {}
    },
    get settings(): FaultSettings {
      return settings
    },
    get counts(): Readonly<Record<string, number>> {
      return counts
    },

    planDelivery(): DeliveryPlan {
      const { webhooks } = settings
      if (!webhooks) return { copies: 1, delayMilliseconds: 0, first: false, drop: false, truncate: false }
      const wait = Math.ceil(luck.webhooks() * (webhooks.delayMilliseconds ?? 200))
      return {
        copies: happens('duplicate', webhooks.duplicate) ? 2 : 1,
        delayMilliseconds: happens('delay', webhooks.delay) ? wait : 0,
        first: happens('reorder', webhooks.reorder),
        drop: happens('drop', webhooks.drop),
        truncate: happens('truncate', webhooks.truncate),
      }
    },

    /** The fault that meets the next API request, if any. */
    planRequest(): ApiFault | undefined {
      const { api } = settings
      if (!api) return undefined
      const drawn = apiFaults.filter((name) => luck.api() < (api[name] ?? 0))
      if (drawn[0]) count(`api.${drawn[0]}`)
      return drawn[0]
    },

    get slowMilliseconds(): number {
      return settings.api?.slowMilliseconds ?? 1000
    },
  }
}

export type Faults = ReturnType<typeof createFaults>

/** Deliveries and requests draw for themselves: how many of the one there are is nothing to the other. */
const luckOf = (seed: number) => ({ webhooks: mulberry32(seed), api: mulberry32(~seed) })

/** A small seeded generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
const mulberry32 = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
