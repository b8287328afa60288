import { html } from 'hono/html'
import { formatRhythm } from '../../engine/calendar.ts'
import { customerMethod } from '../../engine/collection.ts'
import type { Kinds } from '../../kinds.ts'
import { methodsOf } from '../../portal/payment-methods.ts'
import { plannedSwitch } from '../../portal/schedule.ts'
import { owedInvoices } from '../../portal/subscriptions.ts'
import { methodName } from '../card-form.ts'
import { countryName } from '../countries.ts'
import { alert, badge } from '../fields.ts'
import { hostedInvoiceUrl } from '../urls.ts'
import { date, money } from '../web/format.ts'
import { type Answer, type Html, nothing } from '../web/page.ts'
import { portalPath, type Visit } from './access.ts'
import { noticeOf, portalPage } from './frame.ts'

type Subscription = Kinds['subscription']

/** The start of the portal: https://docs.stripe.com/customer-management */
export function homePage(visit: Visit, done: string | null, wrong?: string): Answer {
  const { account, configuration, customer } = visit
  const subscriptions = account.store
    .by('subscription', 'customer', customer.id)
    .filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired')
    .toReversed()
  const { features, business_profile: profile } = configuration
  const body = html`${profile.headline && html`<p class="soft">${profile.headline}</p>`}
${noticeOf(done)}
${wrong && alert('bad', 'That did not go through', wrong)}
${owed(visit)}
<section class="part"><h2>${subscriptions.length > 1 ? 'Your subscriptions' : 'Your subscription'}</h2>
${subscriptions.length === 0 ? html`<p class="empty card">You have no subscription.</p>` : subscriptions.map((each) => subscriptionCard(visit, each))}</section>
${features.payment_method_update.enabled ? methods(visit) : nothing}
${features.customer_update.enabled ? details(visit) : nothing}
${features.invoice_history.enabled ? invoices(visit) : nothing}`
  return portalPage(visit, customer.name ? `Hello, ${customer.name}` : 'Your billing', body, {
    status: wrong ? 422 : 200,
  })
}

/** What is not paid, and the way to pay it. */
function owed(visit: Visit): Html {
  const invoices = owedInvoices(visit.account, visit.customer.id)
  return html`${invoices.map(
    (
      invoice,
    ) => html`<div class="alert bad owed"><div><strong>${money(invoice.amount_remaining, invoice.currency)} is not paid</strong>
<p>${invoice.attempted ? 'The last payment did not go through.' : 'This invoice is open.'} <a href="${hostedInvoiceUrl(visit.account, invoice.id)}">See the invoice</a></p></div>
<form method="post" action="${portalPath(visit, `invoices/${invoice.id}/pay`)}"><button class="button" type="submit" data-pay="Paying…">Pay now</button></form></div>`,
  )}`
}

function subscriptionCard(visit: Visit, subscription: Subscription): Html {
  const { features } = visit.configuration
  const { account } = visit
  const [first] = subscription.items.data
  const names = subscription.items.data.map(({ price, quantity }) => {
    const { name } = account.get('product', price.product)
    return quantity !== undefined && quantity > 1 ? `${name} × ${quantity}` : name
  })
  const simple = subscription.items.data.length === 1 && first?.price.recurring?.usage_type !== 'metered'
  const method = subscription.default_payment_method ?? customerMethod(account, subscription.customer)
  const planned = plannedSwitch(account, subscription)
  const paidBy = method ? account.find('payment_method', method) : undefined
  return html`<article class="card padded stack tight plan">
<div class="between"><h3>${names.join(', ')}</h3>${badge(subscription.status)}</div>
<p class="plan-price">${amountText(subscription)}</p>
<p>${nextText(subscription)}</p>
${planned && plannedPart(visit, subscription, planned)}
${paidBy && html`<p class="soft small">Paid with ${methodName(paidBy)}</p>`}
<p class="actions">
${features.subscription_update.enabled && simple && subscription.cancel_at === null && isChangeable(subscription) ? html`<a class="button" href="${portalPath(visit, `subscriptions/${subscription.id}/update`)}">Change plan</a>` : nothing}
${subscription.cancel_at !== null ? html`<a class="button" href="${portalPath(visit, `subscriptions/${subscription.id}/keep`)}">Keep it</a>` : features.subscription_cancel.enabled ? html`<a class="button quiet" href="${portalPath(visit, `subscriptions/${subscription.id}/cancel`)}">Cancel</a>` : nothing}
</p>
</article>`
}

/** The plan that is to come, and the way to stay with the one that there is. */
function plannedPart(visit: Visit, { id }: Subscription, planned: { price: string; at: number }): Html {
  const { account, configuration } = visit
  const { name } = account.get('product', account.get('price', planned.price).product)
  const stay = html`<form method="post" action="${portalPath(visit, `subscriptions/${id}/stay`)}" class="inline"><button class="link" type="submit">Do not change<span class="sr"> to ${name}</span></button></form>`
  return html`<p>From ${date(planned.at)} on: ${name}. ${configuration.features.subscription_update.enabled ? stay : nothing}</p>`
}

