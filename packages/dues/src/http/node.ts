import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'

type Handler = (request: Request) => Response | Promise<Response>

/**
 * Makes of a handler one that takes what Node's own server gives: for Express, Fastify, Koa, or `node:http` alone. The body must not have been
 * read before, since what Stripe signs is its very bytes: mount it before any body parser.
 *
 * @example
 * app.all('/billing/*splat', toNodeHandler(dues.handler)) // Express
 */
export const toNodeHandler =
  (handler: Handler) =>
  async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    let response: Response
    try {
      response = await handler(toRequest(incoming, outgoing))
    } catch {
      // The handler of Dues answers whatever happens; what threw is an address that is none.
      response = new Response(null, { status: 400 })
    }
    await sendResponse(outgoing, response)
  }

/**
 * What Node's server received, as a `Request`: for `dues.requirePlan` and other guards of the app's own routes.
 *
 * @param outgoing its answer; when that is cut off, so is the request's `signal`
 * @example
 * const member = await membersOnly(toRequest(req))
 * if (member instanceof Response) return sendResponse(res, member)
 */
export function toRequest(
  incoming: IncomingMessage & { originalUrl?: string; protocol?: string },
  outgoing?: ServerResponse,
): Request {
  const { method = 'GET', socket, headers } = incoming
  // Express cuts the path that a handler is mounted at from `url`, and knows whether a proxy that is trusted was asked by https.
  const path = incoming.originalUrl ?? incoming.url ?? '/'
  const protocol = incoming.protocol ?? ('encrypted' in socket ? 'https' : 'http')
  const ended = new AbortController()
  outgoing?.once('close', () => outgoing.writableFinished || ended.abort())
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(`${protocol}://${headers.host ?? 'localhost'}${path}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      name.startsWith(':') ? [] : [value ?? []].flat().map((one) => [name, one]),
    ),
    signal: ended.signal,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
  })
}

/** Sends a `Response` by Node's server. */
export async function sendResponse(outgoing: ServerResponse, { status, headers, body }: Response): Promise<void> {
  outgoing.statusCode = status
  for (const [name, value] of headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  if (body === null) outgoing.end()
  // Who has gone away does not want the rest.
  else await pipeline(Readable.fromWeb(body as NodeStream), outgoing).catch(() => outgoing.destroy())
}
