import { DuesError } from 'dues'
import { Hono } from 'hono'
import type { Club, ClubContext, Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { field, membersOnly, visitorOf } from '../http/visitor.ts'
import { Office, ProjectPage } from '../pages/office.tsx'
import { Locked, type LockedProps, PlateRoom, StudioDesk } from '../pages/rooms.tsx'
import { planCodes, plans } from '../plans.ts'
import { isOrder, newOrder } from '../prints/prints.ts'
import { isCharacter, type Project } from '../projects/projects.ts'
import { geojson } from '../sheets/geojson.ts'
import type { SheetRequest } from '../sheets/sheet.ts'
import { svgHeaders } from './sheet-headers.ts'

/** The rooms of the club. What opens each is asked of the membership, never of a plan's name kept elsewhere. */
export function memberRoutes(
  { projects, prints }: Pick<Club, 'projects' | 'prints'>,
  render: Render,
  draw: (request: SheetRequest) => string,
) {
  const locked = (c: ClubContext, props: Omit<LockedProps, 'visitor'>) =>
    render(c, { title: 'Members only', status: 403 }, <Locked {...props} visitor={visitorOf(c)} />)

  async function office(c: ClubContext, again?: { status: 403 | 422; problem: string; name: string }) {
    const { user, member } = visitorOf(c)
    const list = await projects.list(user.id)
    const props = { projects: list, limit: member.limit('projects'), problem: again?.problem, name: again?.name }
    return render(c, { title: 'Drawing office', status: again?.status ?? 200 }, <Office {...props} />)
  }

  return new Hono<Env>()
    .use('/members', membersOnly)
    .use('/members/*', membersOnly)
    .get('/members', (c) => office(c))
    .post('/members/projects', async (c) => {
      const { user, member } = visitorOf(c)
      const name = (await field(c, 'name')).replace(/\s+/g, ' ').slice(0, 60)
      const character = await field(c, 'character')
      if (!name) return office(c, { status: 422, problem: 'A place needs a name.', name })
      if (!isCharacter(character)) return office(c, { status: 422, problem: 'Choose a kind of ground.', name })
      const limit = member.limit('projects')
      const project = await projects.add(user.id, { name, character, limit })
      if (!project) return office(c, { status: 403, problem: `Your plan holds ${limit} projects.`, name })
      return c.redirect(`/members/projects/${project.id}`, 303)
    })
    .get('/members/pro', async (c) => {
      const { user, member } = visitorOf(c)
      if (!member.can('export')) return locked(c, { room: '/members/pro', opens: 'pro' })
      return render(c, { title: 'Plate room' }, <PlateRoom projects={await projects.list(user.id)} />)
    })
    .get('/members/ent', async (c) => {
      const visitor = visitorOf(c)
      if (!visitor.member.on('ent')) return locked(c, { room: '/members/ent', opens: 'ent' })
      const { length } = await projects.list(visitor.user.id)
      const { origin } = new URL(c.req.url)
      return render(c, { title: 'Studio desk' }, <StudioDesk visitor={visitor} projects={length} origin={origin} />)
    })
    .get('/members/archive.geojson', async (c) => {
      const { user, member } = visitorOf(c)
      if (!member.can('sso')) return locked(c, { room: '/members/ent', opens: 'ent' })
      return download(geojson(await projects.list(user.id)), 'application/geo+json', 'archive.geojson')
    })
    .get('/members/projects/:id', async (c) => {
      const project = await find(c)
      if (!project) return c.notFound()
      return projectPage(c, project)
    })
    .post('/members/projects/:id/print', async (c) => {
      const project = await find(c)
      if (!project) return c.notFound()
      const order = await field(c, 'order')
      if (!isOrder(order)) return projectPage(c, project, { status: 422, problem: 'Press the button once more.' })
      try {
        await prints.order(visitorOf(c).user.id, project.id, order)
      } catch (error) {
        if (!(error instanceof DuesError) || error.code !== 'limit_reached') throw error
        return projectPage(c, project, { status: 402, problem: 'This month’s prints are all ordered.' })
      }
      return c.redirect(`/members/projects/${project.id}?printed#print`, 303)
    })
    .get('/members/projects/:id/sheet.svg', async (c) => {
      const project = await find(c)
      if (!project) return c.notFound()
      const svg = draw({ ...project, frame: c.req.query('frame') !== undefined })
      return c.body(svg, 200, svgHeaders('private, max-age=86400'))
    })
    .get('/members/projects/:id/export.svg', async (c) => {
      const project = await findForExport(c)
      if (project instanceof Response) return project
      return download(draw({ ...project, frame: true, medium: 'print' }), 'image/svg+xml', `${slug(project)}.svg`)
    })
    .get('/members/projects/:id/export.geojson', async (c) => {
      const project = await findForExport(c)
      if (project instanceof Response) return project
      return download(geojson([project]), 'application/geo+json', `${slug(project)}.geojson`)
    })
    .post('/members/projects/:id/remove', async (c) => {
      await projects.remove(visitorOf(c).user.id, c.req.param('id'))
      return c.redirect('/members', 303)
    })

  async function projectPage(c: ClubContext, project: Project, refused?: { status: 402 | 422; problem: string }) {
    const { user, member } = visitorOf(c)
    const [usage, ordered] = await Promise.all([member.usage(), prints.list(user.id, project.id)])
    const props = {
      project,
      mayExport: member.can('export'),
      prints: {
        usage: usage.prints,
        canHaveMore: usage.prints.limit < mostPrints,
        ordered,
        order: newOrder(),
        problem: refused?.problem,
      },
      justPrinted: c.req.query('printed') !== undefined && ordered.length > 0,
    }
    return render(c, { title: project.name, status: refused?.status ?? 200 }, <ProjectPage {...props} />)
  }

  function find(c: ClubContext): Promise<Project | null> {
    return projects.find(visitorOf(c).user.id, c.req.param('id') ?? '')
  }

  async function findForExport(c: ClubContext): Promise<Project | Response> {
    if (!visitorOf(c).member.can('export')) return locked(c, { room: '/members/pro', opens: 'pro' })
    return (await find(c)) ?? c.notFound()
  }
}

/** What the biggest plan has a month. */
const mostPrints = Math.max(...planCodes.map((code) => plans[code].features.prints))

const slug = ({ name }: Project): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'sheet'

function download(content: string, type: string, filename: string): Response {
  return new Response(content, {
    headers: { 'content-type': type, 'content-disposition': `attachment; filename="${filename}"` },
  })
}
