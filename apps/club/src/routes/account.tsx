import { DuesError } from 'dues'
import { Hono } from 'hono'
import type { Club, Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { membersOnly, visitorOf } from '../http/visitor.ts'
import { Account, CancelNow } from '../pages/account.tsx'
import { failureTitles, payPage } from '../pages/billing-pages.tsx'
import { ChangeBundles, canHaveBundles } from '../pages/bundles.tsx'
import { hasLiveSubscription } from '../pages/pricing.tsx'
import { Failure } from '../pages/results.tsx'
import { Order, Switch } from '../pages/switch.tsx'
import { isInterval, isPaidPlan, trialDays } from '../plans.ts'
import { billingNotice } from '../ui/notices.ts'

/** Where the words for a change of plan would be wrong. */
const bundleFailures: Partial<Record<DuesError['code'], string>> = {
  already_on_plan: 'Nothing to change',
  bad_request: 'That many cannot be had',
}

/** What a member sees and decides about the membership; Dues' own handler at /billing carries it out. */
export function accountRoutes(club: Pick<Club, 'projects' | 'dues' | 'history'>, render: Render) {
  const app = new Hono<Env>()
  for (const path of ['/account', '/account/bundles', '/cancel-now', '/switch', '/checkout']) app.use(path, membersOnly)
  return app
    .get('/account', async (c) => {
      // What became of a card is told where the cards are.
      const told = c.req.query('notice') ?? ''
      if (told.startsWith('card')) return c.redirect(`/account/payments?notice=${encodeURIComponent(told)}`, 303)
      const visitor = visitorOf(c)
      const { id } = visitor.user
      const [projects, invoices, history, { prints }] = await Promise.all([
        club.projects.list(id),
        club.dues.invoices.list(id, { limit: 5 }),
        club.history.list(id),
        visitor.member.usage(),
      ])
      const usage = { count: projects.length, limit: visitor.member.limit('projects') }
      const notice = billingNotice(c.req.query())
      const props = { visitor, projects: usage, prints, invoices, history, notice }
      return render(c, { title: 'Account' }, <Account {...props} />)
    })
    .get('/account/bundles', async (c) => {
      const { member } = visitorOf(c)
      const { interval } = member
      if (!canHaveBundles(member) || interval === null) return c.redirect('/account', 303)
      const title = 'Print bundles'
      try {
        const preview = await member.previewAddOns({ bundle: Number(c.req.query('number')) })
        return await render(c, { title }, <ChangeBundles preview={preview} interval={interval} />)
      } catch (error) {
        if (!(error instanceof DuesError) || error.status >= 500) throw error
        const back = { href: '/account', text: 'Back to your account' }
        const failure = bundleFailures[error.code] ?? failureTitles[error.code] ?? 'Nothing to change'
        const page = <Failure title={failure} message={error.message} {...payPage(error.details)} back={back} />
        return render(c, { title, status: 409 }, page)
      }
    })
    .get('/cancel-now', (c) => {
      const visitor = visitorOf(c)
      if (!hasLiveSubscription(visitor)) return c.redirect('/account', 303)
      return render(c, { title: 'End it today' }, <CancelNow visitor={visitor} />)
    })
    .get('/checkout', (c) => {
      const { plan, interval } = c.req.query()
      const visitor = visitorOf(c)
      if (!isPaidPlan(plan) || !isInterval(interval)) return c.redirect('/pricing', 303)
      if (hasLiveSubscription(visitor)) return c.redirect(`/switch?plan=${plan}&interval=${interval}`, 303)
      const trial = visitor.member.state === 'none' ? trialDays(plan) : null
      return render(c, { title: 'Your order' }, <Order plan={plan} interval={interval} trialDays={trial} />)
    })
    .get('/switch', async (c) => {
      const { plan, interval, when } = c.req.query()
      const { member } = visitorOf(c)
      if (!isPaidPlan(plan) || !isInterval(interval)) return c.redirect('/pricing', 303)
      try {
        return await render(
          c,
          { title: 'Switch plans' },
          <Switch
            preview={await member.preview(plan, interval, when === 'now' ? { when } : {})}
            trialEndsAt={member.trialEndsAt}
            endsAt={member.cancelling() ? member.endsAt : null}
          />,
        )
      } catch (error) {
        if (!(error instanceof DuesError) || error.status >= 500) throw error
        const back = { href: '/pricing', text: 'Back to the plans' }
        const title = failureTitles[error.code] ?? 'Nothing to switch'
        return render(
          c,
          { title: 'Switch plans', status: 409 },
          <Failure title={title} message={error.message} {...payPage(error.details)} back={back} />,
        )
      }
    })
}
