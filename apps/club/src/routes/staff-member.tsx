import { DuesError } from 'dues'
import { type Context, Hono } from 'hono'
import type { Club, Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { asked, field } from '../http/visitor.ts'
import { type Ending, EndMembership, isEnding } from '../pages/staff/end.tsx'
import { isRunning } from '../pages/staff/grants.tsx'
import { StaffMember } from '../pages/staff/member.tsx'
import { pathOf } from '../pages/staff/parts.tsx'
import { isPaidPlan } from '../plans.ts'
import { type Known, personOf } from '../staff/known.ts'
import { formatAmount } from '../ui/format.ts'
import { refusalInWords } from '../ui/refusals.ts'
import { staffNotice } from '../ui/staff-notices.ts'
import { staffRefundRoutes } from './staff-refund.tsx'

type StaffClub = Pick<Club, 'dues' | 'people' | 'time' | 'log'>

/** One member: what is known, and what staff decide. Dues carries it out. */
export function staffMemberRoutes(club: StaffClub, render: Render) {
  const { dues, time, log } = club
  const now = () => time?.now() ?? new Date()

  /** The member's page, with what could not be done, if something could not. */
  async function page(c: Context<Env>, person: Known, problem: string | null = null) {
    const { id } = person
    const after = asked(c, 'after')
    const [member, atStripe, invoices, grants, history] = await Promise.all([
      dues.member(id),
      askStripe(id),
      dues.invoices.list(id, { limit: 12, ...(after && { after }) }),
      dues.grants.of(id),
      dues.subscriptions.history(id),
    ])
    const notice = problem === null ? staffNotice(c.req.query()) : null
    const props = {
      person,
      member,
      atStripe,
      invoices,
      later: Boolean(after),
      grants,
      history,
      now: now(),
      notice,
      problem,
    }
    return render(
      c,
      { title: person.name, back: pathOf(person), status: problem === null ? 200 : 422 },
      <StaffMember {...props} />,
    )
  }

  /** Null while Stripe does not answer: the rest of the page is there all the same. */
  async function askStripe(id: string) {
    try {
      const [cards, upcoming, { credit, owed, currency }] = await Promise.all([
        dues.paymentMethods.list(id),
        dues.invoices.upcoming(id),
        dues.invoices.balance(id),
      ])
      const balance =
        currency === null || credit + owed === 0
          ? null
          : credit > 0
            ? `${formatAmount(credit, currency)} in credit`
            : `${formatAmount(owed, currency)} owed`
      return { cards, upcoming, balance }
    } catch (error) {
      if (!(error instanceof DuesError) || error.code !== 'stripe_unavailable') throw error
      log.warn({ err: error }, 'a page for staff is shown without what Stripe knows')
      return null
    }
  }

  /** Does what was decided, and says who decided it; what is refused is said on the member's page. */
  async function decide(c: Context<Env>, what: string, work: (person: Known) => Promise<string>) {
    const person = await personOf(club, c.req.param('id'))
    if (!person) return c.notFound()
    try {
      const notice = await work(person)
      log.info({ staff: c.get('visitor')?.user.email, owner: person.id, notice }, what)
      return c.redirect(`${pathOf(person)}?notice=${notice}`, 303)
    } catch (error) {
      if (!(error instanceof DuesError) || error.status >= 500) throw error
      return page(c, person, refusalInWords(error))
    }
  }

  return new Hono<Env>()
    .get('/', async (c) => {
      const person = await personOf(club, c.req.param('id'))
      return person ? page(c, person) : c.notFound()
    })
    .get('/end', async (c) => {
      const person = await personOf(club, c.req.param('id'))
      if (!person) return c.notFound()
      const member = await dues.member(person.id)
      try {
        const preview = await member.previewCancel()
        return await render(c, { title: 'End a membership' }, <EndMembership {...{ person, member, preview }} />)
      } catch (error) {
        if (!(error instanceof DuesError) || error.status >= 500) throw error
        return page(c, person, refusalInWords(error))
      }
    })
    .post('/end', async (c) => {
      const ending = await field(c, 'ending')
      const shown = { unused: Number(await field(c, 'unused')), period: Number(await field(c, 'period')) }
      return decide(c, 'staff ended a membership', async ({ id }) => {
        if (!isEnding(ending)) throw new DuesError('bad_request', 'Say how it shall end.')
        const member = await dues.subscriptions.cancel(id, termsOf(ending, shown))
        return member.ended() ? 'ended' : 'ends'
      })
    })
    .post('/resume', (c) =>
      decide(c, 'staff took a cancellation back', async ({ id }) => {
        await dues.subscriptions.resume(id)
        return 'resumed'
      }),
    )
    .post('/undo-switch', (c) =>
      decide(c, 'staff dropped a planned change', async ({ id }) => {
        await dues.subscriptions.undoSwitch(id)
        return 'undone'
      }),
    )
    .post('/grants', async (c) => {
      const [plan, reason, last] = [await field(c, 'plan'), await field(c, 'reason'), await field(c, 'until')]
      return decide(c, 'staff gave a plan', async ({ id }) => {
        if (!isPaidPlan(plan)) throw new DuesError('plan_unknown', 'Choose a plan to give.')
        if (reason.length > 200) throw new DuesError('bad_request', 'Say why in 200 characters.')
        const until = last === '' ? null : endOf(last)
        const given = await dues.grants.of(id)
        const same = given.some(
          (grant) =>
            grant.plan === plan &&
            grant.reason === reason &&
            isRunning(grant, now()) &&
            grant.endsAt?.getTime() === until?.getTime(),
        )
        if (same) return 'givenBefore'
        await dues.grants.give(id, plan, { reason, ...(until && { until }) })
        return 'given'
      })
    })
    .post('/grants/end', async (c) => {
      const plan = await field(c, 'plan')
      return decide(c, 'staff ended a grant', async ({ id }) => {
        if (!isPaidPlan(plan)) throw new DuesError('plan_unknown', 'Say which plan shall end.')
        return (await dues.grants.takeBack(id, plan)) > 0 ? 'takenBack' : 'gone'
      })
    })
    .route('/invoices/:invoice', staffRefundRoutes(club, render))
}

/** What was shown is what goes back, whatever has become of the seconds since. */
function termsOf(ending: Ending, shown: { unused: number; period: number }) {
  if (ending === 'periodEnd') return { when: 'periodEnd' } as const
  if (ending === 'now') return { when: 'now' } as const
  if (ending === 'credit') return { when: 'now', unused: 'credit' } as const
  return { when: 'now', refund: shown[ending] } as const
}

/** The end of a day, as a date field sends it. */
function endOf(day: string): Date {
  const end = new Date(`${day}T23:59:59Z`)
  // A date that is not there, as in 31 February, becomes none or another one.
  if (Number.isNaN(end.getTime()) || end.toISOString().slice(0, 10) !== day)
    throw new DuesError('bad_request', 'That last day is no date.')
  return end
}
