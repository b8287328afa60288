import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { refusalOf } from '../../checkout/intents.ts'
import { createCardPaymentMethod } from '../../engine/payments.ts'
import type { Kinds } from '../../kinds.ts'
import { payInvoice } from '../../portal/subscriptions.ts'
import { emptyCard, filledCard, readCard } from '../card-form.ts'
import { objectOf } from '../find.ts'
import { hostedInvoiceUrl } from '../urls.ts'
import { hostedDocument } from '../web/document.ts'
import { field } from '../web/form.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, file, PageError, type PageRequest, page, redirect } from '../web/page.ts'
import { type Route, route } from '../web/routes.ts'
import { factsOf, receiptFacts } from './facts.ts'
import { invoicePage, linesAndTotals, savedMethod } from './page.ts'
import { invoicePdf, receiptPdf } from './pdf.ts'

type Request = PageRequest<'account' | 'invoice'>

/** Hosted invoices and receipts: https://docs.stripe.com/invoicing/hosted-invoice-page */
export const invoiceRoutes: Route[] = [
  route('GET /i/{account}/{invoice}', show),
  route('POST /i/{account}/{invoice}', pay),
  route('GET /i/{account}/{invoice}/pdf', showPdf),
  route('GET /receipts/{charge}', showReceipt),
  route('GET /receipts/{charge}/pdf', showReceiptPdf),
]

function invoiceOf({ host, path }: Request): { account: Account; invoice: Kinds['invoice'] } {
  const { account, object: invoice } = objectOf(host, 'invoice', path.invoice, 'invoice')
  if (account.id === path.account && invoice.status !== 'draft') return { account, invoice }
  throw new PageError(404, 'This invoice is not there yet', 'It is still a draft. Its page opens when it is finalized.')
}

const fresh = { card: emptyCard, problems: {} }

function show(request: Request): Answer {
  const { account, invoice } = invoiceOf(request)
  return invoicePage(account, invoice, fresh)
}

/** Pays an open invoice, with the card on file or with another one. What is paid already is shown and not paid again. */
function pay(request: Request): Answer {
  const { account, invoice } = invoiceOf(request)
  const here = `/i/${account.id}/${invoice.id}`
  if (invoice.status !== 'open') return redirect(here)
  const { form } = request
  if (form.has('fill'))
    return invoicePage(account, invoice, {
      card: filledCard(field(form, 'fill'), account.timeOf(invoice.customer)),
      problems: {},
    })
  const usesSaved = field(form, 'with') === 'saved' && savedMethod(account, invoice) !== undefined
  const { card, entry, problems } = usesSaved
    ? { card: undefined, entry: emptyCard, problems: {} }
    : readCard(form, account.timeOf(invoice.customer))
  if (!usesSaved && !card) return invoicePage(account, invoice, { card: entry, problems })
  const outcome = account.work(nobody, () => {
    const details = invoice.customer_email ? { billing_details: { email: invoice.customer_email } } : {}
    return payInvoice(account, invoice.id, card && createCardPaymentMethod(account, { ...card, ...details }).id)
  })
  if (outcome.status === 'requires_action' && outcome.intent) {
    return redirect(`/3ds/${outcome.intent.id}?back=${encodeURIComponent(here)}`)
  }
  if (outcome.status !== 'failed') return redirect(here)
  const refusal = outcome.intent ? refusalOf(outcome.intent) : 'There is no card to pay it with.'
  return invoicePage(account, account.get('invoice', invoice.id), { card: entry, problems, refusal })
}

async function showPdf(request: Request): Promise<Answer> {
  const { account, invoice } = invoiceOf(request)
  return file('application/pdf', await invoicePdf(factsOf(account, invoice), invoice.created), {
    name: `invoice-${invoice.number}.pdf`,
  })
}

function chargeOf({ host, path }: PageRequest<'charge'>): { account: Account; charge: Kinds['charge'] } {
  const { account, object: charge } = objectOf(host, 'charge', path.charge, 'receipt')
  if (charge.paid) return { account, charge }
  throw new PageError(404, 'There is no receipt for this', 'Nothing was paid: the charge did not succeed.')
}

function showReceipt(request: PageRequest<'charge'>): Answer {
  const { account, charge } = chargeOf(request)
  const facts = receiptFacts(account, charge)
  const body = html`<main id="main" class="invoice" tabindex="-1"><section class="card padded stack">
<div class="between"><p class="soft">Receipt</p><span class="badge good">paid</span></div>
<h1>${facts.title}</h1>
<dl class="facts"><div><dt>Paid with</dt><dd>${facts.method}</dd></div><div><dt>For</dt><dd>${facts.to.map((line) => html`<span class="block">${line}</span>`)}</dd></div></dl>
${linesAndTotals(facts.lines, facts.totals)}
<p class="actions"><a class="button quiet small" href="/receipts/${charge.id}/pdf">Download PDF</a>${facts.invoice && html`<a class="button quiet small" href="${hostedInvoiceUrl(account, facts.invoice)}">Invoice</a>`}</p>
</section></main>
<footer class="developer"><a href="/_local/${account.id}/objects/${charge.id}">See this charge in the dashboard</a></footer>`
  return page(hostedDocument('Receipt', body))
}

async function showReceiptPdf(request: PageRequest<'charge'>): Promise<Answer> {
  const { account, charge } = chargeOf(request)
  return file('application/pdf', await receiptPdf(receiptFacts(account, charge), charge.created), {
    name: 'receipt.pdf',
  })
}
