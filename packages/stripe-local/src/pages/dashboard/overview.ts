import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { Kind, Kinds } from '../../kinds.ts'
import { count, dateTime, money } from '../web/format.ts'
import { type Answer, type Html, type PageRequest, type PagesHost, redirect } from '../web/page.ts'
import { eventTable } from './events.ts'
import { accountNamed, dashboardPage, linkTo, maskedKey, openPage } from './frame.ts'
import { requestTable } from './requests.ts'
import { deliveryAlert } from './webhooks.ts'

/** The one account that there is, or all of them. */
export function showStart(request: PageRequest): Answer {
  const [only, ...others] = request.host.accounts()
  return only && others.length === 0 ? redirect(linkTo(only, '')) : showAccounts(request)
}

/** All accounts; how to make the first where there is none. */
export function showAccounts({ host }: PageRequest): Answer {
  const accounts = host.accounts()
  if (accounts.length === 0) return openPage('Nobody has called yet', welcome(host))
  const body = html`<p class="soft">Each secret key has an account of its own, which sees nothing of the others.</p>
<div class="table card"><table>
<thead><tr><th>Key</th><th>Account</th><th class="amount">Customers</th><th class="amount">Subscriptions</th><th class="amount">Events</th><th>Its time</th></tr></thead>
<tbody>${accounts.map(
    (
      account,
    ) => html`<tr><td class="id"><a href="${linkTo(account, '')}">${maskedKey(account.key)}</a></td><td class="id">${account.id}</td>
<td class="amount" data-name="Customers">${account.store.size('customer')}</td><td class="amount" data-name="Subscriptions">${account.store.size('subscription')}</td><td class="amount" data-name="Events">${account.store.size('event')}</td>
<td class="when">${dateTime(account.clock.now())}</td></tr>`,
  )}</tbody></table></div>`
  return openPage('Accounts', body)
}

function welcome(host: PagesHost): Html {
  const { hostname, port } = new URL(host.pagesUrl())
  const sample = `const stripe = new Stripe('sk_test_anything', {
  host: '${hostname}',
  port: ${port},
  protocol: 'http',
})
await stripe.customers.create({ email: 'ada@example.com' })`
  return html`<p>Stripe Local is running. An account comes into being when its secret key is first used; any key that begins with <code>sk_test_</code> will do.</p>
<pre class="json" tabindex="0">${sample}</pre>
<p class="soft">Then reload this page.</p>`
}

/** An account at a glance. */
export function showOverview({ host, path }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const events = account.store.ordered('event')
  const latest: Kinds['event'][] = []
  for (let at = events.length - 1; at >= 0 && latest.length < 10; at--) {
    const event = events.at(at)
    if (event) latest.push(event)
  }
  const requests = host.requests().filter((entry) => entry.account === account.id)
  const body = html`${deliveryAlert(account)}
<dl class="tiles">
${tile(account, 'customer', 'Customers', String(account.store.size('customer')))}
${tile(account, 'subscription', 'Active subscriptions', String(account.store.all('subscription').filter(({ status }) => status === 'active' || status === 'trialing').length))}
${tile(account, 'invoice', 'Paid so far', paidSoFar(account))}
<div class="card"><dt>Its clock</dt><dd><a href="${linkTo(account, 'clock')}">${dateTime(account.clock.now())}</a></dd></div>
</dl>
<h2>Latest events</h2>
${eventTable(account, latest, 'There are no events yet.')}
<h2>Latest requests</h2>
${requestTable(account, requests.slice(-8).reverse(), 'No request has come yet.')}
<p class="soft small">Account ${account.id}, ${count(account.store.size('event'), 'event')} so far.</p>`
  return dashboardPage(account, '', 'Overview', body)
}

const tile = (account: Account, kind: Kind, name: string, value: string): Html =>
  html`<div class="card"><dt>${name}</dt><dd><a href="${linkTo(account, `list/${kind}`)}">${value}</a></dd></div>`

/** What invoices and payments have brought in, currency by currency. */
function paidSoFar(account: Account): string {
  const sums = new Map<string, number>()
  for (const charge of account.store.all('charge')) {
    if (charge.paid)
      sums.set(charge.currency, (sums.get(charge.currency) ?? 0) + charge.amount - charge.amount_refunded)
  }
  return sums.size === 0 ? money(0, 'usd') : Array.from(sums, ([currency, sum]) => money(sum, currency)).join(' + ')
}
