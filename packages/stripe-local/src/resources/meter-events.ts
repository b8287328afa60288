import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { billReachedThresholds } from '../engine/subscriptions/bill-threshold.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { defineResource } from '../resource.ts'
import { activeMeter } from './billing-meters.ts'

type Meter = Kinds['billing.meter']
type MeterEvent = Kinds['billing.meter_event']

/** How far from now an event may be dated, in seconds: 35 days back, 5 minutes ahead. */
const pastWindow = 35 * 24 * 3600
const futureWindow = 5 * 60

/** Usage that was reported. https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api */
defineResource({
  kind: 'billing.meter_event',
  operations: {
    'POST /v1/billing/meter_events': ({ account, params }) => recordUsage(account, params),
    'POST /v2/billing/meter_events': ({ account, params }) => {
      const { timestamp, ...sent } = params
      const seconds = timestamp === undefined ? undefined : secondsOf(timestamp)
      const event = recordUsage(account, { ...sent, ...(seconds !== undefined && { timestamp: seconds }) })
      const { identifier, event_name, payload } = event
      return {
        object: 'v2.billing.meter_event',
        created: iso(event.created),
        event_name,
        identifier,
        livemode: false,
        payload,
        timestamp: iso(event.timestamp),
      }
    },
    'POST /v1/billing/meter_event_adjustments': ({ account, params }) => {
      cancelUsage(account, params.event_name, params.cancel?.identifier)
      const { event_name } = params
      const cancel = { identifier: params.cancel?.identifier ?? null }
      return {
        object: 'billing.meter_event_adjustment',
        cancel,
        event_name,
        livemode: false,
        status: 'complete',
        type: 'cancel',
      }
    },
    'POST /v2/billing/meter_event_adjustments': ({ account, params }) => {
      cancelUsage(account, params.event_name, params.cancel.identifier)
      return {
        id: account.newId('mtr_adj_test'),
        object: 'v2.billing.meter_event_adjustment',
        cancel: { identifier: params.cancel.identifier },
        created: iso(account.now),
        event_name: params.event_name,
        livemode: false,
        status: 'complete',
        type: 'cancel',
      }
    },
  },
  view: ({ id: _id, usage: _usage, value: _value, ...shown }) => shown,
})

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

function secondsOf(timestamp: string): number {
  const time = Date.parse(timestamp)
  if (Number.isNaN(time)) throw invalidRequest(`Invalid timestamp: ${timestamp}. Pass a time in RFC 3339.`, 'timestamp')
  return Math.floor(time / 1000)
}

/**
 * Records usage. What Stripe finds only later, and then tells by an event (no such meter, no such customer, no number), is
 * refused here at once, with the code that Stripe's event has: usage that nobody counts would be noticed by nobody.
 */
function recordUsage(account: Account, params: Stripe.Billing.MeterEventCreateParams): MeterEvent {
  const meter = activeMeter(account, params.event_name)
  if (!meter) throw noMeter(account, params.event_name)
  const customer = customerOf(account, meter, params.payload)
  const now = account.timeOf(customer)
  const identifier = params.identifier ?? `${randomCharacters(8)}-${randomCharacters(24)}`.toLowerCase()
  if (account.store.by('billing.meter_event', 'identifier', identifier).length > 0) {
    throw invalidRequest(`An event already exists with identifier ${identifier}.`, 'identifier')
  }
  const timestamp = params.timestamp ?? now
  if (timestamp < now - pastWindow) {
    throw invalidRequest(
      'The timestamp must be within the past 35 calendar days.',
      'timestamp',
      'timestamp_too_far_in_past',
    )
  }
  if (timestamp > now + futureWindow) {
    throw invalidRequest(
      'The timestamp must not be more than 5 minutes in the future.',
      'timestamp',
      'timestamp_in_future',
    )
  }
  const event = account.insert('billing.meter_event', {
    id: account.newId('mev'),
    object: 'billing.meter_event',
    created: now,
    event_name: params.event_name,
    identifier,
    livemode: false,
    payload: params.payload,
    timestamp,
    usage: `${meter.id} ${customer}`,
    value: countedValue(meter, params.payload),
  })
  billReachedThresholds(account, customer, meter.id)
  return event
}

function noMeter(account: Account, eventName: string) {
  const archived = account.store.all('billing.meter').some(({ event_name }) => event_name === eventName)
  return archived
    ? invalidRequest(
        `The meter with the event_name '${eventName}' is inactive. Reactivate it first.`,
        'event_name',
        'archived_meter',
      )
    : invalidRequest(`No active meter has the event_name '${eventName}'.`, 'event_name', 'no_meter')
}

function customerOf(account: Account, meter: Meter, payload: Record<string, string>): string {
  const key = meter.customer_mapping.event_payload_key
  const param = `payload[${key}]`
  const id = Object.hasOwn(payload, key) ? payload[key] : undefined
  if (!id)
    throw invalidRequest(
      `The payload names no customer: '${key}' is missing.`,
      param,
      'meter_event_no_customer_defined',
    )
  const customer = account.find('customer', id)
  if (!customer || 'deleted' in customer)
    throw invalidRequest(`No such customer: '${id}'`, param, 'meter_event_customer_not_found')
  return customer.id
}

/** A meter that counts needs no value. */
function countedValue(meter: Meter, payload: Record<string, string>): string {
  if (meter.default_aggregation.formula === 'count') return '1'
  const key = meter.value_settings.event_payload_key
  const value = Object.hasOwn(payload, key) ? payload[key] : undefined
  if (value !== undefined && /^-?\d+(\.\d{1,12})?$/.test(value)) return value
  throw invalidRequest(
    `The payload's '${key}' must be a number with at most 12 decimal places.`,
    `payload[${key}]`,
    'meter_event_invalid_value',
  )
}

/** An event can be cancelled for 24 hours. */
function cancelUsage(account: Account, eventName: string, identifier: string | undefined): void {
  const events = identifier === undefined ? [] : account.store.by('billing.meter_event', 'identifier', identifier)
  const event = events.find(({ event_name }) => event_name === eventName)
  if (!event)
    throw invalidRequest(
      `No event of the event_name '${eventName}' has the identifier '${identifier ?? ''}'.`,
      'cancel[identifier]',
    )
  if (event.value === null) throw invalidRequest('This event is cancelled already.', 'cancel[identifier]')
  const [, customer] = event.usage.split(' ')
  if (account.timeOf(customer) - event.created > 24 * 3600) {
    throw invalidRequest('An event can be cancelled only within 24 hours.', 'cancel[identifier]')
  }
  account.update('billing.meter_event', event.id, { value: null })
}
