/** Says what is being done when it takes longer than a second, and each few seconds that it goes on. */
export async function report<T>(what: string, work: Promise<T>): Promise<T> {
  const start = performance.now()
  let timer = setTimeout(function say() {
    console.log(`${what} … ${Math.round((performance.now() - start) / 1000)} s`)
    timer = setTimeout(say, 3000)
  }, 1000)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}
