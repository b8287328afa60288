/**
 * The last so many of what came. Adding costs the same however many are kept: an array that loses its first is moved as a whole.
 *
 * @example
 * const latest = createLatest<number>(2)
 * for (const number of [1, 2, 3]) latest.add(number)
 * latest.all() // [2, 3]
 */
export function createLatest<T>(kept: number) {
  const ring: T[] = []
  let next = 0
  return {
    add(item: T): void {
      ring[next] = item
      next = (next + 1) % kept
    },
    /** The oldest first. */
    all: (): T[] => [...ring.slice(next), ...ring.slice(0, next)],
  }
}