const isChangeable = ({ status }: Subscription): boolean =>
  status === 'active' || status === 'trialing' || status === 'past_due'

/** `$19.00 per month`: what a period costs before discounts and taxes. */
export function amountText(subscription: Subscription): string {
  const [first] = subscription.items.data
  if (!first?.price.recurring) return ''
  const rhythm = formatRhythm(first.price.recurring)
  const per = rhythm.startsWith('every') ? rhythm : `per ${rhythm}`
  const known = subscription.items.data.filter(({ price }) => price.unit_amount !== null)
  const total = known.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * (quantity ?? 1), 0)
  return known.length < subscription.items.data.length
    ? `By what is used, billed ${per}`
    : `${money(total, subscription.currency)} ${per}`
}

/** What happens next, and when. */
export function nextText(subscription: Subscription): string {
  const end = Math.min(...subscription.items.data.map((item) => item.current_period_end))
  if (subscription.cancel_at !== null) return `It ends on ${date(subscription.cancel_at)} and is not charged again.`
  if (subscription.status === 'trialing') return `Free until ${date(subscription.trial_end ?? end)}.`
  if (subscription.status === 'paused') return 'It is paused until there is a card to pay it with.'
  if (subscription.status === 'incomplete') return 'Its first payment has not gone through.'
  if (subscription.status === 'past_due' || subscription.status === 'unpaid')
    return 'The last payment has not gone through.'
  return `It renews on ${date(end)}.`
}

function methods(visit: Visit): Html {
  const { account, customer } = visit
  const fallback = customerMethod(account, customer.id)
  const all = methodsOf(account, customer.id)
  const inUse = new Set(
    account.store
      .by('subscription', 'customer', customer.id)
      .flatMap((each) => (each.ended_at === null && each.default_payment_method ? [each.default_payment_method] : [])),
  )
  return html`<section class="part"><div class="between"><h2>Ways to pay</h2><a class="button quiet small" href="${portalPath(visit, 'cards/new')}">Add a card</a></div>
${
  all.length === 0
    ? html`<p class="empty card">There is no card yet.</p>`
    : html`<ul class="card rows">${all.map(
        (
          method,
        ) => html`<li><div><p><strong>${methodName(method)}</strong> ${method.id === fallback ? html`<span class="badge good">default</span>` : inUse.has(method.id) ? html`<span class="badge good">in use</span>` : nothing}</p>
${method.card && html`<p class="soft small">Expires ${String(method.card.exp_month).padStart(2, '0')}/${method.card.exp_year}</p>`}</div>
<form method="post" action="${portalPath(visit, `cards/${method.id}`)}" class="actions">
${method.id === fallback || (all.length === 1 && inUse.has(method.id)) ? nothing : html`<button class="link small" name="do" value="default" type="submit">Use this one<span class="sr">: ${methodName(method)}</span></button>`}
<button class="link small" name="do" value="remove" type="submit">Remove<span class="sr"> ${methodName(method)}</span></button></form></li>`,
      )}</ul>`
}</section>`
}

function details(visit: Visit): Html {
  const { address, email, name, phone } = visit.customer
  const lines = [
    address?.line1,
    address?.line2,
    [address?.postal_code, address?.city].filter(Boolean).join(' '),
    countryName(address?.country),
  ]
  const rows: [string, string][] = [
    ['Name', name ?? ''],
    ['Email', email ?? ''],
    ['Phone', phone ?? ''],
    ['Address', lines.filter(Boolean).join(', ')],
  ]
  return html`<section class="part"><div class="between"><h2>Your details</h2><a class="button quiet small" href="${portalPath(visit, 'details')}">Edit</a></div>
<dl class="facts card">${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value || html`<span class="soft">none</span>`}</dd></div>`)}</dl></section>`
}

function invoices(visit: Visit): Html {
  const all = visit.account.store
    .by('invoice', 'customer', visit.customer.id)
    .filter(({ status }) => status !== 'draft')
    .toReversed()
  return html`<section class="part"><h2>Invoices</h2>
${
  all.length === 0
    ? html`<p class="empty card">There are none yet.</p>`
    : html`<ul class="card rows">${all
        .slice(0, 24)
        .map(
          (invoice) =>
            html`<li><a href="${hostedInvoiceUrl(visit.account, invoice.id)}">${date(invoice.created)}</a><span class="grow soft small">${invoice.number}</span>${badge(invoice.status)}<span class="amount">${money(invoice.total, invoice.currency)}</span></li>`,
        )}</ul>`
}</section>`
}
