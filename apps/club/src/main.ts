// Loading everything takes a moment on a small machine: this much is said before.
console.log('Opening the club …')
const { run } = await import('./program.ts')
await run()

export {}
