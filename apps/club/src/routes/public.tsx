import { Hono } from 'hono'
import type { Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { gallery, Home } from '../pages/home.tsx'
import { Pricing } from '../pages/pricing.tsx'
import type { SheetRequest } from '../sheets/sheet.ts'
import type { Character } from '../sheets/terrain.ts'
import { svgHeaders } from './sheet-headers.ts'

/** Sheets that anybody may see: those on show, and those that the plate room talks about. */
const onShow = new Map<string, { name: string; character: Character }>([
  ...gallery.map(({ slug, name, character }) => [slug, { name, character }] as const),
  ['long-hest', { name: 'Long Hest', character: 'moor' }],
])

export function publicRoutes(render: Render, draw: (request: SheetRequest) => string) {
  return new Hono<Env>()
    .get('/', (c) =>
      render(
        c,
        {
          title: 'Trigpoint',
          description: 'Contour maps of invented places, for novelists, game makers and illustrators.',
        },
        <Home visitor={c.get('visitor')} />,
      ),
    )
    .get('/pricing', (c) =>
      render(
        c,
        { title: 'Plans', description: 'Free, Professional for $19 a month, Enterprise for $99 a month.' },
        <Pricing interval={c.req.query('interval') === 'yearly' ? 'yearly' : 'monthly'} visitor={c.get('visitor')} />,
      ),
    )
    .get('/sheets/:file{[a-z-]+\\.svg}', (c) => {
      const place = onShow.get(c.req.param('file').slice(0, -4))
      if (!place) return c.notFound()
      const svg = draw({ ...place, frame: c.req.query('frame') !== undefined })
      return c.body(svg, 200, svgHeaders('public, max-age=86400'))
    })
}
