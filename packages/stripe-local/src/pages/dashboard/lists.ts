import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { AnyObject, Kind } from '../../kinds.ts'
import { badge } from '../fields.ts'
import { count, dateTime } from '../web/format.ts'
import { type Answer, type Html, nothing, PageError, type PageRequest } from '../web/page.ts'
import { describe } from './describe.ts'
import { accountNamed, dashboardPage, linkTo, objectLink, type Tab } from './frame.ts'

const perPage = 50

/** Kinds by name, in the order in which they are shown; what is not here is the account's own bookkeeping. */
export const kindNames: { [K in Kind]?: string } = {
  customer: 'Customers',
  subscription: 'Subscriptions',
  subscription_schedule: 'Subscription schedules',
  invoice: 'Invoices',
  invoiceitem: 'Invoice items',
  invoice_payment: 'Invoice payments',
  credit_note: 'Credit notes',
  payment_intent: 'Payments',
  setup_intent: 'Setup intents',
  payment_method: 'Payment methods',
  charge: 'Charges',
  refund: 'Refunds',
  dispute: 'Disputes',
  balance_transaction: 'Balance transactions',
  'checkout.session': 'Checkout sessions',
  'billing_portal.session': 'Portal sessions',
  'billing_portal.configuration': 'Portal configurations',
  product: 'Products',
  price: 'Prices',
  coupon: 'Coupons',
  promotion_code: 'Promotion codes',
  discount: 'Discounts',
  tax_rate: 'Tax rates',
  tax_id: 'Tax ids',
  customer_balance_transaction: 'Customer balance transactions',
  'billing.meter': 'Meters',
  'entitlements.feature': 'Features',
  'entitlements.active_entitlement': 'Active entitlements',
  'test_helpers.test_clock': 'Test clocks',
  webhook_endpoint: 'Webhook endpoints',
  'v2.core.event_destination': 'Event destinations',
  event: 'Events',
  'v2.core.event': 'Event notifications',
}

const tabs: readonly string[] = [
  'customer',
  'subscription',
  'invoice',
  'payment_intent',
  'checkout.session',
  'product',
  'price',
]

/** How many objects of each kind there are. */
export function showKinds({ host, path }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const known = Object.entries(kindNames).map(([kind, name]) => ({
    kind,
    name,
    size: account.store.size(kind as Kind),
  }))
  const body = html`<ul class="kinds card">${known.map(
    ({ kind, name, size }) =>
      html`<li><a href="${linkTo(account, `list/${kind}`)}"><span>${name}</span> <span class="soft">${size}</span></a></li>`,
  )}</ul>`
  return dashboardPage(account, 'list', 'All objects', body)
}

/** The objects of a kind, the newest first. */
export function showList({ host, path, url }: PageRequest<'account' | 'kind'>): Answer {
  const account = accountNamed(host, path.account)
  const name = kindNames[path.kind as Kind]
  if (!name) throw new PageError(404, `There is no list of ${path.kind}`, 'Choose a kind of object from “All objects”.')
  const kind = path.kind as Kind
  const ordered = account.store.ordered(kind)
  const from = Math.min(ordered.length, Number(url.searchParams.get('before') ?? ordered.length) || 0)
  const rows: AnyObject[] = []
  let at = from - 1
  for (; at >= 0 && rows.length < perPage; at--) {
    const object = ordered.at(at) as AnyObject | undefined
    if (object) rows.push(object)
  }
  const tab = (tabs.includes(kind) ? `list/${kind}` : kind === 'event' ? 'events' : 'list') as Tab
  const body = html`<p class="soft">${count(account.store.size(kind), 'object')}, the newest first.</p>
${rows.length === 0 ? html`<p class="empty card">There are none yet.</p>` : objectTable(account, kind, rows)}
<p class="actions">${from < ordered.length ? html`<a class="button quiet small" href="?">Newest</a>` : nothing}${at >= 0 ? html`<a class="button quiet small" href="?before=${at + 1}">Older</a>` : nothing}</p>`
  return dashboardPage(account, tab, name, body)
}

/** Objects of one kind in a table; without their customer where that is said above it. */
export function objectTable(
  account: Account,
  kind: Kind,
  objects: readonly AnyObject[],
  options: { withCustomer?: boolean } = {},
): Html {
  const rows = objects.map((object) => ({ object, row: describe(account, kind, object) }))
  const has = (name: 'state' | 'amount' | 'customer'): boolean =>
    (name !== 'customer' || options.withCustomer !== false) && rows.some(({ row }) => row[name])
  const full = has('state') && has('amount') && has('customer')
  return html`<div class="table card${full ? ' full' : ''}"><table>
<thead><tr><th>What</th>${has('state') ? html`<th>State</th>` : nothing}${has('amount') ? html`<th class="amount">Amount</th>` : nothing}${has('customer') ? html`<th>Customer</th>` : nothing}<th class="aside">Id</th><th>Created</th></tr></thead>
<tbody>${rows.map(
    ({ object, row }) => html`<tr>
<td><a href="${objectLink(account, object.id)}">${row.what}</a></td>
${has('state') ? html`<td>${row.state ? badge(row.state) : nothing}</td>` : nothing}
${has('amount') ? html`<td class="amount">${row.amount ?? ''}</td>` : nothing}
${has('customer') ? html`<td class="who">${row.customer ? customerLink(account, row.customer) : nothing}</td>` : nothing}
<td class="id aside">${object.id.length > 34 ? `${object.id.slice(0, 31)}…` : object.id}</td>
<td class="when">${row.created ? dateTime(row.created) : ''}</td>
</tr>`,
  )}</tbody>
</table></div>`
}

/** A customer by name or email, leading to it. */
export function customerLink(account: Account, id: string): Html {
  const customer = account.find('customer', id)
  const name = customer && !('deleted' in customer) ? (customer.name ?? customer.email ?? id) : id
  return html`<a href="${objectLink(account, id)}">${name}</a>`
}
