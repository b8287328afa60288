import type { ServerResponse } from 'node:http'
import { ApiError } from './errors.ts'

/** The body of an error, in Stripe's envelope: https://docs.stripe.com/api/errors */
export function errorBody(error: ApiError, requestId: string, pagesUrl: string): string {
  const { details, message } = error
  const envelope = {
    ...details,
    ...(details.code && { doc_url: `https://stripe.com/docs/error-codes/${details.code.replaceAll('_', '-')}` }),
    message,
    request_log_url: `${pagesUrl}/_local/requests/${requestId}`,
  }
  return JSON.stringify({ error: envelope }, null, 2)
}

/** A 500 says only that it is ours: what went wrong is on the terminal, never in an answer. */
export const internalError = (): ApiError =>
  new ApiError(
    500,
    'Stripe Local ran into an error of its own. What happened stands on its terminal; please report it.',
    {
      type: 'api_error',
    },
  )

/** Sends an answer: its status, the names and values of its headers in one list, its body. */
export type Send = (status: number, headers: string[], body: string) => void

/** By Node's server. One list of headers is the way of giving them on which it looks at each only once. */
export const sendWith =
  (response: ServerResponse): Send =>
  (status, headers, body) => {
    if (response.destroyed) return
    response.sendDate = false
    response.writeHead(status, headers).end(body)
  }

/** Sends an answer with the headers that Stripe sends; `Date` follows the account's clock. */
export function sendJson(
  send: Send,
  status: number,
  body: string,
  headers: Record<string, string | undefined>,
  now: number,
): void {
  const list = ['Date', httpDate(now)]
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) list.push(name, value)
  }
  list.push(
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Cache-Control',
    'no-cache, no-store',
  )
  send(status, list, body)
}

let dated = { second: 0, text: '' }

/** Written once a second, not once a request. */
function httpDate(now: number): string {
  if (dated.second !== now) dated = { second: now, text: new Date(now * 1000).toUTCString() }
  return dated.text
}
