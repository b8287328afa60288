import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { advance } from '../../engine/advance.ts'
import { addIntervals } from '../../engine/calendar.ts'
import { alert, inputField } from '../fields.ts'
import { field } from '../web/form.ts'
import { count, dateTime } from '../web/format.ts'
import { type Answer, nothing, type PageRequest, redirect } from '../web/page.ts'
import { eventTable, settledSoon } from './events.ts'
import { accountNamed, dashboardPage, linkTo } from './frame.ts'
import { objectTable } from './lists.ts'

const steps = [
  ['hour', 'An hour'],
  ['day', 'A day'],
  ['week', 'A week'],
  ['month', 'A month'],
  ['year', 'A year'],
] as const

/** The account's clock, to be moved on; and its test clocks. */
export function showClock({ host, path, url }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const moved = Number(url.searchParams.get('from'))
  return clockPage(account, moved || undefined)
}

function clockPage(account: Account, from?: number, wrong?: { typed: string; problem: string }): Answer {
  const now = account.clock.now()
  const since = from === undefined ? [] : account.store.all('event').filter((event) => event.created >= from)
  const testClocks = account.store.all('test_helpers.test_clock')
  const body = html`<p class="now"><strong>${dateTime(now)}</strong> <span class="soft">UTC</span></p>
<p class="soft">${account.clock.offset === 0 ? 'This is real time.' : `This is ${ahead(account.clock.offset)} ahead of real time.`} What falls due on the way happens in its order, and its events go out. The clock never goes back.</p>
<form method="post" action="${linkTo(account, 'clock')}" class="stack card padded narrow">
<fieldset><legend class="label">Move on by</legend><div class="actions">${steps.map(([step, name]) => html`<button class="button quiet" name="step" value="${step}" type="submit" formnovalidate>${name}</button>`)}</div></fieldset>
${inputField({ label: 'Or to a date (UTC)', name: 'to', type: 'datetime-local', value: wrong?.typed ?? '', problem: wrong?.problem, optional: true })}
<p><button class="button" type="submit">Move on</button></p>
</form>
${
  from === undefined
    ? nothing
    : html`${alert('good', `Moved on to ${dateTime(now)}`, `${count(since.length, 'event')} on the way${since.length > 50 ? ', of which the last fifty are here' : ''}.`)}
${eventTable(account, since.slice(-50).reverse(), 'Nothing fell due.')}`
}
${testClocks.length > 0 ? html`<h2>Test clocks</h2>${objectTable(account, 'test_helpers.test_clock', testClocks.toReversed())}` : nothing}`
  return dashboardPage(account, 'clock', 'Clock', body, { status: wrong ? 422 : 200 })
}

function ahead(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  return days > 0
    ? count(days, 'day')
    : seconds >= 3600
      ? count(Math.floor(seconds / 3600), 'hour')
      : count(seconds, 'second')
}

/** Moves the account's clock on; the events of that time are delivered before the page comes, if that does not take long. */
export async function moveClock({ host, path, form }: PageRequest<'account'>): Promise<Answer> {
  const account = accountNamed(host, path.account)
  const now = account.clock.now()
  const step = field(form, 'step')
  const typed = field(form, 'to')
  const to = step ? stepped(now, step) : Math.floor(Date.parse(`${typed}Z`) / 1000)
  if (Number.isNaN(to)) return clockPage(account, undefined, { typed, problem: 'Choose a date and a time.' })
  if (to < now)
    return clockPage(account, undefined, {
      typed,
      problem: 'The clock only moves on: choose a time that is still to come.',
    })
  advance(account, to)
  host.noteAccount(account)
  await settledSoon(host, account)
  return redirect(linkTo(account, `clock?from=${now}`))
}

function stepped(now: number, interval: string): number {
  if (interval === 'hour') return now + 3600
  return addIntervals({ time: now }, { interval, interval_count: 1 }, 1)
}
