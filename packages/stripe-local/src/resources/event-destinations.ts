import type { Account } from '../account.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, notSupported } from '../protocol/errors.ts'
import { defineResource } from '../resource.ts'
import { apiVersion } from '../version.ts'
import { mergeMetadata } from './metadata.ts'
import { refuseUnsupported } from './unsupported.ts'
import { checkedUrl } from './webhook-endpoints.ts'

type Destination = Kinds['v2.core.event_destination']

defineResource({
  kind: 'v2.core.event_destination',
  operations: {
    'POST /v2/core/event_destinations': ({ account, params }) => {
      if (params.type !== 'webhook_endpoint') throw notSupported(`event destinations of type ${params.type}`)
      refuseUnsupported('event destinations with', params, ['amazon_eventbridge', 'azure_event_grid'])
      if (params.snapshot_api_version && params.event_payload !== 'snapshot')
        throw invalidRequest(
          'snapshot_api_version can only be set when event_payload is snapshot.',
          'snapshot_api_version',
        )
      const now = new Date(account.now * 1000).toISOString()
      const destination = account.insert('v2.core.event_destination', {
        id: account.newId('ed_test'),
        object: 'v2.core.event_destination',
        created: now,
        description: params.description ?? '',
        enabled_events: params.enabled_events,
        event_payload: params.event_payload,
        events_from: params.events_from ?? ['self'],
        livemode: false,
        metadata: mergeMetadata({}, params.metadata),
        name: params.name,
        ...(params.event_payload === 'snapshot' && { snapshot_api_version: params.snapshot_api_version ?? apiVersion }),
        status: 'enabled',
        type: 'webhook_endpoint',
        updated: now,
        webhook_endpoint: {
          signing_secret: `whsec_${randomCharacters(32)}`,
          url: checkedUrl(params.webhook_endpoint?.url ?? '', 'webhook_endpoint[url]'),
        },
      })
      return shown(destination, params.include)
    },
    'POST /v2/core/event_destinations/{id}': ({ account, path, params }) => {
      const before = get(account, path.id)
      const url = params.webhook_endpoint && checkedUrl(params.webhook_endpoint.url, 'webhook_endpoint[url]')
      return shown(
        update(account, path.id, {
          ...(params.description !== undefined && { description: params.description }),
          ...(params.enabled_events && { enabled_events: params.enabled_events }),
          ...(params.name !== undefined && { name: params.name }),
          ...(params.metadata && { metadata: mergeMetadata(before.metadata ?? {}, params.metadata) }),
          ...(url !== undefined && { webhook_endpoint: { ...before.webhook_endpoint, url } }),
        }),
        params.include,
      )
    },
    'GET /v2/core/event_destinations/{id}': ({ account, path, params }) => shown(get(account, path.id), params.include),
    'GET /v2/core/event_destinations': ({ account, params }) => ({
      data: account.store
        .all('v2.core.event_destination')
        .reverse()
        .slice(0, params.limit ?? 20)
        .map((one) => shown(one, params.include)),
      next_page_url: null,
      previous_page_url: null,
    }),
    'POST /v2/core/event_destinations/{id}/disable': ({ account, path }) =>
      shown(update(account, path.id, { status: 'disabled', status_details: { disabled: { reason: 'user' } } })),
    'POST /v2/core/event_destinations/{id}/enable': ({ account, path }) =>
      shown(update(account, path.id, { status: 'enabled', status_details: {} })),
    'POST /v2/core/event_destinations/{id}/ping': ({ account, path }) => {
      const destination = get(account, path.id)
      if (destination.status === 'disabled') throw notSupported('pings of a destination that is disabled')
      return account.ping(destination)
    },
    'DELETE /v2/core/event_destinations/{id}': ({ account, path }) => {
      get(account, path.id)
      account.remove('v2.core.event_destination', path.id)
      return { id: path.id, object: 'v2.core.event_destination' }
    },
  },
})

const get = (account: Account, id: string): Destination => account.get('v2.core.event_destination', id)

const update = (account: Account, id: string, patch: Partial<Destination>): Destination => {
  get(account, id)
  return account.update('v2.core.event_destination', id, {
    ...patch,
    updated: new Date(account.now * 1000).toISOString(),
  })
}

/** Address and secret are shown only to those who ask: https://docs.stripe.com/api/v2/core/event-destinations/object */
function shown(destination: Destination, include: readonly string[] = []): object {
  const { webhook_endpoint, ...rest } = destination
  const asked = (field: 'url' | 'signing_secret') => include.includes(`webhook_endpoint.${field}`)
  return {
    ...rest,
    webhook_endpoint: {
      ...(asked('url') && { url: webhook_endpoint?.url }),
      ...(asked('signing_secret') && { signing_secret: webhook_endpoint?.signing_secret }),
    },
  }
}
