import http from 'node:http'
import { connect, type Socket } from 'node:net'

export type Request = { method: string; path: string; headers?: Record<string, string>; body?: string }

/**
 * What one round saw: how many answers a second, how long they took, in milliseconds, and how much of a processor sending them took, in
 * microseconds for each: on a small machine it is taken from the servers that are measured.
 */
export type Round = { perSecond: number; p50: number; p99: number; sending: number }

/**
 * Sends `count` requests to 127.0.0.1 with `inFlight` at once over kept connections, and throws on the first answer that is not 2xx: a
 * figure that counts errors is worth nothing.
 *
 * On sockets and with bytes made before the clock runs: Node's own client takes as much of a core as the servers that are measured, and on
 * a small machine the figure would be the client's.
 */
export async function load(
  port: number,
  inFlight: number,
  count: number,
  next: (i: number) => Request,
): Promise<Round> {
  const requests = Array.from({ length: count }, (_, i) => bytesOf(next(i)))
  const lines = await Promise.all(Array.from({ length: inFlight }, () => openLine(port)))
  const times: number[] = []
  let begun = 0
  const [began, used] = [performance.now(), process.cpuUsage()]
  const worker = async (line: Line): Promise<void> => {
    while (begun < count) {
      const request = requests[begun++] as Buffer
      const at = performance.now()
      await line.send(request)
      times.push(performance.now() - at)
    }
  }
  await Promise.all(lines.map(worker))
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(used)
  for (const line of lines) line.close()
  times.sort((a, b) => a - b)
  return {
    perSecond: count / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    sending: (user + system) / count,
  }
}

function bytesOf({ method, path, headers = {}, body = '' }: Request): Buffer {
  const all = { host: '127.0.0.1', ...headers, 'content-length': Buffer.byteLength(body) }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`)
}

/** One kept connection, on which one request is under way at a time. */
type Line = { send(request: Buffer): Promise<void>; close(): void }

async function openLine(port: number): Promise<Line> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(opening))
    opening.once('error', reject)
  })
  let answer = ''
  let waiting: { resolve: () => void; reject: (error: Error) => void } | null = null
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    answer += chunk
    if (!isWhole(answer)) return
    const [status, text, ended] = [Number(answer.slice(9, 12)), answer, waiting]
    answer = ''
    waiting = null
    if (status >= 200 && status < 300) ended?.resolve()
    else ended?.reject(new Error(`the answer was ${text.slice(0, 300)}`))
  })
  for (const event of ['error', 'close'] as const)
    socket.on(event, (error?: Error | boolean) =>
      waiting?.reject(error instanceof Error ? error : new Error('the connection was closed before the answer')),
    )
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, head + 2))?.[1]
  return length === undefined ? answer.endsWith('0\r\n\r\n') : answer.length >= head + 4 + Number(length)
}

/** One request; answers the body. */
export function send(agent: http.Agent, port: number, { method, path, headers = {}, body }: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve(text)
        else reject(new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`))
      })
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
