import type { AccountSettings } from '../account.ts'
import { invalidRequest } from '../protocol/errors.ts'
import type { FaultSettings } from './faults.ts'

type Json = Record<string, unknown>
type Check = (value: unknown, param: string) => void

/** The end of the year 9999: what lies beyond it, no date says. */
const lastMoment = 253_402_300_799

const number =
  (most: number, words: string): Check =>
  (value, param) => {
    if (typeof value === 'number' && value >= 0 && value <= most) return
    throw invalidRequest(`${param} must be ${words}.`, param)
  }
const chance = number(1, 'a chance between 0 and 1')
const milliseconds = number(600_000, 'a number of milliseconds, ten minutes at most')
const whole = number(Number.MAX_SAFE_INTEGER, 'a number, not negative')

const listOfDays: Check = (value, param) => {
  if (Array.isArray(value) && value.every((day) => Number.isInteger(day) && day >= 0 && day <= 3650)) return
  throw invalidRequest(`${param} must be a list of whole days, e.g. [1, 3, 5, 7].`, param)
}
const ending: Check = (value, param) => {
  if (value === 'cancel' || value === 'unpaid' || value === 'past_due') return
  throw invalidRequest(`${param} must be cancel, unpaid or past_due.`, param)
}

/** Each named value by its check; a name that has none is told, with those that there are. */
const group =
  (checks: Record<string, Check>, what: string): Check =>
  (value, param) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalidRequest(`${param} must be an object of ${what}s.`, param)
    for (const [name, each] of Object.entries(value)) {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined
      if (!check)
        throw invalidRequest(`There is no ${what} ${name}. There are: ${Object.keys(checks).join(', ')}.`, param)
      check(each, name)
    }
  }

const webhooks = {
  duplicate: chance,
  delay: chance,
  delayMilliseconds: milliseconds,
  reorder: chance,
  drop: chance,
  truncate: chance,
}
const api = {
  status429: chance,
  status500: chance,
  status409: chance,
  slow: chance,
  slowMilliseconds: milliseconds,
  resetAfterWrite: chance,
}
const faults = group({ seed: whole, webhooks: group(webhooks, 'fault'), api: group(api, 'fault') }, 'fault')
const settings = group(
  {
    retryDays: listOfDays,
    afterRetries: ending,
    finalizeAfter: number(lastMoment, 'a number of seconds, not negative'),
    upcomingDays: number(3650, 'a number of days'),
  },
  'setting',
)

/** What is to go wrong, or a 400 that names what of it cannot be. */
export function faultSettings(body: Json): FaultSettings {
  faults(body, 'body')
  return body as FaultSettings
}

/** What of the account's settings is to change, or a 400 that names what of it cannot be. */
export function changedSettings(body: Json): Partial<AccountSettings> {
  settings(body, 'body')
  return body as Partial<AccountSettings>
}

/** Refuses a moment that the clock cannot show. */
export function refuseBeyond(to: number): void {
  if (!(to <= lastMoment)) throw invalidRequest('The clock goes to the end of the year 9999.', 'to')
}
