import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { AnyObject, Kind, Kinds } from '../../kinds.ts'
import { render } from '../../protocol/render.ts'
import { badge } from '../fields.ts'
import { hostedInvoiceUrl, invoicePdfUrl, receiptUrl } from '../urls.ts'
import { type Answer, type Html, nothing, PageError, type PageRequest } from '../web/page.ts'
import { describe } from './describe.ts'
import { eventTable } from './events.ts'
import { accountNamed, dashboardPage } from './frame.ts'
import { jsonView } from './json.ts'
import { kindNames, objectTable } from './lists.ts'

/** One object: what it says, what belongs to it and what happened to it. */
export function showObject({ host, path }: PageRequest<'account' | 'id'>): Answer {
  const account = accountNamed(host, path.account)
  const object = account.lookUp(path.id) ?? anyKind(account, path.id)
  if (!object) {
    throw new PageError(
      404,
      `There is no ${path.id} in this account`,
      'It may be of another account, or have gone with an earlier run.',
    )
  }
  const kind = object.object as Kind
  const row = describe(account, kind, object)
  const body = html`<p class="about"><span class="id">${object.id}</span> ${row.state ? badge(row.state) : nothing}</p>
${pageLinks(account, kind, object)}
${related(account, kind, object.id)}
<h2>Object</h2>
${jsonView(account, render(account, object))}
<h2>Events</h2>
${eventTable(account, eventsAbout(account, object.id), 'Nothing has happened to it yet.')}`
  return dashboardPage(account, null, row.what === object.id ? (kindNames[kind] ?? kind) : row.what, body)
}

/** Kinds whose ids `lookUp` cannot tell by their beginning. */
function anyKind(account: Account, id: string): AnyObject | undefined {
  for (const kind of Object.keys(kindNames) as Kind[]) {
    const found = account.find(kind, id)
    if (found) return found as AnyObject
  }
  return undefined
}

/** The pages that an object has on Stripe Local. */
function pageLinks(account: Account, kind: Kind, object: AnyObject): Html {
  const links: [string, string][] = []
  if (kind === 'checkout.session' || kind === 'billing_portal.session') {
    const { url } = object as Kinds['checkout.session']
    if (url) links.push(['Open its page', url])
  }
  if (kind === 'invoice' && (object as Kinds['invoice']).status !== 'draft') {
    links.push(['Open its page', hostedInvoiceUrl(account, object.id)], ['PDF', invoicePdfUrl(account, object.id)])
  }
  if (kind === 'charge' && (object as Kinds['charge']).paid) links.push(['Receipt', receiptUrl(account, object.id)])
  if (links.length === 0) return nothing
  return html`<p class="actions">${links.map(([name, url]) => html`<a class="button quiet small" href="${url}">${name}</a>`)}</p>`
}

/** What belongs to an object, a table a kind. */
function related(account: Account, kind: Kind, id: string): Html {
  const { store } = account
  const groups: [Kind, AnyObject[]][] = []
  if (kind === 'customer') {
    groups.push(
      ['subscription', store.by('subscription', 'customer', id)],
      ['invoice', store.by('invoice', 'customer', id)],
      ['payment_method', store.by('payment_method', 'customer', id)],
      ['payment_intent', store.by('payment_intent', 'customer', id)],
      ['checkout.session', store.by('checkout.session', 'customer', id)],
    )
  }
  if (kind === 'subscription')
    groups.push(
      ['invoice', store.by('invoice', 'subscription', id)],
      ['checkout.session', store.by('checkout.session', 'subscription', id)],
    )
  if (kind === 'invoice')
    groups.push(
      ['invoice_payment', store.by('invoice_payment', 'invoice', id)],
      ['credit_note', store.by('credit_note', 'invoice', id)],
    )
  if (kind === 'payment_intent')
    groups.push(
      ['charge', store.by('charge', 'payment_intent', id)],
      ['refund', store.by('refund', 'payment_intent', id)],
    )
  if (kind === 'charge')
    groups.push(['refund', store.by('refund', 'charge', id)], ['dispute', store.by('dispute', 'charge', id)])
  if (kind === 'product') groups.push(['price', store.by('price', 'product', id)])
  return html`${groups
    .filter(([, objects]) => objects.length > 0)
    .map(
      ([of, objects]) =>
        html`<h2>${kindNames[of]}</h2>${objectTable(account, of, objects.toReversed().slice(0, 20), { withCustomer: kind !== 'customer' })}`,
    )}`
}

/** How far back events are looked through for one object: what is older is in the list of all events. */
const searched = 5000

function eventsAbout(account: Account, id: string): Kinds['event'][] {
  const events = account.store.ordered('event')
  const found: Kinds['event'][] = []
  for (let at = events.length - 1; at >= Math.max(0, events.length - searched) && found.length < 20; at--) {
    const event = events.at(at)
    if (event && (event.data.object as { id?: string }).id === id) found.push(event)
  }
  return found
}

/** Leads to the object that was searched for, or shows what matches. */
export function search({ host, path, url }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const query = (url.searchParams.get('q') ?? '').trim()
  if (query !== '' && (account.lookUp(query) ?? anyKind(account, query))) {
    return { kind: 'redirect', to: `/_local/${account.id}/objects/${encodeURIComponent(query)}` }
  }
  const groups = (['customer', 'product', 'promotion_code', 'invoice'] as const)
    .map((kind) => [kind, matching(account, kind, query.toLowerCase())] as const)
    .filter(([, objects]) => objects.length > 0)
  const body =
    groups.length === 0
      ? html`<p class="empty card">Nothing is called “${query}”. Ids are found as a whole; customers by email or name, products by name, promotion codes by code, invoices by number.</p>`
      : html`${groups.map(([kind, objects]) => html`<h2>${kindNames[kind]}</h2>${objectTable(account, kind, objects)}`)}`
  return dashboardPage(account, null, 'Found', body, { search: query })
}

function matching(account: Account, kind: Kind, query: string): AnyObject[] {
  if (query === '') return []
  const found = account.store.all(kind).filter((object) => {
    const { name, email, code, number } = object as { name?: string; email?: string; code?: string; number?: string }
    return [name, email, code, number].some((text) => text?.toLowerCase().includes(query))
  })
  return (found as AnyObject[]).toReversed().slice(0, 20)
}
