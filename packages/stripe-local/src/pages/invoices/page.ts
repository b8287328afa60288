import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { paymentMethodOf } from '../../engine/collection.ts'
import type { Kinds } from '../../kinds.ts'
import { type CardEntry, cardFields, methodName } from '../card-form.ts'
import { alert, badge, type Problems } from '../fields.ts'
import { receiptUrl } from '../urls.ts'
import { hostedDocument } from '../web/document.ts'
import { money } from '../web/format.ts'
import { type Answer, type Html, nothing, page } from '../web/page.ts'
import { type FactLine, factsOf } from './facts.ts'

type Invoice = Kinds['invoice']

export type PayState = { card: CardEntry; problems: Problems; refusal?: string | undefined }

/** A hosted invoice: what it says, and the way to pay it while it is open. */
export function invoicePage(account: Account, invoice: Invoice, state: PayState): Answer {
  const facts = factsOf(account, invoice)
  const title = `Invoice ${facts.number}`
  const charge = receiptOf(account, invoice)
  const body = html`<main id="main" class="invoice" tabindex="-1">
<section class="card padded stack">
<div class="between"><p class="soft">${facts.from}</p>${badge(invoice.status)}</div>
<h1>${facts.headline}</h1>
<dl class="facts"><div><dt>Invoice</dt><dd>${facts.number}</dd></div><div><dt>Date</dt><dd>${facts.issued}</dd></div>
${facts.due && html`<div><dt>Due</dt><dd>${facts.due}</dd></div>`}
<div><dt>For</dt><dd>${facts.to.map((line) => html`<span class="block">${line}</span>`)}</dd></div></dl>
<p class="actions"><a class="button quiet small" href="/i/${account.id}/${invoice.id}/pdf">Download PDF</a>${charge ? html`<a class="button quiet small" href="${receiptUrl(account, charge.id)}">Receipt</a>` : nothing}</p>
</section>
${invoice.status === 'open' ? payPart(account, invoice, state) : nothing}
<section class="card padded stack"><h2>Details</h2>${linesAndTotals(facts.lines, facts.totals)}
${facts.footer && html`<p class="soft small">${facts.footer}</p>`}</section>
</main>
<footer class="developer"><a href="/_local/${account.id}/objects/${invoice.id}">See this invoice in the dashboard</a></footer>`
  const wrong = state.refusal !== undefined || Object.keys(state.problems).length > 0
  return page(hostedDocument(title, body), { status: wrong ? 422 : 200 })
}

/** The charge that paid an invoice, which has a receipt. */
function receiptOf(account: Account, invoice: Invoice): Kinds['charge'] | undefined {
  const paid = account.store.by('invoice_payment', 'invoice', invoice.id).find(({ status }) => status === 'paid')
  const intent = paid?.payment.payment_intent ? account.find('payment_intent', paid.payment.payment_intent) : undefined
  const charge = intent?.latest_charge ? account.find('charge', intent.latest_charge) : undefined
  return charge?.paid ? charge : undefined
}

export const linesAndTotals = (lines: readonly FactLine[], totals: readonly [string, string][]): Html =>
  html`<ul class="lines first">${lines.map(
    ({ text, detail, quantity, amount }) =>
      html`<li><div><p class="name">${text}</p><p class="soft small">${[detail, quantity && quantity !== '1' ? `Quantity ${quantity}` : ''].filter(Boolean).join(' · ')}</p></div><p class="amount">${amount}</p></li>`,
  )}</ul>
<dl class="totals">${totals.map(([label, amount], index) => html`<div${index === totals.length - 1 ? html` class="last"` : nothing}><dt>${label}</dt><dd class="amount">${amount}</dd></div>`)}</dl>`

function payPart(account: Account, invoice: Invoice, { card, problems, refusal }: PayState): Html {
  const saved = savedMethod(account, invoice)
  const amount = money(invoice.amount_remaining, invoice.currency)
  const typed = Object.keys(problems).length > 0 || card.number !== ''
  const newCard = html`<form method="post" class="stack" novalidate>${cardFields(card, problems, account.timeOf(invoice.customer))}
<button class="button wide" type="submit" name="with" value="new" data-pay="Paying…">Pay ${amount}</button></form>`
  return html`<section class="card padded stack"><h2>Pay</h2>
${refusal && alert('bad', 'That did not go through', refusal)}
${
  saved
    ? html`<form method="post"><button class="button wide" type="submit" name="with" value="saved" data-pay="Paying…">Pay ${amount} with ${methodName(saved)}</button></form>
<details${typed ? html` open` : nothing}><summary>Pay with another card</summary><div class="inside">${newCard}</div></details>`
    : newCard
}
</section>`
}

/** The method that the invoice would be paid with by itself. */
export function savedMethod(account: Account, invoice: Invoice): Kinds['payment_method'] | undefined {
  const id = paymentMethodOf(account, invoice)
  return id ? account.find('payment_method', id) : undefined
}
