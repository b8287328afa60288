import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { beginAdvancing } from '../engine/advance.ts'
import { defineDue } from '../engine/agenda.ts'
import { addIntervals, day, formatDate } from '../engine/calendar.ts'
import { rhythmOf } from '../engine/subscriptions/items.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { forgetCustomer } from './forget-customer.ts'

type TestClock = Kinds['test_helpers.test_clock']

const kind = 'test_helpers.test_clock'

defineResource({
  kind,
  operations: {
    'POST /v1/test_helpers/test_clocks': ({ account, params }) => createClock(account, params),
    'POST /v1/test_helpers/test_clocks/{id}/advance': ({ account, path, params }) =>
      advanceClock(account, path.id, params.frozen_time),
    'GET /v1/test_helpers/test_clocks/{id}': ({ account, path }) => account.get(kind, path.id),
    'GET /v1/test_helpers/test_clocks': ({ account, params, url }) => listOf(account, kind, params, url),
    'DELETE /v1/test_helpers/test_clocks/{id}': ({ account, path }) => deleteClock(account, account.get(kind, path.id)),
  },
})

// A clock that nobody deleted goes by itself, by the account's time and not by its own.
defineDue({ kind, dueAt: (_account, clock) => clock.deletes_after, run: deleteClock })

/** https://docs.stripe.com/api/test_clocks/create */
function createClock(account: Account, params: Stripe.TestHelpers.TestClockCreateParams): TestClock {
  const clock = account.insert(kind, {
    id: account.newId('clock'),
    object: kind,
    created: account.now,
    deletes_after: account.now + 30 * day,
    frozen_time: params.frozen_time,
    livemode: false,
    name: params.name ?? null,
    status: 'ready',
    status_details: {},
  })
  account.emit('test_helpers.test_clock.created', clock)
  if (params.customer) {
    account.get('customer', params.customer, 'customer')
    if (account.store.by('subscription', 'customer', params.customer).length > 0) {
      throw invalidRequest('You cannot put a customer that has subscriptions onto a test clock.', 'customer')
    }
    account.update('customer', params.customer, { test_clock: clock.id })
  }
  return clock
}

/**
 * Sets a clock off to a later time. It is `advancing` until everything that falls due on the way has happened, then `ready`.
 * https://docs.stripe.com/api/test_clocks/advance
 */
function advanceClock(account: Account, id: string, to: number): TestClock {
  const clock = account.get(kind, id)
  if (clock.status === 'advancing') {
    throw invalidRequest('Test clock advancement already underway. Wait until it is `ready`.')
  }
  if (to <= clock.frozen_time) {
    throw invalidRequest('`frozen_time` must be after the current frozen time of the test clock.', 'frozen_time')
  }
  const latest = latestTime(account, clock)
  if (to > latest) {
    throw invalidRequest(
      `You can advance a test clock by at most two intervals of its shortest subscription at a time. The latest \`frozen_time\` that can be set now is ${latest} (${formatDate(latest)}).`,
      'frozen_time',
    )
  }
  const advancing = account.update(kind, id, {
    status: 'advancing',
    status_details: { advancing: { target_frozen_time: to } },
  })
  account.emit('test_helpers.test_clock.advancing', advancing)
  beginAdvancing(account)
  return advancing
}

/** Two intervals of the shortest subscription on the clock, or two years when there is none. */
function latestTime(account: Account, clock: TestClock): number {
  const anchor = { time: clock.frozen_time }
  const ends = account.store
    .by('customer', 'test_clock', clock.id)
    .flatMap((customer) => account.store.by('subscription', 'customer', customer.id))
    .filter((subscription) => subscription.ended_at === null)
    .flatMap((subscription) => subscription.items.data)
    .map((item) => addIntervals(anchor, rhythmOf(item.price), 2))
  return Math.min(addIntervals(anchor, { interval: 'year', interval_count: 1 }, 2), ...ends)
}

/** Its customers, and all that they have, go with it. */
function deleteClock(account: Account, clock: TestClock): object {
  for (const customer of account.store.by('customer', 'test_clock', clock.id)) forgetCustomer(account, customer.id)
  account.remove(kind, clock.id)
  account.emit('test_helpers.test_clock.deleted', clock)
  return { id: clock.id, object: kind, deleted: true }
}
