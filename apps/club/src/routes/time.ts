import { Hono } from 'hono'
import type { Club, Env } from '../http/context.ts'
import { returnPath } from '../http/return-path.ts'
import { field } from '../http/visitor.ts'
import { isStep } from '../stripe/time-machine.ts'

/** The time bar's buttons. There is no such address where Stripe is the real one. */
export function timeRoutes({ time }: Pick<Club, 'time'>) {
  const app = new Hono<Env>()
  if (!time) return app
  return app.post('/time', async (c) => {
    const step = await field(c, 'step')
    if (!isStep(step)) return c.text('Say how far: day or month.', 422)
    await time.advance(step)
    return c.redirect(returnPath(await field(c, 'back'), '/'), 303)
  })
}
