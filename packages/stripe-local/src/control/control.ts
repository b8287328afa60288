import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Account } from '../account.ts'
import { advance } from '../engine/advance.ts'
import type { Deliveries } from '../events/deliver.ts'
import { errorBody, internalError, sendJson, sendWith } from '../protocol/answer.ts'
import { secretKeyOf } from '../protocol/authenticate.ts'
import { readBody } from '../protocol/body.ts'
import { ApiError, invalidRequest } from '../protocol/errors.ts'
import { changedSettings, faultSettings, refuseBeyond } from './checks.ts'

/** What the control API needs of the process around it. */
export type ControlHost = {
  accountOf: (key: string) => Account
  deliveriesOf: (account: Account) => Deliveries
  pagesUrl: () => string
  /** Told after the clock or the settings changed, which are no objects: the journal notes them. */
  noteAccount: (account: Account) => void
}

type Json = Record<string, unknown>
type Action = (host: ControlHost, account: Account, body: Json) => unknown | Promise<unknown>

/**
 * The control API, outside /v1: what a real Stripe does not have. With the account's secret key as bearer.
 *
 * `GET|POST /_local/clock`, `GET|POST /_local/faults`, `GET|POST /_local/settings`, `POST /_local/settled`, `POST /_local/resend`.
 */
const actions: Record<string, Action> = {
  'GET /_local/clock': (_host, account) => ({ now: account.clock.now() }),

  /** Moves the account's clock on by `months`, `days` or `seconds`, or to `to`; answers when the webhooks of that time were delivered once. */
  'POST /_local/clock': async (host, account, body) => {
    const now = account.clock.now()
    const to = body.to === undefined ? moved(now, body) : wholeNumber(body.to, 'to')
    refuseBeyond(to)
    if (to < now) throw invalidRequest('The clock only moves on. Start with an empty Stripe to go back.', 'to')
    advance(account, to)
    host.noteAccount(account)
    await host.deliveriesOf(account).settled()
    return { now: account.clock.now() }
  },

  'GET /_local/faults': (_host, account) => ({ settings: account.faults.settings, counts: account.faults.counts }),
  'POST /_local/faults': (_host, account, body) => {
    account.faults.set(faultSettings(body))
    return { settings: account.faults.settings }
  },

  'GET /_local/settings': (_host, account) => account.settings,
  'POST /_local/settings': (host, account, body) => {
    account.settings = { ...account.settings, ...changedSettings(body) }
    host.noteAccount(account)
    return account.settings
  },

  'POST /_local/settled': async (host, account) => {
    await host.deliveriesOf(account).settled()
    return { settled: true }
  },

  'POST /_local/resend': (host, account, body) => {
    const event = account.get('event', String(body.event), 'event')
    host.deliveriesOf(account).resend(event.id, body.endpoint === undefined ? undefined : String(body.endpoint))
    return { resent: event.id }
  },
}

/** Answers one request to /_local. */
export async function answerControl(
  host: ControlHost,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  let now = Math.floor(Date.now() / 1000)
  try {
    const action = actions[`${request.method} ${path}`]
    if (!action)
      throw new ApiError(404, `There is no ${request.method} ${path}. There are: ${Object.keys(actions).join(', ')}.`)
    const account = host.accountOf(secretKeyOf(request))
    const answer = await action(host, account, await jsonBody(request))
    now = account.clock.now()
    sendJson(sendWith(response), 200, JSON.stringify(answer, null, 2), {}, now)
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error)
    const known = error instanceof ApiError ? error : internalError()
    sendJson(sendWith(response), known.status, errorBody(known, 'control', host.pagesUrl()), {}, now)
  }
}

async function jsonBody(request: IncomingMessage): Promise<Json> {
  const text = await readBody(request)
  if (text === '') return {}
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Json
  } catch {
    throw invalidRequest('The body is not valid JSON.')
  }
  throw invalidRequest('The body must be a JSON object.')
}

function moved(now: number, body: Json): number {
  const months = body.months === undefined ? 0 : wholeNumber(body.months, 'months')
  const days = body.days === undefined ? 0 : wholeNumber(body.days, 'days')
  const seconds = body.seconds === undefined ? 0 : wholeNumber(body.seconds, 'seconds')
  if (months + days + seconds === 0) throw invalidRequest('Say how far: months, days, seconds or to.')
  return monthsOn(now, months) + days * 86_400 + seconds
}

function wholeNumber(value: unknown, param: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw invalidRequest(`${param} must be a whole number, not negative.`, param)
}

/** The same day of a later month, or its last day: 31 January and a month is 28 February. */
function monthsOn(time: number, months: number): number {
  const date = new Date(time * 1000)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, days))
  return date.getTime() / 1000
}
