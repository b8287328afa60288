import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { Kinds, LocalDelivery } from '../../kinds.ts'
import { badge } from '../fields.ts'
import { field } from '../web/form.ts'
import { dateTime } from '../web/format.ts'
import { type Answer, type Html, nothing, PageError, type PageRequest, type PagesHost, redirect } from '../web/page.ts'
import { accountNamed, dashboardPage, linkTo, objectLink } from './frame.ts'
import { jsonView } from './json.ts'

type Event = Kinds['event']
const perPage = 50

/** Events, the newest first; of one type when asked. */
export function showEvents({ host, path, url }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const type = (url.searchParams.get('type') ?? '').trim()
  const events = account.store.ordered('event')
  const from = Math.min(events.length, Number(url.searchParams.get('before') ?? events.length) || 0)
  const page: Event[] = []
  let at = from - 1
  for (; at >= 0 && page.length < perPage; at--) {
    const event = events.at(at)
    if (event && (type === '' || event.type.includes(type))) page.push(event)
  }
  const older = new URLSearchParams({ ...(type && { type }), before: String(at + 1) })
  const body = html`<form class="filter row"><label class="sr" for="type">Type</label><input id="type" name="type" value="${type}" placeholder="Type, such as invoice." autocomplete="off"><button class="button quiet small" type="submit">Filter</button></form>
${eventTable(account, page, type ? `There are no events whose type has “${type}” in it.` : 'There are no events yet: they come with the first thing that is created.')}
${at >= 0 ? html`<p class="actions"><a class="button quiet small" href="?${older.toString()}">Older</a></p>` : nothing}`
  return dashboardPage(account, 'events', 'Events', body)
}

/** Events in a table, with what became of their deliveries. */
export const eventTable = (account: Account, events: readonly Event[], none: string): Html =>
  events.length === 0
    ? html`<p class="empty card">${none}</p>`
    : html`<div class="table card"><table>
<thead><tr><th>Type</th><th class="aside">About</th><th>Delivery</th><th>Created</th></tr></thead>
<tbody>${events.map((event) => {
        const about = event.data.object as { id?: string }
        return html`<tr><td><a href="${linkTo(account, `events/${event.id}`)}">${event.type}</a></td>
<td class="id aside">${about.id ? html`<a href="${objectLink(account, about.id)}">${about.id.length > 31 ? `${about.id.slice(0, 28)}…` : about.id}</a>` : nothing}</td>
<td>${deliveryState(deliveriesOf(account, event))}</td>
<td class="when">${dateTime(event.created)}</td></tr>`
      })}</tbody></table></div>`

/** The deliveries of an event, those of the thin notifications that tell of it included. */
const deliveriesOf = (account: Account, event: Event): LocalDelivery[] =>
  [event.id, ...account.store.by('v2.core.event', 'snapshot_event', event.id).map(({ id }) => id)].flatMap((id) =>
    account.store.by('local.delivery', 'event', id),
  )

/** The event of an id, which may be that of a thin notification. */
export const eventOf = (account: Account, id: string): Event | undefined =>
  account.find('event', id) ?? account.find('event', account.find('v2.core.event', id)?.snapshot_event ?? '')

/** The worst of an event's deliveries is what matters. */
function deliveryState(deliveries: readonly LocalDelivery[]): Html {
  if (deliveries.length === 0) return html`<span class="soft">to nobody</span>`
  const failing = deliveries.find(
    ({ state, attempts }) => state === 'failed' || (state === 'pending' && attempts.length > 0),
  )
  if (failing) return badge('failed')
  return badge(deliveries.every(({ state }) => state === 'delivered') ? 'delivered' : 'pending')
}

/** One event, and each attempt to deliver it. */
export function showEvent({ host, path }: PageRequest<'account' | 'id'>): Answer {
  const account = accountNamed(host, path.account)
  const event = account.find('event', path.id)
  if (!event) throw new PageError(404, `There is no event ${path.id}`, 'Look for it in the list of events.')
  const deliveries = deliveriesOf(account, event)
  const previous = event.data.previous_attributes
  const body = html`<p class="about"><span class="id">${event.id}</span> <span class="soft">${dateTime(event.created)}</span></p>
<h2>Deliveries</h2>
${deliveries.length === 0 ? html`<p class="empty card">When it happened, no endpoint wanted this type.</p>` : html`<div class="stack tight">${deliveries.map((delivery) => deliveryCard(account, delivery))}</div>`}
${previous ? html`<h2>What it was before</h2>${jsonView(account, previous)}` : nothing}
<h2>Event</h2>
${jsonView(account, event)}`
  return dashboardPage(account, 'events', event.type, body)
}

function deliveryCard(account: Account, delivery: LocalDelivery): Html {
  return html`<section class="card padded stack tight">
<div class="between"><p><strong class="id">${endpointUrl(account, delivery.endpoint)}</strong> ${badge(delivery.state)}</p>
<form method="post" action="${linkTo(account, `events/${delivery.event}/resend`)}"><input type="hidden" name="endpoint" value="${delivery.endpoint}"><button class="button quiet small" type="submit">Send again</button></form></div>
${
  delivery.attempts.length === 0
    ? html`<p class="soft">Not tried yet.</p>`
    : html`<ol class="attempts">${delivery.attempts.map(
        ({ at, status, error, milliseconds }) =>
          html`<li><span class="when">${dateTime(at)}</span> <span>${status === null ? (error ?? 'no answer') : `answered ${status}`}</span> <span class="soft">${milliseconds} ms</span></li>`,
      )}</ol>`
}
</section>`
}

/** Where an endpoint or an event destination is. */
export function endpointUrl(account: Account, id: string): string {
  const endpoint = account.find('webhook_endpoint', id)
  const destination = account.find('v2.core.event_destination', id)
  return endpoint?.url ?? destination?.webhook_endpoint?.url ?? `${id}, which was deleted`
}

/** Sends an event again, and waits a moment so that the page already tells what came of it. */
export async function resend({ host, path, form }: PageRequest<'account' | 'id'>): Promise<Answer> {
  const account = accountNamed(host, path.account)
  host.deliveriesOf(account).resend(path.id, field(form, 'endpoint') || undefined)
  await settledSoon(host, account)
  return redirect(linkTo(account, `events/${eventOf(account, path.id)?.id ?? path.id}`))
}

/** Until everything was delivered once, but no longer than a page should take. */
export async function settledSoon(host: PagesHost, account: Account): Promise<void> {
  const enough = new Promise<void>((resolve) => setTimeout(resolve, 2000).unref())
  await Promise.race([host.deliveriesOf(account).settled(), enough])
}
