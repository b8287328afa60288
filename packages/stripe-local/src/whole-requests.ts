import type { IncomingHttpHeaders, Server } from 'node:http'
import type { Socket } from 'node:net'
import { http } from './http.ts'
import type { Send } from './protocol/answer.ts'

/** A request that came in one piece: what the API reads of Node's `IncomingMessage`, and its body. */
export type WholeRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer; socket: Socket }

/**
 * A short way for what SDKs send all day: a request to the API, in one piece. Node's server makes a stream of each request and of each answer,
 * which was a quarter of what a created customer costs.
 *
 * It never understands a request otherwise than Node would, because it reads only what is beyond doubt. The first piece that is anything else (a page,
 * half a request, two at once, chunks, an expectation, a header that comes twice) goes to Node's server, and its connection with it, for good.
 */
export function takeWholeRequests(server: Server, answer: (request: WholeRequest, send: Send) => void) {
  const [toNode] = server.listeners('connection') as [(socket: Socket) => void]
  server.off('connection', toNode)
  server.on('connection', serve)
  const connections = new Set<{ socket: Socket; answering: boolean }>()

  function serve(socket: Socket): void {
    const connection = { socket, answering: false }
    const listeners = { data: read, end, error: forget, close: forget, timeout }
    connections.add(connection)
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener)
    socket.setTimeout(server.keepAliveTimeout)

    function read(piece: Buffer): void {
      // The next request has come before the last one was answered: answers keep the order of their requests.
      if (connection.answering) {
        socket.pause()
        socket.unshift(piece)
        return
      }
      const request = wholeRequest(piece, socket)
      connection.answering = request !== undefined
      if (request) answer(request, send)
      else handOver(piece)
    }

    function send(status: number, headers: readonly string[], body: string): void {
      if (socket.destroyed) return
      // A client that does not read its answers is not asked for more requests.
      if (socket.write(`${headOf(status, headers, server.keepAliveTimeout)}${body}`)) answered()
      else socket.once('drain', answered)
    }

    function answered(): void {
      connection.answering = false
      if (socket.isPaused()) socket.resume()
    }

    function handOver(piece: Buffer): void {
      forget()
      for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener)
      socket.setTimeout(0)
      socket.pause()
      socket.unshift(piece)
      toNode.call(server, socket)
      socket.resume()
    }

    function end(): void {
      socket.end()
    }

    function timeout(): void {
      if (!connection.answering) socket.destroy()
    }

    function forget(): void {
      connections.delete(connection)
    }
  }

  return {
    closeIdleConnections(): void {
      for (const { socket, answering } of connections) if (!answering) socket.destroy()
    },
    closeAllConnections(): void {
      for (const { socket } of connections) socket.destroy()
    },
  }
}

/** Printable ASCII alone, so that a character is a byte. */
const head = /^(GET|POST|DELETE) (\/v[12]\/[!-~]*) HTTP\/1\.1\r\n((?:[\w-]+: [ -~]*\r\n)+)\r\n/

/** The request that this piece is; undefined unless it is one request to the API, all of it and nothing else. */
function wholeRequest(piece: Buffer, socket: Socket): WholeRequest | undefined {
  if (piece.length > http.maxHeaderSize) return undefined
  const [start, method, url, lines] = head.exec(piece.toString('latin1')) ?? []
  const headers = lines && headersOf(lines)
  if (!start || !method || !url || !headers) return undefined
  const { 'content-length': length = '0', connection = 'keep-alive' } = headers
  const isPlain =
    headers.host !== undefined &&
    connection.toLowerCase() === 'keep-alive' &&
    !('transfer-encoding' in headers || 'expect' in headers || 'upgrade' in headers)
  if (!isPlain || !/^\d{1,5}$/.test(length) || piece.length !== start.length + Number(length)) return undefined
  return { method, url, headers, body: piece.subarray(start.length), socket }
}

/** Names in lower case, as Node has them; undefined where one comes twice, or is a name that every object knows. */
function headersOf(lines: string): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {}
  for (let at = 0; at < lines.length; ) {
    const [colon, end] = [lines.indexOf(':', at), lines.indexOf('\r\n', at)]
    const name = lines.slice(at, colon).toLowerCase()
    if (name in headers) return undefined
    headers[name] = lines.slice(colon + 2, end).trim()
    at = end + 2
  }
  return headers
}

function headOf(status: number, headers: readonly string[], keepAlive: number): string {
  let text = `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n`
  for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`
  return `${text}Connection: keep-alive\r\nKeep-Alive: timeout=${keepAlive / 1000}\r\n\r\n`
}
