import { DuesError } from 'dues'
import { type Context, Hono } from 'hono'
import type { Club, Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { asked } from '../http/visitor.ts'
import { failureTitles } from '../pages/billing-pages.tsx'
import { Failure } from '../pages/results.tsx'
import { StaffInbox } from '../pages/staff/inbox.tsx'
import { type Looked, Members } from '../pages/staff/members.tsx'
import { isState } from '../pages/staff/parts.tsx'
import { planCodes } from '../plans.ts'
import { knownFrom } from '../staff/known.ts'
import { staffOnly } from '../staff/staff.ts'
import { staffNotice } from '../ui/staff-notices.ts'
import { staffMemberRoutes } from './staff-member.tsx'

/** What staff see and do. To everybody else all of it is nowhere. */
export function staffRoutes(club: Pick<Club, 'dues' | 'people' | 'time' | 'log'>, render: Render) {
  const { dues, people, log } = club
  const app = new Hono<Env>()
  app.use(staffOnly)
  app.onError((error, c) => {
    if (!(error instanceof DuesError)) throw error
    log.info({ err: error, path: c.req.path }, 'what staff asked for was refused')
    const title = failureTitles[error.code] ?? 'That did not work'
    const back = { href: '/staff', text: 'Back to the members' }
    const status = error.status >= 500 ? 503 : 409
    return render(c, { title, status }, <Failure title={title} message={error.message} back={back} />)
  })

  return app
    .get('/', async (c) => {
      const { plan, state, cursor } = c.req.query()
      const looked = {
        text: asked(c, 'q').trim(),
        plan: planCodes.find((code) => code === plan) ?? null,
        state: isState(state) ? state : null,
      }
      const { rows, next } =
        looked.text === '' ? await byPlanAndState(looked, cursor || null) : await byText(looked.text)
      return render(c, { title: 'Members' }, <Members looked={looked} rows={rows} next={next} />)
    })
    .get('/inbox', async (c) => {
      const [health, dead, waiting, jobs, drift] = await Promise.all([
        dues.health(),
        dues.webhooks.list({ state: 'dead', limit: 50 }),
        dues.webhooks.list({ state: 'waiting', limit: 50 }),
        dues.jobs.dead(),
        dues.drift({ limit: 50 }),
      ])
      const props = { health, events: [...dead, ...waiting], jobs, drift, notice: staffNotice(c.req.query()) }
      return render(c, { title: 'Inbox' }, <StaffInbox {...props} />)
    })
    .post('/inbox/replay', async (c) => {
      const ids = await idsOf(c)
      const found = await dues.webhooks.replay(ids)
      log.info({ staff: c.get('visitor')?.user.email, ids, found }, 'staff replayed events')
      return c.redirect(`/staff/inbox?notice=${found > 0 ? 'replayed' : 'gone'}`, 303)
    })
    .post('/inbox/revive', async (c) => {
      const ids = await idsOf(c)
      const found = ids.length === 0 ? 0 : await dues.jobs.revive(ids)
      log.info({ staff: c.get('visitor')?.user.email, ids, found }, 'staff revived jobs')
      return c.redirect(`/staff/inbox?notice=${found > 0 ? 'revived' : 'gone'}`, 303)
    })
    .route('/members/:id', staffMemberRoutes(club, render))

  async function byPlanAndState({ plan, state }: Looked, cursor: string | null) {
    const filter = { ...(plan && { plan }), ...(state && { state }) }
    const { members, next } = await dues.members.where(filter, { limit: 25, cursor })
    const known = await people.byIds(members.map(({ owner }) => owner))
    const rows = members.map((member) => ({ member, person: knownFrom(known.get(member.owner), member.owner) }))
    return { rows, next }
  }

  async function byText(text: string) {
    const found = await people.search(text)
    const rows = found.map(async (one) => ({ person: knownFrom(one, one.id), member: await dues.member(one.id) }))
    return { rows: await Promise.all(rows), next: null }
  }
}

async function idsOf(c: Context<Env>): Promise<string[]> {
  const { id = [] } = await c.req.parseBody({ all: true })
  return [id]
    .flat()
    .filter((one) => typeof one === 'string')
    .filter((one) => !one.includes('\0'))
}
