import { previousAttributes } from '../difference.ts'
import type { AnyObject, Kinds, LocalDelivery } from '../kinds.ts'
import type { Store } from '../store.ts'
import { apiVersion } from '../version.ts'
import { subscribersOf, wants } from './subscribers.ts'

/** What an event says of where it comes from. */
export type EventContext = {
  store: Store
  now: number
  newId: (prefix: string) => string
  request: { id: string | null; idempotency_key: string | null }
  /** An object in the shape of a version of the API. */
  inShapeOf: <T>(version: string, object: T) => T
}

/**
 * Records an event, with a thin notification for destinations that asked for one, and a delivery to each subscriber.
 *
 * @param shown the object as answers show it now
 * @param shownBefore the object as it was; then the event has `previous_attributes`
 */
export function recordEvent(
  context: EventContext,
  type: string,
  shown: AnyObject,
  shownBefore?: AnyObject,
): LocalDelivery[] {
  const { store, now, newId, request } = context
  const data = dataOf(shown, shownBefore)
  const { previous_attributes: previous } = data
  const subscribers = subscribersOf(store)
  const snapshotSubscribers = subscribers.filter((one) => one.payload === 'snapshot' && wants(one, type))
  const event = store.put('event', {
    id: newId('evt'),
    object: 'event',
    api_version: apiVersion,
    created: now,
    data,
    livemode: false,
    pending_webhooks: snapshotSubscribers.length,
    request,
    type,
  } as unknown as Kinds['event'])
  const older = (version: string) => ({
    api_version: version,
    data: dataOf(context.inShapeOf(version, shown), shownBefore && context.inShapeOf(version, shownBefore)),
  })
  const deliveries = snapshotSubscribers.map(({ id, version }) =>
    delivery(context, event.id, id, version && version < apiVersion ? { older: older(version) } : {}),
  )

  const thin = subscribers.filter(({ payload }) => payload === 'thin')
  for (const thinType of thin.length > 0 ? thinTypes(type, shown, previous) : []) {
    const interested = thin.filter((one) => wants(one, thinType))
    if (interested.length === 0) continue
    const notification = store.put('v2.core.event', {
      ...thinEvent(context, thinType),
      related_object: { id: shown.id, type: shown.object, url: urlOf(shown) },
      snapshot_event: event.id,
    })
    deliveries.push(...interested.map((one) => delivery(context, notification.id, one.id)))
  }
  return deliveries
}

type Data = { object: AnyObject; previous_attributes?: Record<string, unknown> }

const dataOf = (object: AnyObject, before?: AnyObject): Data =>
  before ? { object, previous_attributes: previousAttributes(before, object) } : { object }

/** Two notifications may tell of one change: that a subscription was updated, and that it is past due now. */
function thinTypes(type: string, shown: AnyObject, previous: Record<string, unknown> | undefined): string[] {
  const status = (shown as { status?: unknown }).status
  const statusChanged = type === 'customer.subscription.updated' && previous !== undefined && 'status' in previous
  return statusChanged ? [`v1.${type}`, `v1.customer.subscription.${status}`] : [`v1.${type}`]
}

/**
 * Records the event by which a destination is tried out, and its delivery to that destination alone, whatever types it asks for.
 *
 * https://docs.stripe.com/api/v2/core/event-destinations/ping
 */
export function recordPing(context: EventContext, { object, id }: Kinds['v2.core.event_destination']) {
  const notification = context.store.put('v2.core.event', {
    ...thinEvent(context, `${object}.ping`),
    related_object: { id, type: object, url: `/v2/core/event_destinations/${id}` },
  })
  return { notification, delivery: delivery(context, notification.id, id) }
}

/** https://docs.stripe.com/api/v2/core/events/object */
function thinEvent({ now, newId, request }: EventContext, type: string): Kinds['v2.core.event'] {
  return {
    id: newId('evt_test'),
    object: 'v2.core.event',
    created: new Date(now * 1000).toISOString(),
    livemode: false,
    ...(request.id && {
      reason: { type: 'request', request: { id: request.id, idempotency_key: request.idempotency_key ?? '' } },
    }),
    related_object: null,
    type,
  }
}

function delivery(
  { store, newId }: EventContext,
  event: string,
  endpoint: string,
  more: Pick<LocalDelivery, 'older'> = {},
): LocalDelivery {
  return store.put('local.delivery', {
    id: newId('dlv'),
    object: 'local.delivery',
    event,
    endpoint,
    state: 'pending',
    attempts: [],
    ...more,
  })
}

/** Where the object of a notification is read: `checkout.session` → `/v1/checkout/sessions/cs_…`. */
const urlOf = ({ object, id }: AnyObject): string => `/v1/${(paths[object] ?? `${object}s`).replace('.', '/')}/${id}`

/** Kinds whose path is not their name with an s. */
const paths: Record<string, string> = {
  'entitlements.active_entitlement_summary': 'customers',
  'test_helpers.test_clock': 'test_helpers.test_clocks',
}
