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

/** What is to go wrong with one delivery. */
export type DeliveryPlan = {
  copies: number
  delayMilliseconds: number
  first: boolean
  drop: boolean
  truncate: boolean
}

export type ApiFault = 'status429' | 'status500' | 'status409' | 'slow' | 'resetAfterWrite'

/**
 * Faults on demand, seeded, so that a run can be repeated, and counted, so that a test knows what it survived.
 */
export function createFaults() {
  let settings: FaultSettings = {}
  let random = mulberry32(1)
  let counts: Record<string, number> = {}

  /** Draws for a fault, and counts it when it happens. One draw a question, so that settings do not shift each other's luck. */
  function happens(name: string, chance = 0): boolean {
    const drawn = random() < chance
    if (drawn) counts[name] = (counts[name] ?? 0) + 1
    return drawn
  }

  return {
    set(changed: FaultSettings): void {
      settings = changed
      random = mulberry32(changed.seed ?? 1)
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
      return {
        copies: happens('webhooks.duplicate', webhooks.duplicate) ? 2 : 1,
        delayMilliseconds: happens('webhooks.delay', webhooks.delay)
          ? Math.ceil(random() * (webhooks.delayMilliseconds ?? 200))
          : 0,
        first: happens('webhooks.reorder', webhooks.reorder),
        drop: happens('webhooks.drop', webhooks.drop),
        truncate: happens('webhooks.truncate', webhooks.truncate),
      }
    },

    /** The fault that meets the next API request, if any. */
    planRequest(): ApiFault | undefined {
      const { api } = settings
      if (!api) return undefined
      const names: ApiFault[] = ['status429', 'status500', 'status409', 'slow', 'resetAfterWrite']
      return names.find((name) => happens(`api.${name}`, api[name]))
    },

    get slowMilliseconds(): number {
      return settings.api?.slowMilliseconds ?? 1000
    },
  }
}

export type Faults = ReturnType<typeof createFaults>

/** A small seeded generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
const mulberry32 = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
