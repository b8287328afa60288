import type { Account } from '../../account.ts'
import { formatDate } from '../../engine/calendar.ts'
import { sumOf } from '../../engine/discounts.ts'
import type { Kinds } from '../../kinds.ts'
import { methodName } from '../card-form.ts'
import { countryName } from '../countries.ts'
import { date, money } from '../web/format.ts'

type Invoice = Kinds['invoice']

/** A line of an invoice or a receipt, in words. */
export type FactLine = { text: string; detail: string; quantity: string; amount: string }

/** What an invoice says, in words: the page and the PDF show the same. */
export type InvoiceFacts = {
  number: string
  issued: string
  due: string | null
  from: string
  to: string[]
  lines: FactLine[]
  /** `$19.00 due on 7 December 2025`, `$19.00 paid`. */
  headline: string
  /** Label and amount, the last one what is due or was paid. */
  totals: [string, string][]
  footer: string | null
}

export function factsOf(account: Account, invoice: Invoice): InvoiceFacts {
  const { currency } = invoice
  const show = (amount: number): string => money(amount, currency)
  return {
    number: invoice.number ?? 'Draft',
    issued: date(invoice.effective_at ?? invoice.created),
    due: invoice.due_date === null ? null : date(invoice.due_date),
    from: invoice.account_name ?? 'Stripe Local',
    to: addressLines(invoice.customer_name, invoice.customer_email, invoice.customer_address),
    lines: invoice.lines.data.map((line) => ({
      text: line.description ?? 'Item',
      detail:
        line.period.end > line.period.start ? `${formatDate(line.period.start)} – ${formatDate(line.period.end)}` : '',
      quantity: line.quantity === null ? '' : String(line.quantity),
      amount: show(line.amount),
    })),
    headline: headlineOf(invoice),
    totals: totalsOf(account, invoice, show),
    footer: invoice.footer,
  }
}

function headlineOf(invoice: Invoice): string {
  const total = money(invoice.total, invoice.currency)
  if (invoice.status === 'paid') return `${total} paid`
  if (invoice.status === 'void') return `${total}, not asked for any more`
  if (invoice.status === 'uncollectible') return `${total}, given up`
  const due = invoice.due_date === null ? 'due' : `due on ${date(invoice.due_date)}`
  return `${money(invoice.amount_remaining, invoice.currency)} ${due}`
}

function totalsOf(account: Account, invoice: Invoice, show: (amount: number) => string): [string, string][] {
  const discount = sumOf((invoice.total_discount_amounts ?? []).map(({ amount }) => amount))
  const taxes = (invoice.total_taxes ?? []).map((tax): [string, string] => {
    const rate = account.find('tax_rate', tax.tax_rate_details?.tax_rate ?? '')
    const included = tax.tax_behavior === 'inclusive' ? ', included' : ''
    return [`${rate ? `${rate.display_name} (${rate.percentage}%${included})` : 'Tax'}`, show(tax.amount)]
  })
  const balance = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance
  return [
    ['Subtotal', show(invoice.subtotal)],
    ...(discount > 0 ? [['Discount', `-${show(discount)}`] as [string, string]] : []),
    ...(invoice.shipping_cost ? [['Shipping', show(invoice.amount_shipping)] as [string, string]] : []),
    ...taxes,
    ['Total', show(invoice.total)],
    ...(balance !== 0 ? [['Applied balance', show(-balance)] as [string, string]] : []),
    ...(invoice.amount_paid > 0 ? [['Amount paid', show(invoice.amount_paid)] as [string, string]] : []),
    ['Amount due', show(invoice.status === 'paid' ? 0 : invoice.amount_remaining)],
  ]
}

export const addressLines = (
  name: string | null,
  email: string | null,
  address: Invoice['customer_address'],
): string[] =>
  [
    name,
    address?.line1,
    address?.line2,
    [address?.postal_code, address?.city, address?.state].filter(Boolean).join(' '),
    countryName(address?.country),
    email,
  ].filter((line): line is string => Boolean(line))

/** What a receipt says of a charge. */
export type ReceiptFacts = {
  title: string
  paidOn: string
  method: string
  to: string[]
  lines: FactLine[]
  totals: [string, string][]
  invoice: string | null
}

export function receiptFacts(account: Account, charge: Kinds['charge']): ReceiptFacts {
  const [payment] = charge.payment_intent
    ? account.store.by('invoice_payment', 'payment_intent', charge.payment_intent)
    : []
  const invoice = payment && account.find('invoice', payment.invoice)
  const method = charge.payment_method ? account.find('payment_method', charge.payment_method) : undefined
  const { currency } = charge
  const lines = invoice
    ? factsOf(account, invoice).lines
    : [{ text: charge.description ?? 'Payment', detail: '', quantity: '', amount: money(charge.amount, currency) }]
  return {
    title: `${money(charge.amount, currency)} paid on ${date(charge.created)}`,
    paidOn: date(charge.created),
    method: method ? methodName(method) : '',
    to: addressLines(
      charge.billing_details.name,
      charge.billing_details.email ?? charge.receipt_email,
      charge.billing_details.address,
    ),
    lines,
    totals: [
      ['Amount paid', money(charge.amount, currency)],
      ...(charge.amount_refunded > 0
        ? [['Refunded', `-${money(charge.amount_refunded, currency)}`] as [string, string]]
        : []),
    ],
    invoice: invoice?.id ?? null,
  }
}
