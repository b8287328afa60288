/**
 * The life of one process of the app, as far as anybody outside can tell. Whatever it asks of the world (a statement, a
 * call to Stripe) goes through `guard`, with a boundary before and one after it. At a chosen boundary the process dies:
 * what it was doing stops there, without an error that any code of it could catch, as under `kill -9`.
 */
export type Life = {
  readonly dead: boolean
  /** Boundaries passed so far. */
  readonly passed: number
  /** Resolves when the process dies. */
  readonly died: Promise<void>
  /** Dies at the boundary that comes after so many others. */
  dieAfter(boundaries: number): void
  /**
   * Runs something of the outer world for this process. Never settles once the process is dead. What does not count has no boundaries
   * and is held up by nobody: pg-boss looking for jobs.
   */
  guard<Result>(run: () => Promise<Result>, options?: { counts?: boolean }): Promise<Result>
  /** Whether nothing that this process asked of the outer world is under way. */
  readonly idle: boolean
  /** What is asked of the outer world from now on waits until `release`. */
  hold(): void
  release(): void
  /** Passes a boundary inside something that has to be undone in the world when the process dies. @throws Died */
  boundary(): void
  /** Rejects with `Died` when the process dies, for what has to be undone in the world then. */
  readonly death: Promise<never>
  /** Called at death, for what the world takes back: connections. */
  onDeath(undo: () => void): void
  /** Lets go of everything that hangs, when nobody looks any more. */
  bury(): void
  /** Resolves when the outer world has done with everything that was asked of it, be the process dead or not. */
  over(): Promise<void>
}

export class Died extends Error {
  constructor() {
    super('The process is dead.')
  }
}

export function createLife(): Life {
  let tellDeath: (reason: Died) => void = () => undefined
  const death = new Promise<never>((_, reject) => {
    tellDeath = reject
  })
  // Handled here as well: nobody may be listening when it happens.
  const died = death.catch(() => undefined)
  const hanging = new Set<(reason: Error) => void>()
  const undoing: (() => void)[] = []
  const outside = new Set<Promise<unknown>>()
  let left = Number.POSITIVE_INFINITY
  let passed = 0
  let dead = false
  let buried = false
  let underWay = 0
  let held: Promise<void> = Promise.resolve()
  let release: () => void = () => undefined

  const die = () => {
    dead = true
    for (const undo of undoing) undo()
    tellDeath(new Died())
  }
  const pass = (counts: boolean) => {
    if (dead || !counts) return
    passed += 1
    left -= 1
    if (left < 0) die()
  }
  const hang = () =>
    new Promise<never>((_, reject) => {
      if (buried) reject(new Died())
      else hanging.add(reject)
    })

  return {
    get dead() {
      return dead
    },
    get passed() {
      return passed
    },
    died,
    death,
    onDeath: (undo) => void undoing.push(undo),
    dieAfter(boundaries) {
      left = boundaries
    },
    async guard(run, { counts = true } = {}) {
      pass(counts)
      if (counts) await held
      if (dead) return hang()
      if (counts) underWay += 1
      const running = run()
      outside.add(running)
      try {
        const result = await running
        pass(counts)
        return dead ? hang() : result
      } catch (error) {
        pass(counts)
        if (dead) return hang()
        throw error
      } finally {
        outside.delete(running)
        if (counts) underWay -= 1
      }
    },
    get idle() {
      return dead || underWay === 0
    },
    hold() {
      held = new Promise((resolve) => {
        release = resolve
      })
    },
    release: () => release(),
    boundary() {
      pass(true)
      if (dead) throw new Died()
    },
    bury() {
      buried = true
      if (!dead) die()
      for (const reject of hanging) reject(new Died())
      hanging.clear()
    },
    async over() {
      while (outside.size > 0) await Promise.allSettled(outside)
    },
  }
}
