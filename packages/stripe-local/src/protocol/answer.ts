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

/** Writes an answer with the headers that Stripe sends; `Date` follows the account's clock. */
export function writeJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string | undefined>,
  now: number,
): void {
  response.sendDate = false
  // Names and values in one list: the way of giving headers on which Node looks at each only once.
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
  response.writeHead(status, list).end(body)
}

let dated = { second: 0, text: '' }

/** Written once a second, not once a request. */
function httpDate(now: number): string {
  if (dated.second !== now) dated = { second: now, text: new Date(now * 1000).toUTCString() }
  return dated.text
}
