import type { Kinds } from '../kinds.ts'
import type { Store } from '../store.ts'

/** Somebody who is sent events: a webhook endpoint, or an event destination of the newer kind. */
export type Subscriber = {
  id: string
  url: string
  secret: string
  enabledEvents: readonly string[]
  /** A snapshot event carries the object; a thin one only names it. */
  payload: 'snapshot' | 'thin'
  /** The version of the API in whose shape a snapshot is sent; null for today's. */
  version: string | null
}

const nobody: Subscriber[] = []

/** Everybody who is sent events now. */
export function subscribersOf(store: Store): readonly Subscriber[] {
  // Asked by each event, and in most accounts there is nobody.
  if (store.size('webhook_endpoint') === 0 && store.size('v2.core.event_destination') === 0) return nobody
  const endpoints = store.all('webhook_endpoint').filter(({ status }) => status === 'enabled')
  const destinations = store.all('v2.core.event_destination').filter(({ status }) => status === 'enabled')
  return [...endpoints.map(ofEndpoint), ...destinations.map(ofDestination)]
}

/** Who a delivery goes to, enabled or not. */
export function subscriberById(store: Store, id: string): Subscriber | undefined {
  const endpoint = store.find('webhook_endpoint', id)
  if (endpoint) return ofEndpoint(endpoint)
  const destination = store.find('v2.core.event_destination', id)
  return destination && ofDestination(destination)
}

export const wants = ({ enabledEvents }: Subscriber, type: string): boolean =>
  enabledEvents.includes('*') || enabledEvents.includes(type)

const ofEndpoint = ({ id, url, secret, enabled_events, api_version }: Kinds['webhook_endpoint']): Subscriber => ({
  id,
  url,
  secret: secret ?? '',
  enabledEvents: enabled_events,
  payload: 'snapshot',
  version: api_version,
})

const ofDestination = ({
  id,
  enabled_events,
  event_payload,
  snapshot_api_version,
  webhook_endpoint,
}: Kinds['v2.core.event_destination']): Subscriber => ({
  id,
  url: webhook_endpoint?.url ?? '',
  secret: webhook_endpoint?.signing_secret ?? '',
  enabledEvents: enabled_events,
  payload: event_payload === 'thin' ? 'thin' : 'snapshot',
  version: snapshot_api_version ?? null,
})
