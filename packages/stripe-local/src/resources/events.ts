import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { onlyOne } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'

/** How long events can be listed and fetched. */
const keptFor = 30 * 24 * 3600

defineResource({
  kind: 'event',
  operations: {
    'GET /v1/events/{id}': ({ account, path }) => account.get('event', path.id),
    'GET /v1/events': ({ account, params, url }) => {
      onlyOne(params, ['type', 'types'])
      if (params.types && params.types.length > 20) {
        throw invalidRequest('You may only specify up to 20 event types.', 'types')
      }
      const types = params.types ?? (params.type === undefined ? undefined : [params.type])
      const wanted = types && patternOf(types)
      return listOf(account, 'event', params, url, {
        where: (event) =>
          (wanted === undefined || wanted.test(event.type)) &&
          event.created > timeOf(account, event) - keptFor &&
          (params.delivery_success === undefined || wasDelivered(account, event) === params.delivery_success),
      })
    },
  },
})

/** `invoice.*` means every type that begins with `invoice.`. */
function patternOf(types: readonly string[]): RegExp {
  const one = (type: string): string =>
    type.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '*' ? '.*' : `\\${sign}`))
  return new RegExp(`^(${types.map(one).join('|')})$`)
}

type EventObject = {
  id?: string
  object?: string
  customer?: unknown
  invoice?: unknown
  charge?: unknown
  test_clock?: string | null
}

/** An event of a customer on a test clock is dated by that clock, and grows old by it. */
function timeOf(account: Account, event: Kinds['event']): number {
  const object = event.data.object as EventObject
  const clock = account.find('test_helpers.test_clock', object.test_clock ?? '')
  if (clock) return clock.frozen_time
  const invoice = typeof object.invoice === 'string' ? account.find('invoice', object.invoice) : undefined
  const charge = typeof object.charge === 'string' ? account.find('charge', object.charge) : undefined
  // What was detached from a customer belonged to them until then.
  const before = event.data.previous_attributes as EventObject | undefined
  const customer =
    object.object === 'customer'
      ? object.id
      : (object.customer ?? invoice?.customer ?? charge?.customer ?? before?.customer)
  return account.timeOf(typeof customer === 'string' ? customer : null)
}

/** Whether every endpoint that an event went to has taken it. */
const wasDelivered = (account: Account, event: Kinds['event']): boolean =>
  account.store.by('local.delivery', 'event', event.id).every(({ state }) => state === 'delivered')
