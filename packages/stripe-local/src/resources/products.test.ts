import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

describe('a product', () => {
  it('is complete', async () => {
    const { stripe } = await startTestStripe()
    const { lastResponse: _, ...product } = await stripe.products.create({ name: 'Professional' })
    expect(product).toEqual({
      id: expect.stringMatching(/^prod_[A-Za-z0-9]{14}$/),
      object: 'product',
      active: true,
      created: expect.any(Number),
      default_price: null,
      description: null,
      images: [],
      livemode: false,
      marketing_features: [],
      metadata: {},
      name: 'Professional',
      package_dimensions: null,
      shippable: null,
      statement_descriptor: null,
      tax_code: null,
      tax_details: null,
      type: 'service',
      unit_label: null,
      updated: product.created,
      url: null,
    })
  })

  it('keeps what it is given and clears what an update empties', async () => {
    const { stripe } = await startTestStripe()
    const { id } = await stripe.products.create({
      id: 'pro',
      name: 'Professional',
      description: 'For professionals',
      images: ['https://example.com/a.png'],
      marketing_features: [{ name: 'Everything' }],
      package_dimensions: { height: 1.5, length: 2, weight: 3, width: 4 },
      shippable: true,
      statement_descriptor: 'DUES PRO',
      tax_code: 'txcd_10103000',
      unit_label: 'seat',
      url: 'https://example.com',
      metadata: { tier: '2', beta: 'yes' },
    })
    expect(id).toBe('pro')
    const product = await stripe.products.update('pro', {
      description: '',
      images: '',
      package_dimensions: '',
      tax_code: '',
      unit_label: '',
      metadata: { beta: '' },
    })
    expect(product).toMatchObject({
      description: null,
      images: [],
      marketing_features: [{ name: 'Everything' }],
      metadata: { tier: '2' },
      package_dimensions: null,
      shippable: true,
      statement_descriptor: 'DUES PRO',
      tax_code: null,
      tax_details: null,
      unit_label: null,
    })
  })

  it('comes with its default price, and is told of before it', async () => {
    const { stripe, eventsOf, lastEvent } = await startTestStripe()
    const types = await eventsOf(() =>
      stripe.products.create({
        name: 'Professional',
        default_price_data: { currency: 'usd', unit_amount: 1900, recurring: { interval: 'month' } },
      }),
    )
    expect(types).toEqual(['plan.created', 'price.created', 'product.created'])
    const told = (await lastEvent('product.created')).data.object as { id: string; default_price: string }
    const price = await stripe.prices.retrieve(told.default_price)
    expect(price).toMatchObject({ product: told.id, unit_amount: 1900, type: 'recurring' })
    const expanded = await stripe.products.retrieve(told.id, { expand: ['default_price'] })
    expect(expanded.default_price).toMatchObject({ id: price.id, object: 'price' })
  })

  it('tells what an update changed, and says nothing of one that changes nothing', async () => {
    const { stripe, eventsOf, lastEvent } = await startTestStripe()
    const { id } = await stripe.products.create({ name: 'Professional' })
    expect(await eventsOf(() => stripe.products.update(id, { name: 'Pro', metadata: { a: '1' } }))).toEqual([
      'product.updated',
    ])
    const { data } = await lastEvent('product.updated')
    expect(data.previous_attributes).toMatchObject({ name: 'Professional', metadata: { a: null } })
    expect(await eventsOf(() => stripe.products.update(id, { name: 'Pro' }))).toEqual([])
  })

  it('is deleted only without prices, and is gone then', async () => {
    const { stripe, lastEvent } = await startTestStripe()
    const { id } = await stripe.products.create({ name: 'Professional' })
    await stripe.prices.create({ product: id, currency: 'usd', unit_amount: 100 })
    expect(await refusalOf(stripe.products.del(id))).toEqual({
      status: 400,
      message: 'This product cannot be deleted because it has one or more user-created prices.',
    })
    const other = await stripe.products.create({ name: 'Other' })
    expect(await stripe.products.del(other.id)).toMatchObject({ id: other.id, object: 'product', deleted: true })
    expect((await lastEvent('product.deleted')).data.object).toMatchObject({ id: other.id, active: false })
    expect(await refusalOf(stripe.products.retrieve(other.id))).toEqual({
      status: 404,
      message: `No such product: '${other.id}'`,
      code: 'resource_missing',
      param: 'id',
    })
  })

  it('takes only a price of its own for its default', async () => {
    const { stripe } = await startTestStripe()
    const { id } = await stripe.products.create({ name: 'Professional' })
    const other = await stripe.prices.create({ product_data: { name: 'Other' }, currency: 'usd', unit_amount: 1 })
    expect(await refusalOf(stripe.products.update(id, { default_price: other.id }))).toMatchObject({
      status: 400,
      param: 'default_price',
    })
    expect(await refusalOf(stripe.products.update(id, { default_price: 'price_nope' }))).toEqual({
      status: 400,
      message: "No such price: 'price_nope'",
      code: 'resource_missing',
      param: 'default_price',
    })
    const own = await stripe.prices.create({ product: id, currency: 'usd', unit_amount: 1 })
    expect((await stripe.products.update(id, { default_price: own.id })).default_price).toBe(own.id)
    expect(await refusalOf(stripe.prices.update(own.id, { active: false }))).toMatchObject({
      message: 'This price cannot be archived because it is the default price of its product.',
    })
    expect((await stripe.products.update(id, { default_price: '' })).default_price).toBeNull()
  })

  it('is refused without a name, under a taken id, and with a statement descriptor that no bank prints', async () => {
    const { stripe } = await startTestStripe()
    await stripe.products.create({ id: 'pro', name: 'Professional' })
    // @ts-expect-error The name is required.
    expect(await refusalOf(stripe.products.create({}))).toMatchObject({ message: 'Missing required param: name.' })
    expect(await refusalOf(stripe.products.create({ id: 'pro', name: 'Again' }))).toMatchObject({
      code: 'resource_already_exists',
    })
    for (const statement_descriptor of ['12345', 'A<B', 'more than twenty-two letters']) {
      expect(await refusalOf(stripe.products.create({ name: 'Pro', statement_descriptor }))).toMatchObject({
        status: 400,
        param: 'statement_descriptor',
      })
    }
  })

  it('is listed by what it is', async () => {
    const { stripe } = await startTestStripe()
    const a = await stripe.products.create({ name: 'A', shippable: true, url: 'https://example.com/a' })
    const b = await stripe.products.create({ name: 'B' })
    await stripe.products.update(a.id, { active: false })
    const idsOf = async (params: object) => (await stripe.products.list(params)).data.map(({ id }) => id)
    expect(await idsOf({})).toEqual([b.id, a.id])
    expect(await idsOf({ active: true })).toEqual([b.id])
    expect(await idsOf({ shippable: true })).toEqual([a.id])
    expect(await idsOf({ url: 'https://example.com/a' })).toEqual([a.id])
    expect(await idsOf({ ids: [a.id, 'prod_nope'] })).toEqual([a.id])
    expect(await refusalOf(stripe.products.list({ ids: [a.id], starting_after: b.id }))).toMatchObject({ param: 'ids' })
  })

  it('is found by search', async () => {
    const { stripe } = await startTestStripe()
    const pro = await stripe.products.create({ name: 'Professional', metadata: { plan: 'pro' } })
    await stripe.products.create({ name: 'Enterprise' })
    const found = await stripe.products.search({ query: `metadata['plan']:'pro' AND active:'true'` })
    expect(found.data.map(({ id }) => id)).toEqual([pro.id])
  })
})

describe('the features of a product', () => {
  it('are attached, listed and detached', async () => {
    const { stripe } = await startTestStripe()
    const { id } = await stripe.products.create({ name: 'Professional' })
    const feature = await stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' })
    const attached = await stripe.products.createFeature(id, { entitlement_feature: feature.id })
    expect(attached).toMatchObject({
      id: expect.stringMatching(/^prodft_/),
      object: 'product_feature',
      livemode: false,
      entitlement_feature: { id: feature.id, lookup_key: 'export', name: 'Export' },
    })
    expect(attached).not.toHaveProperty('product')
    expect((await stripe.products.listFeatures(id)).data).toHaveLength(1)
    expect(await stripe.products.retrieveFeature(id, attached.id)).toMatchObject({ id: attached.id })
    expect(await stripe.products.deleteFeature(id, attached.id)).toMatchObject({ deleted: true })
    expect((await stripe.products.listFeatures(id)).data).toEqual([])
  })
})
