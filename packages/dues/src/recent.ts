/** What was kept last, by its key: at most `limit`, and of the last half of that everything. */
export interface Recent<Value> {
  get(key: string): Value | undefined
  /** Keeps a value, in place of the one that its key had. */
  keep(key: string, value: Value): void
  forget(key: string): void
  clear(): void
}

/**
 * Makes a memory of what was kept last, in two halves: when the younger is full it becomes the older, and what was the older is let go. One
 * map with its oldest entry taken out each time would do the same, but has to walk over what was taken out before: 10 µs among 20,000
 * entries, in place of 0.2.
 */
export function createRecent<Value>(limit: number): Recent<Value> {
  let younger = new Map<string, Value>()
  let older = new Map<string, Value>()
  return {
    get: (key) => younger.get(key) ?? older.get(key),
    keep(key, value) {
      younger.set(key, value)
      if (younger.size * 2 < limit) return
      older = younger
      younger = new Map()
    },
    forget(key) {
      younger.delete(key)
      older.delete(key)
    },
    clear() {
      younger.clear()
      older.clear()
    },
  }
}
