import { randomUUID } from 'node:crypto'
import { DuesError, type InvoiceDetail } from 'dues'
import { type Context, Hono } from 'hono'
import type { Club, Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { field } from '../http/visitor.ts'
import { hasLiveSubscription } from '../pages/pricing.tsx'
import { pathOf } from '../pages/staff/parts.tsx'
import { ConfirmRefund, isRefundReason, leftOf, StaffInvoice } from '../pages/staff/refund.tsx'
import { type Known, personOf } from '../staff/known.ts'
import { parseAmount } from '../ui/amount.ts'
import { moreThanIsLeft, refusalInWords } from '../ui/refusals.ts'
import { staffNotice } from '../ui/staff-notices.ts'

type Asked = { person: Known; invoice: InvoiceDetail }

/** An invoice, and the way of its money back to the card: asked, shown, and done once. */
export function staffRefundRoutes(club: Pick<Club, 'dues' | 'people' | 'log'>, render: Render) {
  const { dues, log } = club

  /** An invoice of this very member; null where there is none. */
  async function askedFor(c: Context<Env>): Promise<Asked | null> {
    const person = await personOf(club, c.req.param('id'))
    if (!person) return null
    try {
      return { person, invoice: await dues.invoices.get(person.id, c.req.param('invoice') ?? '') }
    } catch (error) {
      if (error instanceof DuesError && error.code === 'not_found') return null
      throw error
    }
  }

  const page = (
    c: Context<Env>,
    { person, invoice }: Asked,
    problem: string | null = null,
    typed: string | null = null,
  ) => {
    const notice = problem === null ? staffNotice(c.req.query()) : null
    const title = `Invoice ${invoice.number ?? ''}`
    return render(
      c,
      { title, back: `${pathOf(person)}/invoices/${invoice.id}`, status: problem === null ? 200 : 422 },
      <StaffInvoice {...{ person, invoice, notice, problem, typed }} />,
    )
  }

  return new Hono<Env>()
    .get('/', async (c) => {
      const asked = await askedFor(c)
      return asked ? page(c, asked) : c.notFound()
    })
    .get('/refund', async (c) => {
      const asked = await askedFor(c)
      if (!asked) return c.notFound()
      const { person, invoice } = asked
      const { amount: typed = '', reason } = c.req.query()
      const amount = parseAmount(typed, invoice.currency)
      const problem = problemOf(amount, invoice)
      if (amount === null || problem !== null) return page(c, asked, problem, typed)
      const member = await dues.member(person.id)
      const props = {
        person,
        invoice,
        wish: { amount, reason: isRefundReason(reason) ? reason : ('requested_by_customer' as const) },
        member: hasLiveSubscription({ member }) ? 'The membership goes on.' : '',
        refundKey: randomUUID(),
      }
      return render(c, { title: 'Pay back' }, <ConfirmRefund {...props} />)
    })
    .post('/refund', async (c) => {
      const asked = await askedFor(c)
      if (!asked) return c.notFound()
      const { person, invoice } = asked
      const [text, reason, key] = [await field(c, 'amount'), await field(c, 'reason'), await field(c, 'key')]
      const amount = /^\d{1,12}$/.test(text) ? Number(text) : 0
      if (amount === 0 || key === '' || !isRefundReason(reason))
        return page(c, asked, 'Nothing was paid back: that form was not whole. Begin again here.')
      try {
        // The amount belongs to the key: one key can never stand for two of them.
        const { refunds } = await dues.invoices.refund(invoice.id, { amount, reason, key: `staff ${key} ${amount}` })
        const ids = refunds.map(({ id }) => id)
        log.info(
          { staff: c.get('visitor')?.user.email, owner: person.id, invoice: invoice.id, amount, ids },
          'staff paid money back',
        )
        return c.redirect(`${pathOf(person)}/invoices/${invoice.id}?notice=refunded`, 303)
      } catch (error) {
        if (!(error instanceof DuesError) || error.status >= 500) throw error
        return page(c, asked, refusalInWords(error))
      }
    })
}

function problemOf(amount: number | null, invoice: InvoiceDetail): string | null {
  if (amount === null) return 'That is no amount. Write it like 5 or 5.50, more than nothing.'
  return amount > leftOf(invoice) ? moreThanIsLeft(leftOf(invoice), invoice.currency) : null
}
