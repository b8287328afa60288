import { setTimeout as wait } from 'node:timers/promises'
import { Hono } from 'hono'
import type { ClubDues } from '../billing.ts'
import type { Club, Env } from '../http/context.ts'
import { returnPath } from '../http/return-path.ts'
import { field } from '../http/visitor.ts'
import { isStep } from '../stripe/time-machine.ts'

/** The time bar's buttons. There is no such address where Stripe is the real one. */
export function timeRoutes({ time, dues }: Pick<Club, 'time' | 'dues'>) {
  const app = new Hono<Env>()
  if (!time) return app
  return app.post('/time', async (c) => {
    const step = await field(c, 'step')
    if (!isStep(step)) return c.text('Say how far: day or month.', 422)
    await time.advance(step)
    await untilCaughtUp(dues)
    return c.redirect(returnPath(await field(c, 'back'), '/'), 303)
  })
}

/** What a delivery alone could not tell is asked of Stripe by a job: the page that follows should know it, too. */
async function untilCaughtUp({ health }: ClubDues): Promise<void> {
  const until = performance.now() + patience
  while (performance.now() < until) {
    const { inbox } = await health()
    if (inbox.waiting === 0) return
    await wait(50)
  }
}

/** After so many milliseconds the page is shown all the same. */
const patience = 5000
