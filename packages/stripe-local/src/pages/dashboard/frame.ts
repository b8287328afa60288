import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { attributes } from '../fields.ts'
import { documentOf } from '../web/document.ts'
import { type Answer, type Html, nothing, PageError, type PagesHost, page } from '../web/page.ts'

/** The pages of the dashboard, as they stand in its menu. */
const menu = [
  ['', 'Overview'],
  ['list/customer', 'Customers'],
  ['list/subscription', 'Subscriptions'],
  ['list/invoice', 'Invoices'],
  ['list/payment_intent', 'Payments'],
  ['list/checkout.session', 'Checkout'],
  ['list/product', 'Products'],
  ['list/price', 'Prices'],
  ['list', 'All objects'],
  ['events', 'Events'],
  ['webhooks', 'Webhooks'],
  ['requests', 'Requests'],
  ['clock', 'Clock'],
  ['faults', 'Faults'],
  ['settings', 'Settings'],
] as const

export type Tab = (typeof menu)[number][0]

/** Where a page of an account's dashboard is, e.g. `linkTo(account, 'events')`. */
export const linkTo = (account: Account, path: string): string => `/_local/${account.id}${path && `/${path}`}`

/** Where an object is shown. */
export const objectLink = (account: Account, id: string): string => linkTo(account, `objects/${encodeURIComponent(id)}`)

/** A page of an account's dashboard. */
export const dashboardPage = (
  account: Account,
  tab: Tab | null,
  title: string,
  body: Html,
  options: { search?: string; status?: number } = {},
): Answer =>
  page(
    documentOf({
      title,
      kind: 'dashboard',
      body: html`${topBar(account, options.search ?? '')}
<div class="frame">
<nav class="menu" aria-label="Dashboard"><ul>${menu.map(
        ([path, name]) =>
          html`<li><a href="${linkTo(account, path)}"${attributes({ 'aria-current': path === tab ? 'page' : undefined })}>${name}</a></li>`,
      )}</ul></nav>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
</div>`,
    }),
    { status: options.status ?? 200 },
  )

const topBar = (account: Account | null, search: string): Html => html`<header class="top-bar">
<a class="brand" href="/_local/accounts"><span class="logo" aria-hidden="true"></span>Stripe Local</a>
${account ? html`<a class="account" href="/_local/accounts" title="Choose another account"><span class="sr">Account of the key </span><span class="id">${maskedKey(account.key)}</span></a>` : nothing}
${account ? html`<form class="search" role="search" action="${linkTo(account, 'search')}"><label class="sr" for="q">Find an object by its id, email or name</label><input id="q" name="q" type="search" value="${search}" placeholder="Find an id, email or name"></form>` : nothing}
</header>`

/** A page that belongs to no account. */
export const openPage = (title: string, body: Html): Answer =>
  page(
    documentOf({
      title,
      kind: 'dashboard',
      body: html`${topBar(null, '')}<main id="main" class="alone" tabindex="-1"><h1>${title}</h1>${body}</main>`,
    }),
  )

/** The account that an address names. */
export function accountNamed(host: PagesHost, id: string): Account {
  const account = host.accounts().find((each) => each.id === id)
  if (account) return account
  throw new PageError(
    404,
    `There is no account ${id}`,
    'Accounts come into being when their secret key is first used. Without a journal they are gone when Stripe Local ends.',
  )
}

/** `sk_test_…3fQ8`: enough to tell accounts apart, and never more than half of what is secret. */
export function maskedKey(key: string): string {
  const [, prefix = '', secret = ''] = /^((?:sk|rk)_test_)(.*)$/.exec(key) ?? []
  const shown = Math.min(4, Math.floor(secret.length / 2))
  return `${prefix}…${shown === 0 ? '' : secret.slice(-shown)}`
}
