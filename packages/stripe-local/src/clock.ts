/**
 * The time of an account: real time plus an offset. It can be moved on, never back, so that a laptop sees a renewal today;
 * the `Date` header of every answer follows it. Test clocks are other clocks, frozen, and belong to single customers.
 */
export function createClock(realTime: () => number = () => Math.floor(Date.now() / 1000)) {
  let offset = 0
  return {
    /** Unix seconds. */
    now: (): number => realTime() + offset,
    /** Moves the clock on, so that `now()` is `time`. Does nothing when it is later already. */
    moveTo(time: number): void {
      offset = Math.max(offset, time - realTime())
    },
    get offset(): number {
      return offset
    },
    /** For restoring a snapshot or a journal alone: everything else only moves on. */
    set offset(seconds: number) {
      offset = seconds
    },
  }
}

export type Clock = ReturnType<typeof createClock>
