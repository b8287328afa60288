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

  it('is wrong inside a list, an event and another object', () => {
    const wrong = { ...feature, livemode: null }
    const fault = 'livemode is not boolean but null'
    expect(faultsIn({ object: 'list', data: [feature, wrong] })).toEqual([`data[1].${fault}`])
    expect(faultsIn({ object: 'event', data: { object: wrong } })).toEqual([`data.object.${fault}`])
    const attached = { id: 'prodft_1', object: 'product_feature', entitlement_feature: wrong, livemode: false }
    expect(faultsIn(attached)).toEqual([`entitlement_feature.${fault}`])
  })
})
