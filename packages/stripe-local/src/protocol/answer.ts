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
  response.setHeader('Date', new Date(now * 1000).toUTCString())
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.setHeader('Cache-Control', 'no-cache, no-store')
  response.writeHead(status).end(body)
}
