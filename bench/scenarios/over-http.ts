import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { webhookSecret } from '../../packages/dues/testing/scenarios/stage.ts'
import type { Handler, Shop } from '../../packages/dues/testing/scenarios/types.ts'
import type { Contestant } from '../lib/contestant.ts'
import { startHandler, type WebhookHandler } from '../lib/handlers.ts'
import { openDoor } from './door.ts'

/**
 * Any webhook handler as the table of scenarios sees it: two processes on one database of their own, each behind a door to
 * PostgreSQL, and an address for the app's own code that may be out of order.
 */
export async function overHttp(
  handler: WebhookHandler,
  { database, shop, secretKey }: { database: string; shop: Shop; secretKey: string },
): Promise<Handler & { close(): Promise<void> }> {
  const sql = new pg.Pool({ connectionString: database, max: 2 })
  const hook = await openHook()
  const doors = [await openDoor(database), await openDoor(database)] as const
  const start = (process: 0 | 1) =>
    startHandler(handler, {
      database: doors[process].url,
      webhookSecret,
      stripe: shop.url,
      secretKey,
      prices: shop.prices,
      hookUrl: hook.url,
      quiet: true,
    })
  // One after the other: both make the tables.
  const processes: [Contestant, Contestant] = [await start(0), await start(1)]
  /** A process that has ended by itself is started again before the next delivery, as any supervisor would. */
  const supervise = async (process: 0 | 1) => {
    const { exitCode, signalCode } = processes[process].process
    if (exitCode === null && signalCode === null) return
    processes[process] = await start(process)
  }
  const request = (process: 0 | 1, path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${processes[process].port}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(20_000),
    }).then(
      async (response) => {
        await response.arrayBuffer()
        return response.status
      },
      () => 0,
    )
  const restart = async () => {
    await processes[0].stop()
    processes[0] = await start(0)
  }

  return {
    async deliver(body, signature, process) {
      // It cannot start either while its database is down.
      const up = await supervise(process).then(
        () => true,
        () => false,
      )
      return up ? request(process, handler.webhook, body, { 'stripe-signature': signature }) : 0
    },
    belief: (id) => handler.belief(sql, id, shop.prices),
    enrol: async (customer, owner, by) => (await handler.enrol?.(sql, customer, owner, by)) ?? {},
    async databaseDown() {
      await Promise.all(doors.map((door) => door.shut()))
      return async () => {
        await Promise.all(doors.map((door) => door.open()))
      }
    },
    hookDown: hook.breaks,
    hookRuns: hook.runs,
    dieAt(statement) {
      let died = false
      doors[0].at(statement, () => {
        died = true
        processes[0].process.kill('SIGKILL')
      })
      return () => {
        doors[0].at(Number.POSITIVE_INFINITY, () => undefined)
        return died
      }
    },
    restart,
    async repair() {
      if (handler.repair === 'start') await restart()
      else if (handler.repair !== undefined) await request(0, handler.repair, '')
    },
    without: handler.without,
    patience: { soon: 5_000, late: 30_000, moment: 1_000 },
    async close() {
      await Promise.all(processes.map((one) => one.stop()))
      await Promise.all(doors.map((door) => door.close()))
      await hook.close()
      await sql.end()
    },
  }
}

/** Where the app's own code runs: it counts what it is told of, by subscription. */
async function openHook() {
  const runs = new Map<string, { tried: number; done: number }>()
  let broken = false
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { subscription } = JSON.parse(String(Buffer.concat(chunks))) as { subscription: string }
    const { tried, done } = runs.get(subscription) ?? { tried: 0, done: 0 }
    runs.set(subscription, { tried: tried + 1, done: broken ? done : done + 1 })
    response.writeHead(broken ? 500 : 204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    runs: (subscription: string) => runs.get(subscription) ?? { tried: 0, done: 0 },
    async breaks() {
      broken = true
      return async () => {
        broken = false
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
