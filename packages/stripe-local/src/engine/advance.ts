import type { Account } from '../account.ts'
import { agendaOf, runDueOf } from './agenda.ts'

const nobody = { id: null, idempotency_key: null }

/** How long a test clock may hold up requests at a stretch, in milliseconds. */
const stretch = 50

/** Moves the account's clock on to `to` (Unix seconds); whatever falls due on the way happens in its order, each at its own time. */
export function advance(account: Account, to: number): void {
  const agenda = agendaOf(account)
  for (;;) {
    const due = agenda.take('', to)
    if (!due) break
    account.clock.moveTo(due.time)
    account.work(nobody, () => account.at(due.time, () => runDueOf(account, due.kind, due.id)))
  }
  account.clock.moveTo(to)
}

/** Lets happen what has fallen due by the account's clock, and what test clocks have still to go through. */
export function runDue(account: Account): void {
  advance(account, account.clock.now())
  advanceTestClocks(account)
}

/** Moves every test clock that is `advancing` on; when that takes long, a stretch now and the rest when requests had their turn. */
function advanceTestClocks(account: Account): void {
  if (account.store.size('test_helpers.test_clock') === 0) return
  const until = performance.now() + stretch
  for (const { id, status } of account.store.all('test_helpers.test_clock')) {
    if (status !== 'advancing') continue
    while (performance.now() < until) if (!stepTestClock(account, id)) break
    if (performance.now() >= until) {
      continueLater(account)
      return
    }
  }
}

const waiting = new WeakSet<Account>()

function continueLater(account: Account): void {
  if (waiting.has(account)) return
  waiting.add(account)
  setImmediate(() => {
    waiting.delete(account)
    try {
      advanceTestClocks(account)
    } catch (error) {
      // Nobody waits for it: the clock stays where the last step left it, and goes on with the next request.
      console.error(error)
    }
  })
}

/** Does the next thing that is due on a test clock; when nothing is left the clock is `ready`. Tells whether there may be more. */
function stepTestClock(account: Account, id: string): boolean {
  const clock = account.get('test_helpers.test_clock', id)
  const target = clock.status_details.advancing?.target_frozen_time ?? clock.frozen_time
  const due = agendaOf(account).take(id, target)
  account.work(nobody, () => {
    if (due) {
      account.at(due.time, () => {
        account.update('test_helpers.test_clock', id, { frozen_time: Math.max(clock.frozen_time, due.time) })
        runDueOf(account, due.kind, due.id)
      })
    } else {
      // Told at the account's own time, as `advancing` is: the clock itself does not live by the clock.
      const ready = { frozen_time: target, status: 'ready', status_details: {} } as const
      account.emit('test_helpers.test_clock.ready', account.update('test_helpers.test_clock', id, ready))
    }
  })
  return due !== undefined
}

/** Lets a test clock that was just told to advance begin as soon as the request is done. */
export const beginAdvancing = (account: Account): void => continueLater(account)
