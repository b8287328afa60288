import type { IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Account } from '../account.ts'
import { newRequestId } from '../ids.ts'
import { JournalError } from '../journal.ts'
import type { AnyObject } from '../kinds.ts'
import { type Call, handlers, type Operation } from '../resource.ts'
import { apiVersion } from '../version.ts'
import type { WholeRequest } from '../whole-requests.ts'
import { errorBody, internalError, type Send, sendJson } from './answer.ts'
import { secretKeyOf } from './authenticate.ts'
import { readBody } from './body.ts'
import { ApiError, notSupported, shownIn } from './errors.ts'
import { expand } from './expand.ts'
import { decodeForm } from './form.ts'
import { type AnswerUnderKey, fingerprintOf } from './idempotency.ts'
import { shapeOf } from './older-answers.ts'
import { formInTodaysWords, requestInTodaysWords } from './older-requests.ts'
import { checkParameters } from './parameters.ts'
import { render } from './render.ts'
import { matchOperation, unrecognizedUrl } from './routes.ts'

/** What the API needs of the process around it. */
export type ApiHost = {
  accountOf: (key: string, connected?: string) => Account
  pagesUrl: () => string
  /** Told of each request when it is answered, for the dashboard's log. */
  log: (entry: RequestLogEntry) => void
  /** Lets what fell due by the account's clock happen before a request sees it. */
  tick: (account: Account) => void
}

export type RequestLogEntry = {
  id: string
  account: string
  method: string
  path: string
  status: number
  body: string
  answer: string
  idempotencyKey: string | null
  at: number
  milliseconds: number
}

type ApiRequest = IncomingMessage | WholeRequest

/** Answers one request to /v1 or /v2: key, idempotency, parameters, handler, expand, envelope. */
export async function answerApi(host: ApiHost, request: ApiRequest, send: Send): Promise<void> {
  const began = performance.now()
  const id = newRequestId()
  const method = request.method ?? 'GET'
  const url = splitUrl(request.url ?? '/')
  let account: Account | undefined
  let body = ''
  let status = 500
  let answer = ''
  const version = versionOf(request)
  const headers: Record<string, string | undefined> = { 'Request-Id': id, 'Stripe-Version': version }
  try {
    account = host.accountOf(secretKeyOf(request), header(request, 'stripe-account'))
    checkVersion(version)
    body = await readBody(request)
    const key = method === 'GET' ? undefined : header(request, 'idempotency-key')
    const fault = account.faults.planRequest()
    if (fault === 'slow') {
      const { faults, idempotency } = account
      const slowly = () => wait(faults.slowMilliseconds)
      await (key === undefined ? slowly() : idempotency.whileWaiting(key, slowly))
    }
    if (fault === 'status429')
      throw new ApiError(429, 'Too many requests hit the API too quickly. (A fault you asked Stripe Local for.)', {
        code: 'rate_limit',
      })
    if (fault === 'status500')
      throw new ApiError(500, 'An unknown error occurred. (A fault you asked Stripe Local for.)', { type: 'api_error' })
    if (fault === 'status409')
      throw new ApiError(
        409,
        'This object cannot be accessed right now because another API request is currently accessing it. (A fault you asked Stripe Local for.)',
        { code: 'lock_timeout' },
      )
    host.tick(account)
    const done =
      key === undefined
        ? carryOut(account, method, url, body, version, { id, idempotency_key: null })
        : once(account, key, method, url, body, id, headers)
    status = done.status
    answer = done.body
    if (fault === 'resetAfterWrite') {
      request.socket.destroy()
      return
    }
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error)
    const known = error instanceof ApiError ? error : internalError()
    status = known.status
    answer = errorBody(known, id, host.pagesUrl())
  } finally {
    const now = account?.clock.now() ?? Math.floor(Date.now() / 1000)
    if (answer) sendJson(send, status, answer, { ...headers, 'Stripe-Should-Retry': shouldRetry(status) }, now)
    host.log({
      id,
      account: account?.id ?? '',
      method,
      path: request.url ?? '/',
      status,
      body,
      answer,
      idempotencyKey: header(request, 'idempotency-key') ?? null,
      at: now,
      milliseconds: Math.round((performance.now() - began) * 10) / 10,
    })
  }

  /** Carries a request out once for its idempotency key, and answers repeats with the first answer. */
  function once(
    account: Account,
    key: string,
    method: string,
    url: Url,
    body: string,
    id: string,
    headers: Record<string, string | undefined>,
  ): Done {
    headers['Idempotency-Key'] = key
    headers['Original-Request'] = id
    const fingerprint = fingerprintOf(method, url.path, body)
    const kept = account.idempotency.begin(key, fingerprint, account.clock.now())
    if (kept) {
      headers['Original-Request'] = kept.request
      headers['Idempotent-Replayed'] = 'true'
      return kept
    }
    const underKey = (status: number, answer: string): AnswerUnderKey => [
      key,
      { status, body: answer, fingerprint, request: id, at: account.clock.now() },
    ]
    const refusal = (error: ApiError) => underKey(error.status, errorBody(error, id, host.pagesUrl()))
    try {
      return carryOut(account, method, url, body, version, { id, idempotency_key: key }, (outcome) =>
        outcome instanceof ApiError ? refusal(outcome) : underKey(200, outcome),
      )
    } catch (error) {
      if (isKeptAlone(error)) account.work(noRequest, nothing, () => refusal(error))
      throw error
    } finally {
      account.idempotency.abandon(key)
    }
  }
}

