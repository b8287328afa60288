import { PlanInHand } from './plan-again.ts'

/** Changes take a second or two; a page waits meanwhile. */
const patienceMs = 5_000
const lookMs = 100

/**
 * Makes a change of a membership when its turn has come. Beside a planned change one is made after the other, whichever process they came to:
 * the second waits for the first, and is decided by what that has left.
 *
 * @throws PlanInHand (`busy`) when the other takes too long, or has died a moment ago
 */
export async function inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      return await change()
    } catch (error) {
      if (!(error instanceof PlanInHand) || performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
  }
}
