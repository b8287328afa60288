/**
 * Group commit: while one batch is being worked on, arrivals gather, and all of them are the next batch. Alone, a
 * delivery waits for nobody; in a crowd, a batch costs about what one delivery costs.
 *
 * `work` takes a batch and answers for each of its members, in order. When it throws, every member gets the error.
 */
export function createGroup<Member, Result>(
  work: (batch: readonly Member[]) => Promise<readonly Result[]>,
  { largest = 256 }: { largest?: number } = {},
): { add(member: Member): Promise<Result>; drain(): Promise<void> } {
  type Waiting = { member: Member; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let gathering: Waiting[] = []
  let running: Promise<void> | null = null

  const run = async () => {
    // After the turn of the event loop that is running: requests that were read in it come together.
    await new Promise((resolve) => setImmediate(resolve))
    while (gathering.length > 0) {
      const batch = gathering.slice(0, largest)
      gathering = gathering.slice(largest)
      try {
        const results = await work(batch.map(({ member }) => member))
        batch.forEach(({ resolve }, index) => {
          resolve(results[index] as Result)
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = null
  }

  return {
    add(member) {
      return new Promise((resolve, reject) => {
        gathering.push({ member, resolve, reject })
        running ??= run()
      })
    },
    async drain() {
      while (running !== null) await running
    },
  }
}
