import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { summariesOf } from './meter-event-summaries.ts'

type Meter = Kinds['billing.meter']

defineResource({
  kind: 'billing.meter',
  operations: {
    'POST /v1/billing/meters': ({ account, params }) => {
      const taken = activeMeter(account, params.event_name)
      if (taken) throw eventNameTaken(taken)
      const meter = account.insert('billing.meter', {
        id: account.newId('mtr_test'),
        object: 'billing.meter',
        created: account.now,
        customer_mapping: params.customer_mapping ?? { event_payload_key: 'stripe_customer_id', type: 'by_id' },
        default_aggregation: params.default_aggregation,
        display_name: params.display_name,
        event_name: params.event_name,
        event_time_window: params.event_time_window ?? null,
        livemode: false,
        status: 'active',
        status_transitions: { deactivated_at: null },
        updated: account.now,
        value_settings: params.value_settings ?? { event_payload_key: 'value' },
      })
      account.emit('billing.meter.created', meter)
      return meter
    },
    'POST /v1/billing/meters/{id}': ({ account, path, params }) => {
      const { display_name } = account.get('billing.meter', path.id)
      if (params.display_name === undefined || params.display_name === display_name)
        return account.get('billing.meter', path.id)
      return account.change('billing.meter.updated', 'billing.meter', path.id, {
        display_name: params.display_name,
        updated: account.now,
      })
    },
    'POST /v1/billing/meters/{id}/deactivate': ({ account, path }) => {
      if (account.get('billing.meter', path.id).status === 'inactive') {
        throw invalidRequest('This meter is already inactive.', undefined, 'resource_missing')
      }
      return account.change('billing.meter.deactivated', 'billing.meter', path.id, {
        status: 'inactive',
        status_transitions: { deactivated_at: account.now },
        updated: account.now,
      })
    },
    'POST /v1/billing/meters/{id}/reactivate': ({ account, path }) => {
      const { status, event_name } = account.get('billing.meter', path.id)
      if (status === 'active') throw invalidRequest('This meter is already active.')
      const taken = activeMeter(account, event_name)
      if (taken) throw eventNameTaken(taken)
      return account.change('billing.meter.reactivated', 'billing.meter', path.id, {
        status: 'active',
        status_transitions: { deactivated_at: null },
        updated: account.now,
      })
    },
    'GET /v1/billing/meters/{id}': ({ account, path }) => account.get('billing.meter', path.id),
    'GET /v1/billing/meters': ({ account, params, url }) =>
      listOf(account, 'billing.meter', params, url, {
        where: ({ status }) => params.status === undefined || status === params.status,
      }),
    'GET /v1/billing/meters/{id}/event_summaries': ({ account, path, params, url }) =>
      summariesOf(account, account.get('billing.meter', path.id), params, url),
  },
})

/** The meter that counts the events of a name: at any time at most one. */
export const activeMeter = (account: Account, eventName: string): Meter | undefined =>
  account.store.all('billing.meter').find(({ event_name, status }) => event_name === eventName && status === 'active')

const eventNameTaken = ({ id, event_name }: Meter) =>
  invalidRequest(
    `The active meter ${id} has the event_name '${event_name}' already. Deactivate it first, or choose another event_name.`,
    'event_name',
  )
