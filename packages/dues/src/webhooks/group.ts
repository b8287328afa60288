/** What a group may be told. */
export type GroupOptions<Member> = {
  /** The most members of one batch. */
  largest?: number
  /** How many batches are worked on at once. */
  lanes?: number
  /** A batch that begins beside another has at least so many members: below that, waiting to be part of the next one is cheaper. */
  enough?: number
  /** What a member is about. Two that share a key are never in two batches at once, which would stand in each other's way. */
  keys?: (member: Member) => readonly string[]
}

/**
 * Group commit: while batches are being worked on, arrivals gather, and all of them are the next batch. Alone, a delivery waits for nobody;
 * in a crowd, a batch costs about what one delivery costs, and while the database works on one the next is read and decided.
 *
 * `work` takes a batch and answers for each of its members, in order. When it throws, every member gets the error.
 */
export function createGroup<Member, Result>(
  work: (batch: readonly Member[]) => Promise<readonly Result[]>,
  { largest = 256, lanes = 1, enough = 8, keys = () => [] }: GroupOptions<Member> = {},
): { add(member: Member): Promise<Result>; drain(): Promise<void> } {
  type Waiting = {
    member: Member
    keys: readonly string[]
    resolve: (result: Result) => void
    reject: (error: unknown) => void
  }
  let gathering: Waiting[] = []
  let awaited = false
  const busy = new Set<string>()
  const running = new Set<Promise<void>>()

  /** The next batch: those in line that share nothing with a batch under way, nor with one before them that has to wait for it. */
  const take = (): Waiting[] => {
    if (busy.size === 0 && gathering.length <= largest) {
      const all = gathering
      gathering = []
      return all
    }
    const batch: Waiting[] = []
    const held: Waiting[] = []
    const blocked = new Set(busy)
    for (const one of gathering) {
      if (batch.length < largest && !one.keys.some((key) => blocked.has(key))) batch.push(one)
      else {
        held.push(one)
        for (const key of one.keys) blocked.add(key)
      }
    }
    gathering = held
    return batch
  }

  const run = async (batch: readonly Waiting[]) => {
    for (const { keys } of batch) for (const key of keys) busy.add(key)
    try {
      const results = await work(batch.map(({ member }) => member))
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      for (const { keys } of batch) for (const key of keys) busy.delete(key)
    }
  }

  const begin = () => {
    awaited = false
    while (running.size < lanes && gathering.length >= (running.size === 0 ? 1 : enough)) {
      const batch = take()
      if (batch.length === 0) return
      const ended: Promise<void> = run(batch).finally(() => {
        running.delete(ended)
        begin()
      })
      running.add(ended)
    }
  }

  return {
    add(member) {
      return new Promise((resolve, reject) => {
        gathering.push({ member, keys: keys(member), resolve, reject })
        // After the turn of the event loop that is running: requests that were read in it come together.
        if (awaited || running.size === lanes) return
        awaited = true
        setImmediate(begin)
      })
    },
    async drain() {
      while (gathering.length > 0 || running.size > 0) {
        await (running.size > 0 ? Promise.race(running) : new Promise((resolve) => setImmediate(resolve)))
      }
    },
  }
}
