import { describe, expect, it } from 'vitest'
import { faultsIn } from './check-answer.ts'

const feature = {
  id: 'feat_1',
  object: 'entitlements.feature',
  active: true,
  livemode: false,
  lookup_key: 'export',
  metadata: {},
  name: 'Export',
}

const event = {
  id: 'evt_1',
  object: 'event',
  api_version: '2026-10-28.endive',
  created: 1_800_000_000,
  data: { object: feature },
  livemode: false,
  pending_webhooks: 0,
  request: { id: null, idempotency_key: null },
  type: 'entitlements.active_entitlement_summary.updated',
}

describe('an answer', () => {
  it('is as the SDK declares it', () => {
    expect(faultsIn(feature)).toEqual([])
    expect(faultsIn({ object: 'list', data: [feature], has_more: false, url: '/' })).toEqual([])
    expect(faultsIn({ id: 'cus_1', object: 'customer', deleted: true })).toEqual([])
  })

  it('lacks a field, or has one too many, or one of another type', () => {
    const { name: _, ...nameless } = feature
    expect(faultsIn(nameless)).toEqual(['name is missing'])
    expect(faultsIn({ ...feature, colour: 'red' })).toEqual(["colour is not in the SDK's type"])
    expect(faultsIn({ ...feature, active: 'yes' })).toEqual(['active is not boolean but "yes"'])
  })

  it('is an event with all that an event has', () => {
    expect(faultsIn(event)).toEqual([])
    const { pending_webhooks: _, ...pending } = event
    expect(faultsIn(pending)).toEqual(['pending_webhooks is missing'])
    expect(faultsIn({ ...event, type: 'customer.subscription.canceled' })).toEqual([
      'type is not a type of event but "customer.subscription.canceled"',
    ])
  })

  it('is a list of the second version of the API', () => {
    expect(faultsIn({ data: [{ ...feature, colour: 'red' }], next_page_url: null })).toEqual([
      "data[0].colour is not in the SDK's type",
    ])
  })

  it('is wrong inside a list, an event and another object', () => {
    const wrong = { ...feature, livemode: null }
    const fault = 'livemode is not boolean but null'
    expect(faultsIn({ object: 'list', data: [feature, wrong] })).toEqual([`data[1].${fault}`])
    expect(faultsIn({ ...event, data: { object: wrong } })).toEqual([`data.object.${fault}`])
    const attached = { id: 'prodft_1', object: 'product_feature', entitlement_feature: wrong, livemode: false }
    expect(faultsIn(attached)).toEqual([`entitlement_feature.${fault}`])
  })
})
