import { join } from 'node:path'
import { type Contestant, startContestant } from './contestant.ts'
import { create, get, keyed, local, type Program, post, warmUp } from './customers.ts'
import { type Figure, figure } from './figures.ts'
import { load } from './load.ts'

const probeOfHeap = ['--expose-gc', '--import', join(import.meta.dirname, 'heap.ts')]
/** A million customers and their events in one heap; nobody else's needs more than Node gives. */
const roomy = '--max-old-space-size=8192'

/**
 * Bytes of heap that a customer takes, after a collection of garbage, with whatever the contestant keeps beside it (Stripe Local: the event).
 * @param count how many are created, over as many keys as are needed to stay below 5,000 requests of one
 */
export async function heapPerCustomer(program: Program, count: number): Promise<number> {
  const contestant = await startContestant({
    ...program,
    command: (port) => [...probeOfHeap, ...program.command(port)],
    ipc: true,
  })
  try {
    const keys = Array.from({ length: Math.ceil(count / 4000) }, (_, i) => keyed(`heap${i}`))
    await warmUp(contestant, Math.min(count, 2000))
    const before = await heapOf(contestant)
    await load(contestant.port, 16, count, (i) =>
      post('/v1/customers', `email=h${i}@example.com`, keys[Math.floor(i / 4000)]),
    )
    return ((await heapOf(contestant)) - before) / count
  } finally {
    await contestant.stop()
  }
}

const heapOf = (contestant: Contestant): Promise<number> =>
  new Promise((resolve, reject) => {
    contestant.process.once('message', (bytes) => resolve(Number(bytes)))
    contestant.process.send('heap', (error) => error && reject(error))
  })

/** What one request costs in an account of this size, and how large its heap is. */
export type Sized = { there: number; created: Figure; read: Figure; heapMegabytes: number }

/**
 * Creates and reads of customers, one in flight, with more and more of them there.
 * @param most seconds that filling may take in all: what is there by then is what is measured
 */
export async function bySize(sizes: readonly number[], options: { rounds: number; count: number; most: number }) {
  const contestant = await startContestant({ ...local([], [roomy, ...probeOfHeap]), ipc: true })
  const { port } = contestant
  const rows: Sized[] = []
  try {
    await warmUp(contestant, 4000)
    const ids: string[] = []
    let there = 0
    const until = performance.now() + options.most * 1000
    for (const size of sizes) {
      while (there < size && performance.now() < until) {
        // One of each batch is remembered, so that reads go all over what is there.
        const batch = Math.min(1000, size - there)
        ids.push(await create(port, '/v1/customers', `name=n${there}`))
        await load(port, 16, batch - 1, (i) => post('/v1/customers', `name=n${there + i}`))
        there += batch
      }
      const row = { there, created: [] as number[], read: [] as number[] }
      for (let round = 0; round < options.rounds; round++) {
        row.created.push((await load(port, 1, options.count, (i) => post('/v1/customers', `name=m${i}`))).perSecond)
        there += options.count
        const any = () => get(`/v1/customers/${ids[Math.floor(Math.random() * ids.length)]}`)
        row.read.push((await load(port, 1, options.count, any)).perSecond)
      }
      const heapMegabytes = Math.round((await heapOf(contestant)) / 1e6)
      rows.push({ there: row.there, created: figure(row.created), read: figure(row.read), heapMegabytes })
    }
    return rows
  } finally {
    await contestant.stop()
  }
}
