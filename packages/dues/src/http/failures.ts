import type { Plans } from '../catalogue/plans.ts'
import { DuesError, type RefusalCode } from '../errors.ts'
import { errorPage } from './pages.ts'
import { hostPage, html, json, wantsJson } from './replies.ts'
import type { HttpOptions } from './types.ts'

type Failure = {
  readonly code: RefusalCode | 'internal'
  readonly status: number
  readonly message: string
  readonly details: DuesError['details']
}

/** What is the app's own trouble and no business of whoever asked. The log has the whole of it. */
const forTheLogOnly: { readonly [code in RefusalCode | 'internal']?: string } = {
  internal: 'Something went wrong here. Nothing was charged by this request; try again, or write to us if it stays.',
  settings_invalid: 'Something is not set up right here. It is not your doing; please write to us.',
  database_unavailable: 'Your membership cannot be reached just now. Nothing was changed; try again in a minute.',
  stripe_refused: 'The payment service did not accept this. Nothing was changed; please write to us.',
}

/** The one place where errors become answers: `{error: {code, message}}` for a program, a page for a person, each with its status. */
export async function errorReply<P extends Plans>(
  options: HttpOptions<P>,
  request: Request,
  error: unknown,
): Promise<Response> {
  if (wantsJson(request) || isForPrograms(options, request)) return jsonReply(options, request, error)
  const failure = failureOf(error)
  log(options, request, failure, error)
  const { status, message, details } = failure
  const { pages, plans, context } = options
  if (pages.error) {
    try {
      const owner = await options.identify(request)
      return hostPage(await pages.error({ request, owner, plans, paths: context.paths, ...failure }), status)
    } catch (cause) {
      // The error page's own error must not take the message away with it.
      context.logger.error({ error: describe(cause) }, 'pages.error threw; the plain page was shown')
    }
  }
  const payUrl = typeof details.payUrl === 'string' ? details.payUrl : null
  return html(errorPage({ message, payUrl, paths: context.paths }), { status, headers: retryLater(status) })
}

/** An error as a program gets it. */
export function jsonReply<P extends Plans>(options: HttpOptions<P>, request: Request, error: unknown): Response {
  const failure = failureOf(error)
  log(options, request, failure, error)
  const { code, status, message, details } = failure
  const more = Object.keys(details).length > 0 ? { details } : {}
  return json({ error: { code, message, ...more } }, { status, headers: retryLater(status) })
}

const retryLater = (status: number): Record<string, string> => (status === 503 ? { 'retry-after': '30' } : {})

/** These are never looked at by a person. */
const isForPrograms = <P extends Plans>({ context }: HttpOptions<P>, request: Request): boolean =>
  ['/webhook', '/membership', '/health', '/metrics'].some(
    (path) => new URL(request.url).pathname === context.basePath + path,
  )

function failureOf(error: unknown): Failure {
  const code = error instanceof DuesError ? error.code : 'internal'
  const status = error instanceof DuesError ? error.status : 500
  const hidden = forTheLogOnly[code]
  if (hidden !== undefined || !(error instanceof DuesError)) return { code, status, message: hidden ?? '', details: {} }
  return { code, status, message: error.message, details: error.details }
}

function log<P extends Plans>(
  { context }: HttpOptions<P>,
  request: Request,
  { code, status }: Failure,
  error: unknown,
): void {
  // The path without its query, which may carry a session's id.
  const fields = { code, status, method: request.method, path: new URL(request.url).pathname, error: describe(error) }
  if (status >= 500) context.logger.error(fields, 'request failed')
  else context.logger.debug(fields, 'request refused')
}

/** What of an error goes into a log: never its cause as a whole, for an SDK's error carries headers. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const details = error instanceof DuesError ? { details: error.details } : {}
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {}
  return { name: error.name, message: error.message, stack: error.stack, ...details, ...cause }
}
