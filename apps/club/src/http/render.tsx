import type { Child } from 'hono/jsx'
import { Layout } from '../ui/layout.tsx'
import { stylesheet } from './assets.ts'
import type { Club, ClubContext, Visitor } from './context.ts'

export type PageHead = {
  title: string
  description?: string
  /** Where the time bar leads back to; the page itself unless told. */
  back?: string
  status?: 200 | 401 | 402 | 403 | 404 | 409 | 422 | 429 | 500 | 503
}

export type Render = (c: ClubContext, head: PageHead, content: Child) => Promise<Response>

/** Puts a page into the club's frame, as text. */
export type Frame = (
  head: Omit<PageHead, 'status'> & {
    path: string
    visitor: Visitor | null
  },
  content: Child,
) => Promise<string>

export const createFrame =
  ({ time }: Pick<Club, 'time'>): Frame =>
  async ({ title, description, path, back = path, visitor }, content) => {
    const page = await (
      <Layout
        title={title}
        path={path}
        back={back}
        visitor={visitor}
        clock={time}
        stylesheet={stylesheet.path}
        {...(description && { description })}
      >
        {content}
      </Layout>
    )
    return `<!doctype html>${page}`
  }

/** Answers a request with a page in the club's frame. */
export const createRender =
  (frame: Frame): Render =>
  async (c, { status = 200, ...head }, content) => {
    const { pathname, search } = new URL(c.req.url)
    return c.html(await frame({ ...head, path: pathname + search, visitor: c.get('visitor') ?? null }, content), status)
  }
