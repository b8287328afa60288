import { DuesError } from 'dues'
import { Hono } from 'hono'
import type { Club, Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { asked, membersOnly, visitorOf } from '../http/visitor.ts'
import { Payments, RemoveCard } from '../pages/payments.tsx'
import { formatAmount } from '../ui/format.ts'
import { billingNotice } from '../ui/notices.ts'

/** Cards and invoices. What is decided here, Dues' own handler at /billing carries out. */
export function paymentRoutes({ dues, log }: Pick<Club, 'dues' | 'log'>, render: Render) {
  const app = new Hono<Env>()
  for (const path of ['/account/payments', '/account/remove-card']) app.use(path, membersOnly)

  /** Null while Stripe does not answer: the rest of the page is there all the same. */
  async function askStripe(id: string) {
    try {
      const [cards, upcoming, { credit, currency }] = await Promise.all([
        dues.paymentMethods.list(id),
        dues.invoices.upcoming(id),
        dues.invoices.balance(id),
      ])
      return { cards, upcoming, credit: credit > 0 && currency ? formatAmount(credit, currency) : null }
    } catch (error) {
      if (!(error instanceof DuesError) || error.code !== 'stripe_unavailable') throw error
      log.warn({ err: error }, 'a page of cards is shown without them')
      return null
    }
  }

  return app
    .get('/account/payments', async (c) => {
      const visitor = visitorOf(c)
      const { id } = visitor.user
      const after = asked(c, 'after')
      const [atStripe, invoices] = await Promise.all([askStripe(id), dues.invoices.list(id, after ? { after } : {})])
      const props = { visitor, atStripe, invoices, later: Boolean(after), notice: billingNotice(c.req.query()) }
      return render(c, { title: 'Cards and invoices' }, <Payments {...props} />)
    })
    .get('/account/remove-card', async (c) => {
      const { user, member } = visitorOf(c)
      const card = (await dues.paymentMethods.list(user.id)).find(({ id }) => id === c.req.query('id'))
      if (!card) return c.redirect('/account/payments', 303)
      return render(c, { title: 'Remove a card' }, <RemoveCard member={member} card={card} />)
    })
}
