/** Loaded into a contestant before its own program (`--expose-gc --import`): tells its parent, when asked, what its heap holds. */
process.on('message', () => {
  // Twice: what a finalizer of the first lets go of is gone after the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.(heapUsed + external)
})
process.channel?.unref()
