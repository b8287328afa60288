import type { Server } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll } from 'vitest'

/**
 * Fails a test file that leaves something open: a server that listens, a connection, a child process, a timer that runs on.
 * Vitest ends its test processes by force, so nobody would notice otherwise. Loaded before each test file, so that its
 * `afterAll` runs after all others.
 */
const kinds = new Set([
  'TCPServerWrap',
  'TCPSocketWrap',
  'TLSWrap',
  'ProcessWrap',
  'FSEventWrap',
  'StatWatcher',
  'Timeout',
])
const closesWithin = 3_000
const atStart = openResources()

afterAll(async () => {
  const until = performance.now() + closesWithin
  let left = beyond(atStart)
  while (left.length > 0 && performance.now() < until) {
    await wait(20, undefined, { ref: false })
    left = beyond(atStart)
  }
  if (left.length > 0) throw new Error(`The test file left open: ${left.join(', ')}${addresses()}`)
}, closesWithin + 5_000)

/** What would keep this process alive, by kind. */
function openResources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    if (kinds.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

function beyond(before: Map<string, number>): string[] {
  return [...openResources()].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0)
    return more > 0 ? [`${more} × ${kind}`] : []
  })
}

/** The addresses of servers that still listen: the quickest hint at whose they are. */
function addresses(): string {
  const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles()
  const listening = handles.filter((handle): handle is Server => 'listening' in handle)
  return listening.map((server) => `\n  a server at ${JSON.stringify(server.address())}`).join('')
}