const noRequest = { id: null, idempotency_key: null }
const nothing = () => undefined

/** A refusal that was carried out as far as it went, and changed nothing: a repeat gets it again. What failed validation may be asked anew. */
const isKeptAlone = (error: unknown): error is ApiError =>
  error instanceof ApiError &&
  !(error instanceof JournalError) &&
  !error.keepChanges &&
  (error.status >= 500 || error.status === 402)

/** The path and what stands after its question mark, both still encoded. */
type Url = { path: string; query: string }

function splitUrl(url: string): Url {
  const mark = url.indexOf('?')
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

type Done = { status: number; body: string }

const none: string[] = []

function carryOut(
  account: Account,
  method: string,
  url: Url,
  body: string,
  version: string,
  by: { id: string; idempotency_key: string | null },
  answerOf?: (outcome: string | ApiError) => AnswerUnderKey,
): Done {
  const asked = requestInTodaysWords(version, method, url.path)
  const matched = matchOperation(asked.method, asked.path)
  if (!matched) throw unrecognizedUrl(method, url.path)
  const isJson = url.path.startsWith('/v2/') && body !== ''
  const encoded = method === 'GET' || (method === 'DELETE' && body === '') ? url.query : body
  const form = isJson ? parseJson(body) : decodeForm(formInTodaysWords(matched.operation, version, encoded))
  const params = checkParameters(matched.operation, form)
  const handler = handlers.get(matched.operation)
  if (!handler) throw notSupported(matched.operation)
  const { expand: paths = none, ...rest } = params as { expand?: string[] }
  const call = {
    account,
    operation: matched.operation as Operation,
    path: matched.path,
    params: rest,
    url: url.path,
  } as unknown as Call
  const shape = shapeOf(version, account)
  const run = () => {
    try {
      const object = handler(call) as AnyObject
      return JSON.stringify(expand(account, shape(render(account, object)), paths, shape), null, 2)
    } catch (error) {
      throw error instanceof ApiError ? shownIn(error, shape) : error
    }
  }
  return { status: 200, body: account.work(by, run, answerOf) }
}

function parseJson(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>
  } catch (error) {
    throw new ApiError(400, `Invalid JSON: ${error instanceof Error ? error.message : 'not an object'}`)
  }
  throw new ApiError(400, 'Invalid JSON: the body must be an object.')
}

const header = (request: ApiRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** The version that the caller asked for is echoed; its words are understood, and its shapes are answered (`older-requests.ts`, `older-answers.ts`). */
const versionOf = (request: ApiRequest): string => header(request, 'stripe-version') ?? apiVersion

/** A date, since 2024 with the name of its release; previews say more after a semicolon. */
function checkVersion(version: string): void {
  if (/^\d{4}-\d\d-\d\d(\.\w+)?(;|$)/.test(version)) return
  throw new ApiError(400, `Invalid Stripe API version: ${version}`)
}

const shouldRetry = (status: number): string | undefined =>
  status === 429 || status === 409 || status >= 500 ? 'true' : 'false'
