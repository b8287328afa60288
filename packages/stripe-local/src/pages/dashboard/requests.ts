import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { RequestLogEntry } from '../../protocol/api.ts'
import { dateTime } from '../web/format.ts'
import { type Answer, type Html, nothing, PageError, type PageRequest, redirect } from '../web/page.ts'
import { accountNamed, dashboardPage, linkTo } from './frame.ts'
import { textView } from './json.ts'

/** The API requests of an account, the newest first. */
export function showRequests({ host, path, url }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const failedOnly = url.searchParams.get('failed') === 'yes'
  const requests = host
    .requests()
    .filter((entry) => entry.account === account.id && (!failedOnly || entry.status >= 400))
    .toReversed()
  const body = html`<p class="actions"><a class="button quiet small" href="?"${failedOnly ? nothing : html` aria-current="true"`}>All</a><a class="button quiet small" href="?failed=yes"${failedOnly ? html` aria-current="true"` : nothing}>Failed</a></p>
${requestTable(account, requests.slice(0, 200), failedOnly ? 'No request has failed.' : 'No request has come yet.')}
<p class="soft small">The last 500 requests of all accounts are kept, in memory alone.</p>`
  return dashboardPage(account, 'requests', 'Requests', body)
}

export const requestTable = (account: Account, requests: readonly RequestLogEntry[], none: string): Html =>
  requests.length === 0
    ? html`<p class="empty card">${none}</p>`
    : html`<div class="table card"><table>
<thead><tr><th>Request</th><th>Status</th><th class="amount">Took</th><th>When</th></tr></thead>
<tbody>${requests.map(
        (entry) => html`<tr>
<td class="id"><a href="${linkTo(account, `requests/${entry.id}`)}">${entry.method} ${shortened(entry.path)}</a></td>
<td>${status(entry.status)}</td>
<td class="amount soft">${entry.milliseconds} ms</td>
<td class="when">${dateTime(entry.at)}</td></tr>`,
      )}</tbody></table></div>`

const shortened = (path: string): string => (path.length > 70 ? `${path.slice(0, 67)}…` : path)

const status = (code: number): Html =>
  html`<span class="badge ${code < 300 ? 'good' : code < 500 ? 'bad' : 'wait'}">${code}</span>`

/** One request: what was sent and what was answered. */
export function showRequest({ host, path }: PageRequest<'account' | 'id'>): Answer {
  const account = accountNamed(host, path.account)
  const entry = found(host.requests(), path.id)
  const query = entry.path.includes('?') ? entry.path.slice(entry.path.indexOf('?') + 1) : ''
  const body = html`<p class="about"><span class="id">${entry.id}</span> ${status(entry.status)} <span class="soft">${dateTime(entry.at)}, ${entry.milliseconds} ms</span></p>
${entry.idempotencyKey ? html`<p>Idempotency key <span class="id">${entry.idempotencyKey}</span></p>` : nothing}
<h2>Sent</h2>
${entry.body.startsWith('{') ? textView(account, entry.body) : parameters([...new URLSearchParams(query), ...new URLSearchParams(entry.body)])}
<h2>Answered</h2>
${textView(account, entry.answer)}`
  return dashboardPage(account, 'requests', `${entry.method} ${entry.path.split('?')[0]}`, body)
}

const parameters = (entries: readonly [string, string][]): Html =>
  entries.length === 0
    ? html`<p class="soft">No parameters.</p>`
    : html`<dl class="facts card">${entries.map(([name, value]) => html`<div><dt class="id">${name}</dt><dd class="id">${value}</dd></div>`)}</dl>`

/** Errors name this address, which knows no account. */
export function findRequest({ host, path }: PageRequest<'id'>): Answer {
  const entry = found(host.requests(), path.id)
  const account = host.accounts().find(({ id }) => id === entry.account)
  if (account) return redirect(linkTo(account, `requests/${entry.id}`))
  throw new PageError(
    404,
    'This request reached no account',
    `It was refused with ${entry.status}: look at the key that it was sent with.`,
  )
}

function found(requests: readonly RequestLogEntry[], id: string): RequestLogEntry {
  const entry = requests.find((each) => each.id === id)
  if (entry) return entry
  throw new PageError(404, `The request ${id} is not kept any more`, 'The last 500 requests are kept, in memory alone.')
}
