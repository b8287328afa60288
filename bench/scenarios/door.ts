import net from 'node:net'

/** A way to PostgreSQL that can be shut, and that can let the process behind it die at a chosen statement. */
export type Door = {
  /** The connection string for the process that goes through it. */
  url: string
  shut(): Promise<void>
  open(): Promise<void>
  /** Calls back, instead of handing it on, at the n-th statement from now. */
  at(statement: number, then: () => void): void
  close(): Promise<void>
}

/**
 * Stands between a process and its PostgreSQL server and counts what is executed: the messages `Q` (a simple query) and `E`
 * (execute) of the protocol. What a process has in flight when it dies there is not handed on.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export async function openDoor(database: string): Promise<Door> {
  const target = new URL(database)
  const sockets = new Set<net.Socket>()
  let left = Number.POSITIVE_INFINITY
  let atStatement: () => void = () => undefined

  const pass = (client: net.Socket) => {
    const server = net.connect(Number(target.port), target.hostname)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        server.destroy()
      })
      // An error is always followed by close, which is handled.
      socket.on('error', () => undefined)
    }
    server.pipe(client)
    const count = statementCounter()
    client.on('data', (chunk) => {
      left -= count(chunk)
      if (left > 0) {
        server.write(chunk)
        return
      }
      left = Number.POSITIVE_INFINITY
      atStatement()
      client.destroy()
    })
  }

  const listener = net.createServer(pass)
  const listen = (port: number) => new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve))
  const stop = () => new Promise<void>((resolve) => listener.close(() => resolve()))
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  await listen(0)
  const { port } = listener.address() as net.AddressInfo
  return {
    url: Object.assign(new URL(database), { hostname: '127.0.0.1', port: `${port}` }).href,
    async shut() {
      const stopped = stop()
      drop()
      await stopped
    },
    open: () => listen(port),
    at(statement, then) {
      left = statement
      atStatement = then
    },
    async close() {
      const stopped = stop()
      drop()
      await stopped
    },
  }
}

/** Counts the statements in a stream of frontend messages, however it is cut into chunks. */
export function statementCounter(): (chunk: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0)
  // The first message has no type: its length comes first.
  let begun = false
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let count = 0
    for (;;) {
      const header = begun ? 5 : 4
      if (rest.length < header) return count
      const length = rest.readUInt32BE(header - 4) + header - 4
      if (rest.length < length) return count
      const type = String.fromCharCode(rest[0] ?? 0)
      if (begun && (type === 'Q' || type === 'E')) count += 1
      begun = true
      rest = rest.subarray(length)
    }
  }
}
