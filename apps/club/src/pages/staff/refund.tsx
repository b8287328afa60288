import type { InvoiceDetail, RefundReason } from 'dues'
import type { Known } from '../../staff/known.ts'
import { amountToType } from '../../ui/amount.ts'
import { formatAmount } from '../../ui/format.ts'
import { Day, Notice, Tag } from '../../ui/parts.tsx'
import { Crumb, pathOf, StaffPage } from './parts.tsx'

/** Why money goes back, in Stripe's words. */
export const refundReasons: Record<RefundReason, string> = {
  requested_by_customer: 'The member asked for it',
  duplicate: 'It was paid twice',
  fraudulent: 'The card was stolen; Stripe refuses it from now on',
}

export const isRefundReason = (text: unknown): text is RefundReason =>
  typeof text === 'string' && Object.hasOwn(refundReasons, text)

export type RefundWish = { readonly amount: number; readonly reason: RefundReason }

/** What of an invoice was paid and has not gone back. */
export const leftOf = ({ amountPaid, refunded }: InvoiceDetail): number => Math.max(0, amountPaid - refunded)

type InvoiceProps = { person: Known; invoice: InvoiceDetail }

/** An invoice, line by line, and how much of it can go back. */
export function StaffInvoice(
  props: InvoiceProps & { notice: string | null; problem: string | null; typed: string | null },
) {
  const { person, invoice, notice, problem } = props
  const {
    number,
    created,
    currency,
    status,
    lines,
    discount,
    tax,
    fromBalance,
    carriedOver,
    total,
    amountPaid,
    refunded,
  } = invoice
  const rows: [string, number][] = [
    ...lines.map(({ description, amount }): [string, number] => [description, amount]),
    ...(discount ? [['Discount', -discount] as [string, number]] : []),
    ...(tax ? [['Tax', tax] as [string, number]] : []),
  ]
  const after: [string, number][] = [
    ...(fromBalance ? [['From credit', fromBalance] as [string, number]] : []),
    ...(carriedOver ? [['Too little to charge, on the next invoice', carriedOver] as [string, number]] : []),
    ...(status === 'paid' ? [['Paid by card', amountPaid] as [string, number]] : []),
    ...(refunded ? [['Went back', -refunded] as [string, number]] : []),
  ]
  return (
    <StaffPage>
      <Crumb href={pathOf(person)}>{person.name}</Crumb>
      <header class="page-head">
        <h1>Invoice {number}</h1>
        <p class="lead">
          <Day date={created} /> {status !== 'paid' && <Tag tone="calm">{status}</Tag>}
        </p>
      </header>
      {notice && <Notice tone="good">{notice}</Notice>}
      {problem && <Notice tone="warn">{problem}</Notice>}
      <div class="account-grid">
        <section class="receipt" aria-label="Lines">
          <table>
            <tbody>
              {rows.map(([what, amount]) => (
                <tr>
                  <th scope="row">{what}</th>
                  <td>{formatAmount(amount, currency)}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr class="total">
                <th scope="row">Total</th>
                <td>{formatAmount(total, currency)}</td>
              </tr>
              {after.map(([what, amount]) => (
                <tr class="minor">
                  <th scope="row">{what}</th>
                  <td>{formatAmount(amount, currency)}</td>
                </tr>
              ))}
            </tfoot>
          </table>
        </section>
        {leftOf(invoice) > 0 ? <AskRefund {...props} /> : <p class="fine">{nothingLeft(invoice)}</p>}
      </div>
    </StaffPage>
  )
}

function nothingLeft({ status, total, refunded }: InvoiceDetail): string {
  if (refunded > 0) return 'All that was paid by card has gone back.'
  if (status === 'paid') return total > 0 ? 'Nothing of it was paid by card.' : 'Nothing had to be paid.'
  return 'It is not paid, so that there is nothing to pay back.'
}

function AskRefund({ person, invoice, typed }: InvoiceProps & { typed: string | null }) {
  const { id, currency } = invoice
  const left = leftOf(invoice)
  return (
    <section class="panel" aria-labelledby="refund">
      <h2 id="refund">Pay back</h2>
      <form method="get" action={`${pathOf(person)}/invoices/${id}/refund`} class="stack">
        <div class="field">
          <label for="amount">Amount, in {currency.toUpperCase()}</label>
          <input
            id="amount"
            name="amount"
            inputmode="decimal"
            required
            autocomplete="off"
            value={typed ?? amountToType(left, currency)}
            aria-describedby="amount-hint"
          />
          <p class="hint" id="amount-hint">
            {formatAmount(left, currency)} at most.
          </p>
        </div>
        <div class="field">
          <label for="reason">Why</label>
          <select id="reason" name="reason">
            {Object.entries(refundReasons).map(([code, words]) => (
              <option value={code}>{words}</option>
            ))}
          </select>
        </div>
        <div class="actions">
          <button class="button quiet" type="submit">
            See what it does
          </button>
        </div>
      </form>
    </section>
  )
}

/** What a refund will do, before it is done. `refundKey` makes two clicks one refund. */
export function ConfirmRefund(props: InvoiceProps & { wish: RefundWish; member: string; refundKey: string }) {
  const { person, invoice, wish, member, refundKey } = props
  const { id, number, currency, amountPaid, refunded } = invoice
  const money = formatAmount(wish.amount, currency)
  const left = leftOf(invoice) - wish.amount
  const rows: [string, string][] = [
    ['Paid by card', formatAmount(amountPaid, currency)],
    ...(refunded ? [['Went back before', formatAmount(refunded, currency)] as [string, string]] : []),
    ['Goes back now', money],
    ['Stays with the club', formatAmount(left, currency)],
    ['Why', refundReasons[wish.reason]],
  ]
  return (
    <StaffPage>
      <Crumb href={`${pathOf(person)}/invoices/${id}`}>Invoice {number}</Crumb>
      <div class="narrow form-page">
        <h1>Pay {money} back?</h1>
        <p class="lead">
          It goes to the card that {person.name} paid with, and takes a few days to be seen there. It cannot be taken
          back. {member}
        </p>
        <dl class="facts">
          {rows.map(([what, value]) => (
            <div>
              <dt>{what}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <form method="post" action={`${pathOf(person)}/invoices/${id}/refund`} class="actions">
          <input type="hidden" name="amount" value={wish.amount} />
          <input type="hidden" name="reason" value={wish.reason} />
          <input type="hidden" name="key" value={refundKey} />
          <button class="button" type="submit">
            Pay {money} back
          </button>
          <a class="button quiet" href={`${pathOf(person)}/invoices/${id}`}>
            Do not
          </a>
        </form>
      </div>
    </StaffPage>
  )
}
