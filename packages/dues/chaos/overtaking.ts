/** Lets answers of Stripe overtake each other: what was read first is known last. */
export type Overtaking = {
  /** The number of a call, given when it begins. */
  begin(): number
  /** Holds back the answer of a call about the object of this path until a later one about it has been answered and written down. */
  hold(path: string): Promise<void>
  answered(path: string, call: number): void
  /** Has the next answer about the object held back. Resolves when it is, or when nobody seems to ask. */
  demand(path: string): Promise<void>
  isDemanded(path: string): boolean
}

/** Long enough for an answer to be written to the mirror. */
const writtenMs = 15
/** Nobody may ask about the object again. */
const longestMs = 60

export function createOvertaking(): Overtaking {
  const held = new Set<{ path: string; after: number; release: (afterMs: number) => void }>()
  const demanded = new Map<string, () => void>()
  let calls = 0
  return {
    begin() {
      calls += 1
      return calls
    },
    hold: (path) =>
      new Promise((resolve) => {
        let timer = setTimeout(resolve, longestMs)
        const waiting = {
          path,
          after: calls,
          release(afterMs: number) {
            held.delete(waiting)
            clearTimeout(timer)
            timer = setTimeout(resolve, afterMs)
          },
        }
        held.add(waiting)
        demanded.get(path)?.()
      }),
    demand: (path) =>
      new Promise((resolve) => {
        const met = () => {
          demanded.delete(path)
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(met, longestMs)
        demanded.set(path, met)
      }),
    isDemanded: (path) => demanded.has(path),
    answered(path, call) {
      for (const { path: about, after, release } of [...held]) if (about === path && call > after) release(writtenMs)
    },
  }
}
