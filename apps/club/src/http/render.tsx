import type { Child } from 'hono/jsx'
import { Layout } from '../ui/layout.tsx'
import { stylesheet } from './assets.ts'
import type { Club, ClubContext } from './context.ts'

export type Render = (
  c: ClubContext,
  page: { title: string; description?: string; status?: 200 | 401 | 402 | 403 | 404 | 409 | 422 | 429 | 500 },
  content: Child,
) => Promise<Response>

/** Puts a page into the club's frame. */
export const createRender =
  (club: Pick<Club, 'time'>): Render =>
  async (c, { title, description, status = 200 }, content) => {
    const { pathname, search } = new URL(c.req.url)
    const page = (
      <Layout
        title={title}
        path={pathname + search}
        visitor={c.get('visitor') ?? null}
        clock={club.time?.now() ?? null}
        stylesheet={stylesheet.path}
        {...(description && { description })}
      >
        {content}
      </Layout>
    )
    return c.html(`<!doctype html>${await page}`, status)
  }
