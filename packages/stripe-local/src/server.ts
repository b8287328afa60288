import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { http } from './http.ts'
import type { Send } from './protocol/answer.ts'
import { takeWholeRequests, type WholeRequest } from './whole-requests.ts'

/** Who answers: requests to the API that came in one piece, and any request. */
export type Answers = { whole: (request: WholeRequest, send: Send) => void; any: RequestListener }

export type Listening = { port: number; close: () => Promise<void> }

/**
 * Listens on loopback, on both of its addresses, because `localhost` means ::1 to some clients and 127.0.0.1 to others; on another
 * host only when told.
 *
 * @param port 0 for any free one
 */
export async function listen(answers: Answers, port: number, host?: string): Promise<Listening> {
  const first = await listenOn(answers, port, host ?? '127.0.0.1')
  const servers = [first]
  const bound = first.port
  if (host === undefined) {
    const second = await listenOn(answers, bound, '::1').catch((error: NodeJS.ErrnoException) => {
      // A machine without IPv6, or a free port that somebody else has on ::1: 127.0.0.1 serves alone.
      if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EADDRINUSE'].includes(error.code ?? '')) return undefined
      throw error
    })
    if (second) servers.push(second)
  }
  return { port: bound, close: async () => void (await Promise.all(servers.map((server) => server.close()))) }
}

const listenOn = (answers: Answers, port: number, host: string): Promise<Listening> =>
  new Promise((resolve, reject) => {
    // A request that never comes to its end is given up: no form takes a minute.
    const server = http.createServer({ keepAliveTimeout: 60_000, requestTimeout: 60_000 }, answers.any)
    const shortWay = takeWholeRequests(server, answers.whole)
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve({ port: (server.address() as AddressInfo).port, close: () => close(server, shortWay) })
    })
  })

const close = (server: Server, shortWay: ReturnType<typeof takeWholeRequests>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    const ways = [server, shortWay]
    for (const way of ways) way.closeIdleConnections()
    // Requests under way get a moment; a client that holds its connection open does not hold us up.
    setTimeout(() => ways.forEach((way) => void way.closeAllConnections()), 500).unref()
  })

export type { IncomingMessage, ServerResponse }
