import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { createMiddleware } from 'hono/factory'
import { assets } from './http/assets.ts'
import type { Club, Env } from './http/context.ts'
import { secureHeaders } from './http/headers.ts'
import { createRender, type Frame } from './http/render.tsx'
import { refuseCrossSite } from './http/same-site.ts'
import { knowVisitor } from './http/visitor.ts'
import { Failure, NotFound } from './pages/results.tsx'
import { accountRoutes } from './routes/account.tsx'
import { memberRoutes } from './routes/members.tsx'
import { paymentRoutes } from './routes/payments.tsx'
import { publicRoutes } from './routes/public.tsx'
import { sessionRoutes } from './routes/session.tsx'
import { staffRoutes } from './routes/staff.tsx'
import { timeRoutes } from './routes/time.ts'
import { createDrawnSheets } from './sheets/drawn.ts'

/** The club as a web app. */
export function createApp(club: Club & { frame: Frame }) {
  const render = createRender(club.frame)
  const draw = createDrawnSheets()
  const app = new Hono<Env>()
  app.use(logRequests(club))
  app.use(compress())
  app.route('/assets', assets)
  app.use(secureHeaders(club.checkoutOrigins))
  // Dues guards what is under /billing itself; a webhook has no session and no cookies to borrow.
  app.all('/billing/*', (c) => club.dues.handler(c.req.raw))
  app.use(refuseCrossSite)
  app.use(knowVisitor(club))
  app.route('/', publicRoutes(render, draw))
  app.route('/', sessionRoutes(club, render))
  app.route('/', accountRoutes(club, render))
  app.route('/', paymentRoutes(club, render))
  app.route('/', memberRoutes(club, render, draw))
  app.route('/staff', staffRoutes(club, render))
  app.route('/', timeRoutes(club))
  app.notFound((c) => render(c, { title: 'Not found', status: 404 }, <NotFound />))
  app.onError((error, c) => {
    club.log.error({ err: error, path: c.req.path }, 'a request failed')
    const message = 'Something of ours broke. Nothing was charged by this page. Try again in a moment, or write to us.'
    return render(c, { title: 'Something broke', status: 500 }, <Failure title="Something broke" message={message} />)
  })
  return app
}

const logRequests = ({ log }: Pick<Club, 'log'>) =>
  createMiddleware<Env>(async (c, next) => {
    const start = performance.now()
    await next()
    const milliseconds = Math.round(performance.now() - start)
    log.debug({ method: c.req.method, path: c.req.path, status: c.res.status, milliseconds }, 'request')
  })
