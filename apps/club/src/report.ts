/**
 * Says what is being done, and again each few seconds that it goes on. It is said at once: the embedded database holds up
 * everything else for seconds when it is made, timers as well.
 */
export async function report<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  console.log(`${what} …`)
  const timer = setInterval(() => {
    console.log(`${what} … ${Math.round((performance.now() - start) / 1000)} s`)
  }, 3000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
