import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

/** A product with one feature, its monthly price, and somebody with a card. */
async function start() {
  const test = await startTestStripe()
  const { stripe } = test
  const feature = await stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' })
  const product = await stripe.products.create({ name: 'Professional' })
  await stripe.products.createFeature(product.id, { entitlement_feature: feature.id })
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 1900,
    recurring: { interval: 'month' },
  })
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  })
  const subscribe = () => stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  const keys = async () =>
    (await stripe.entitlements.activeEntitlements.list({ customer: customer.id })).data.map(
      ({ lookup_key }) => lookup_key,
    )
  return { ...test, feature, customer: customer.id, subscribe, keys }
}

describe('a feature', () => {
  it('is complete, and archived out of the list', async () => {
    const { stripe, feature } = await start()
    const { lastResponse: _, ...shown } = feature
    expect(shown).toEqual({
      id: expect.stringMatching(/^feat_1/),
      object: 'entitlements.feature',
      active: true,
      livemode: false,
      lookup_key: 'export',
      metadata: {},
      name: 'Export',
    })
    await stripe.entitlements.features.update(feature.id, { active: false, name: 'Old export' })
    expect((await stripe.entitlements.features.list()).data).toEqual([])
    expect((await stripe.entitlements.features.list({ archived: true })).data).toMatchObject([{ name: 'Old export' }])
  })

  it('has a lookup key of its own', async () => {
    const { stripe } = await start()
    const again = stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' })
    expect(await refusalOf(again)).toMatchObject({ status: 400, param: 'lookup_key' })
  })
})

describe('what a customer is entitled to', () => {
  it('comes with a subscription and goes with it, and each is told', async () => {
    const { stripe, customer, subscribe, keys, lastEvent } = await start()
    expect(await keys()).toEqual([])
    const { id } = await subscribe()
    expect(await keys()).toEqual(['export'])
    const granted = (await lastEvent('entitlements.active_entitlement_summary.updated')).data
    expect(granted.object).toMatchObject({
      object: 'entitlements.active_entitlement_summary',
      customer,
      entitlements: { data: [{ lookup_key: 'export' }], has_more: false, url: `/v1/customer/${customer}/entitlements` },
    })
    await stripe.subscriptions.cancel(id)
    expect(await keys()).toEqual([])
    const lost = (await lastEvent('entitlements.active_entitlement_summary.updated')).data
    expect(lost.object).toMatchObject({ entitlements: { data: [] } })
    expect(lost.previous_attributes).toMatchObject({ entitlements: { data: [{ lookup_key: 'export' }] } })
  })

  it('is told once, however many subscriptions grant it', async () => {
    const { eventsOf, subscribe, keys } = await start()
    await subscribe()
    expect(await eventsOf(subscribe)).not.toContain('entitlements.active_entitlement_summary.updated')
    expect(await keys()).toEqual(['export'])
  })

  it('names its feature, which can be expanded', async () => {
    const { stripe, customer, feature, subscribe } = await start()
    await subscribe()
    const [entitlement] = (await stripe.entitlements.activeEntitlements.list({ customer })).data
    const { feature: expanded } = await stripe.entitlements.activeEntitlements.retrieve(entitlement?.id ?? '', {
      expand: ['feature'],
    })
    expect((expanded as Stripe.Entitlements.Feature).id).toBe(feature.id)
  })
})
