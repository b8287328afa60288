import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { checkUrl } from '../../checkout/rules.ts'
import { randomCharacters } from '../../ids.ts'
import type { Kinds } from '../../kinds.ts'
import { ApiError } from '../../protocol/errors.ts'
import { registerEndpoint } from '../../resources/webhook-endpoints.ts'
import { alert, badge, inputField } from '../fields.ts'
import { field } from '../web/form.ts'
import { count } from '../web/format.ts'
import { type Answer, type Html, nothing, type PageRequest, redirect } from '../web/page.ts'
import { eventOf, eventTable } from './events.ts'
import { accountNamed, dashboardPage, linkTo } from './frame.ts'

const nobody = { id: null, idempotency_key: null }

/** Where events go to, and what did not arrive. */
export const showWebhooks = ({ host, path }: PageRequest<'account'>): Answer =>
  webhooksPage(accountNamed(host, path.account))

function webhooksPage(account: Account, wrong?: { url: string; problem: string }): Answer {
  const endpoints = account.store.all('webhook_endpoint')
  const destinations = account.store.all('v2.core.event_destination')
  const undelivered = eventsNotDelivered(account)
  const body = html`${
    endpoints.length + destinations.length === 0
      ? html`<p class="empty card">Events go nowhere yet. Add the address of your webhook here, create an endpoint by the API, or start Stripe Local with <code>--webhook URL=whsec_SECRET</code>.</p>`
      : html`<div class="stack tight">${endpoints.map((endpoint) => endpointCard(account, endpoint))}${destinations.map(
          (each) =>
            html`<section class="card padded"><p><strong class="id">${each.webhook_endpoint?.url ?? ''}</strong> ${badge(each.status)} <span class="badge">${each.event_payload}</span></p><p class="soft small">${count(each.enabled_events.length, 'type')}, as an event destination</p></section>`,
        )}</div>`
  }
<h2>Add an endpoint</h2>
<form method="post" action="${linkTo(account, 'webhooks')}" class="card padded stack tight narrow" novalidate>
${inputField({ label: 'Address', name: 'url', type: 'url', value: wrong?.url ?? '', problem: wrong?.problem, placeholder: 'http://localhost:4242/billing/webhook', hint: 'It gets all types of events, signed with a secret of its own.' })}
<p><button class="button" type="submit">Add</button></p>
</form>
<h2>Not delivered</h2>
${eventTable(account, undelivered, 'Everything has arrived.')}`
  return dashboardPage(account, 'webhooks', 'Webhooks', body, { status: wrong ? 422 : 200 })
}

function endpointCard(account: Account, endpoint: Kinds['webhook_endpoint']): Html {
  const all = endpoint.enabled_events.includes('*')
  const enabled = endpoint.status === 'enabled'
  return html`<section class="card padded stack tight">
<div class="between"><p><strong class="id">${endpoint.url}</strong> ${badge(endpoint.status)}</p>
<form method="post" action="${linkTo(account, `webhooks/${endpoint.id}`)}" class="actions"><button class="button quiet small" name="do" value="${enabled ? 'disable' : 'enable'}">${enabled ? 'Disable' : 'Enable'}</button><button class="button danger small" name="do" value="delete">Delete</button></form></div>
<p class="soft small">${all ? 'All types of events' : endpoint.enabled_events.join(', ')}</p>
<details><summary class="small">Signing secret</summary><p class="id">${endpoint.secret ?? ''}</p></details>
</section>`
}

/** How far back deliveries are looked through. */
const searched = 5000

function eventsNotDelivered(account: Account): Kinds['event'][] {
  const deliveries = account.store.ordered('local.delivery')
  const found = new Map<string, Kinds['event']>()
  for (let at = deliveries.length - 1; at >= Math.max(0, deliveries.length - searched) && found.size < 20; at--) {
    const delivery = deliveries.at(at)
    const event = delivery && delivery.state !== 'delivered' ? eventOf(account, delivery.event) : undefined
    if (event) found.set(event.id, event)
  }
  return [...found.values()]
}

export function addWebhook({ host, path, form }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const url = field(form, 'url')
  try {
    checkUrl(url, 'url')
  } catch (error) {
    if (error instanceof ApiError) return webhooksPage(account, { url, problem: error.message })
    throw error
  }
  account.work(nobody, () => registerEndpoint(account, { url, secret: `whsec_${randomCharacters(32)}` }))
  return redirect(linkTo(account, 'webhooks'))
}

export function changeWebhook({ host, path, form }: PageRequest<'account' | 'id'>): Answer {
  const account = accountNamed(host, path.account)
  const what = field(form, 'do')
  account.work(nobody, () => {
    if (what === 'delete') account.remove('webhook_endpoint', path.id)
    else account.update('webhook_endpoint', path.id, { status: what === 'disable' ? 'disabled' : 'enabled' })
  })
  return redirect(linkTo(account, 'webhooks'))
}

/** A word on deliveries that fail, for the overview. */
export function deliveryAlert(account: Account): Html {
  const failing = eventsNotDelivered(account).length
  return failing === 0
    ? nothing
    : alert(
        'wait',
        `${failing === 20 ? 'Twenty or more events have' : count(failing, 'event has', 'events have')} not arrived`,
        html`<a href="${linkTo(account, 'webhooks')}">See which</a>`,
      )
}
