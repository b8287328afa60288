import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { StartError } from '../lock.ts'

export type Listening = { readonly port: number; close(): Promise<void> }

type Fetch = (request: Request) => Response | Promise<Response>

/**
 * Listens on a port (0: any free one). Without a host on this machine alone, by both of its addresses, since `localhost` is
 * ::1 to some clients and 127.0.0.1 to others.
 */
export async function listen(fetch: Fetch, port: number, host: string | undefined): Promise<Listening> {
  const first = await listenOn(fetch, port, host ?? '127.0.0.1')
  const bound = (first.address() as AddressInfo).port
  const servers = [first]
  // A machine may have no IPv6; 127.0.0.1 serves alone then.
  if (host === undefined) servers.push(...(await listenOn(fetch, bound, '::1').then(only, none)))
  return { port: bound, close: async () => void (await Promise.all(servers.map(close))) }
}

const only = (server: Server) => [server]
const none = (): Server[] => []

function listenOn(fetch: Fetch, port: number, hostname: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createAdaptorServer({ fetch }) as Server
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)))
    server.listen(port, hostname, () => resolve(server))
  })
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new StartError(
      `Port ${port} is in use. End what runs there, or set PORT to another one: PORT=${port + 1} npm start`,
    )
  }
  if (error.code === 'EACCES')
    return new StartError(`Port ${port} needs rights that this user lacks. Set PORT to one above 1023.`)
  return error
}

/** Answers what is under way and takes nothing new. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), 2000).unref()
  })
}
