/** Counts failed tries, so that a password cannot be guessed by trying them all. */
export type Throttle = { blocked(key: string): boolean; failed(key: string): void; succeeded(key: string): void }

/** Allows so many failures for each key in a time; then `blocked` is true until the time is over. */
export function createThrottle({ tries = 8, milliseconds = 5 * 60_000, now = Date.now } = {}): Throttle {
  const failures = new Map<string, { count: number; until: number }>()
  const current = (key: string) => {
    const found = failures.get(key)
    if (found && found.until > now()) return found
    failures.delete(key)
    return undefined
  }
  return {
    blocked: (key) => (current(key)?.count ?? 0) >= tries,
    failed(key) {
      const found = current(key)
      // What is over is thrown out now and then, so that made-up names cannot fill the memory.
      if (failures.size > 10_000) for (const each of failures.keys()) current(each)
      if (found) found.count++
      else failures.set(key, { count: 1, until: now() + milliseconds })
    },
    succeeded: (key) => void failures.delete(key),
  }
}
