import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** What Node's server received, as the handler takes it. */
export function toRequest(incoming: IncomingMessage): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, String(value))
  const { method = 'GET' } = incoming
  const body = method === 'GET' || method === 'HEAD' ? null : (Readable.toWeb(incoming) as ReadableStream)
  return new Request(`http://${incoming.headers.host}${incoming.url}`, { method, headers, body, duplex: 'half' })
}
