import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

async function start() {
  const test = await startTestStripe()
  const { id } = await test.stripe.products.create({ name: 'Professional' })
  return { ...test, product: id }
}

describe('a price', () => {
  it('is complete', async () => {
    const { stripe, product } = await start()
    const { lastResponse: _, ...price } = await stripe.prices.create({
      product,
      currency: 'USD',
      unit_amount: 1900,
      recurring: { interval: 'month' },
    })
    expect({ ...price, unit_amount_decimal: String(price.unit_amount_decimal) }).toEqual({
      id: expect.stringMatching(/^price_1[A-Za-z0-9]{23}$/),
      object: 'price',
      active: true,
      billing_scheme: 'per_unit',
      created: expect.any(Number),
      currency: 'usd',
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product,
      recurring: { interval: 'month', interval_count: 1, meter: null, trial_period_days: null, usage_type: 'licensed' },
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'recurring',
      unit_amount: 1900,
      unit_amount_decimal: '1900',
    })
  })

  it('has a whole amount only where its decimal is whole', async () => {
    const { stripe, product } = await start()
    const amountsOf = async (decimal: string) => {
      const unit_amount_decimal = Stripe.Decimal.from(decimal)
      const price = await stripe.prices.create({ product, currency: 'usd', unit_amount_decimal })
      return [price.unit_amount, String(price.unit_amount_decimal)]
    }
    expect(await amountsOf('0.125')).toEqual([null, '0.125'])
    expect(await amountsOf('1250')).toEqual([1250, '1250'])
  })

  it('may be made with its product', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    const types = await eventsOf(async () => {
      const price = await stripe.prices.create({
        currency: 'usd',
        unit_amount: 500,
        product_data: { name: 'Sticker', unit_label: 'piece', metadata: { a: '1' } },
      })
      const product = await stripe.products.retrieve(String(price.product))
      expect(product).toMatchObject({ name: 'Sticker', unit_label: 'piece', metadata: { a: '1' } })
    })
    expect(types).toEqual(['price.created', 'product.created'])
  })

  it('has tiers, which are shown when they are asked for', async () => {
    const { stripe, product } = await start()
    const { id, ...price } = await stripe.prices.create({
      product,
      currency: 'usd',
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      recurring: { interval: 'month' },
      tiers: [
        { up_to: 5, unit_amount: 500, flat_amount: 100 },
        { up_to: 'inf', unit_amount: 400 },
      ],
    })
    expect(price).toMatchObject({
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      unit_amount: null,
      unit_amount_decimal: null,
    })
    expect(price).not.toHaveProperty('tiers')
    const { tiers } = await stripe.prices.retrieve(id, { expand: ['tiers'] })
    expect(JSON.parse(JSON.stringify(tiers))).toEqual([
      { flat_amount: 100, flat_amount_decimal: '100', unit_amount: 500, unit_amount_decimal: '500', up_to: 5 },
      { flat_amount: null, flat_amount_decimal: null, unit_amount: 400, unit_amount_decimal: '400', up_to: null },
    ])
  })

  it('has other currencies, its own among them, when they are asked for', async () => {
    const { stripe, product } = await start()
    const { id, ...price } = await stripe.prices.create({
      product,
      currency: 'usd',
      unit_amount: 1000,
      currency_options: { eur: { unit_amount: 900, tax_behavior: 'inclusive' } },
    })
    expect(price).not.toHaveProperty('currency_options')
    await stripe.prices.update(id, { currency_options: { gbp: { unit_amount: 800 } } })
    const { currency_options } = await stripe.prices.retrieve(id, { expand: ['currency_options'] })
    expect(currency_options).toMatchObject({
      usd: { unit_amount: 1000, tax_behavior: 'unspecified', custom_unit_amount: null },
      eur: { unit_amount: 900, tax_behavior: 'inclusive' },
      gbp: { unit_amount: 800 },
    })
  })

  it('may leave the amount to the customer, and may be for a number of units', async () => {
    const { stripe, product } = await start()
    const custom = await stripe.prices.create({
      product,
      currency: 'usd',
      custom_unit_amount: { enabled: true, minimum: 100, preset: 500 },
    })
    expect(custom).toMatchObject({
      custom_unit_amount: { maximum: null, minimum: 100, preset: 500 },
      unit_amount: null,
      unit_amount_decimal: null,
    })
    const transformed = await stripe.prices.create({
      product,
      currency: 'usd',
      unit_amount: 100,
      transform_quantity: { divide_by: 10, round: 'up' },
    })
    expect(transformed.transform_quantity).toEqual({ divide_by: 10, round: 'up' })
  })

  it('changes in what may change', async () => {
    const { stripe, product, eventsOf } = await start()
    const { id } = await stripe.prices.create({ product, currency: 'usd', unit_amount: 1, nickname: 'old' })
    const types = await eventsOf(() =>
      stripe.prices.update(id, { active: false, nickname: '', metadata: { a: '1' }, tax_behavior: 'exclusive' }),
    )
    expect(types).toEqual(['price.updated'])
    expect(await stripe.prices.retrieve(id)).toMatchObject({
      active: false,
      nickname: null,
      metadata: { a: '1' },
      tax_behavior: 'exclusive',
    })
    expect(await refusalOf(stripe.prices.update(id, { tax_behavior: 'inclusive' }))).toMatchObject({
      param: 'tax_behavior',
    })
    // @ts-expect-error An amount cannot be changed.
    expect(await refusalOf(stripe.prices.update(id, { unit_amount: 2 }))).toMatchObject({
      message: 'Received unknown parameter: unit_amount',
    })
  })

  it.each<[string, object, object]>([
    [
      'without a product',
      { product: undefined },
      { message: 'You must specify either `product` or `product_data` when creating a price.' },
    ],
    [
      'with two products',
      { product_data: { name: 'x' } },
      { message: 'You may only specify one of these parameters: product, product_data.', param: 'product' },
    ],
    [
      'with a product that is not there',
      { product: 'prod_nope' },
      { status: 400, message: "No such product: 'prod_nope'", code: 'resource_missing', param: 'product' },
    ],
    [
      'without an amount',
      { unit_amount: undefined },
      { message: 'Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.' },
    ],
    [
      'with two amounts',
      { unit_amount_decimal: '1' },
      { message: 'You may only specify one of these parameters: unit_amount, unit_amount_decimal.' },
    ],
    ['with a negative amount', { unit_amount: -1 }, { param: 'unit_amount', code: 'parameter_invalid_integer' }],
    [
      'with an unknown currency',
      { currency: 'xxd' },
      {
        param: 'currency',
        message: expect.stringMatching(/^Invalid currency: xxd\. Stripe currently supports these currencies: usd, aed/),
      },
    ],
    [
      'with a period past three years',
      { recurring: { interval: 'month', interval_count: 37 } },
      { message: "The interval_count for monthly prices can't be greater than 36", param: 'recurring[interval_count]' },
    ],
    [
      'metered without a meter',
      { recurring: { interval: 'month', usage_type: 'metered' } },
      { message: 'Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.' },
    ],
    [
      'with a meter that is not there',
      { recurring: { interval: 'month', usage_type: 'metered', meter: 'mtr_nope' } },
      { code: 'resource_missing', param: 'recurring[meter]' },
    ],
    [
      'in tiers without a period',
      {
        unit_amount: undefined,
        billing_scheme: 'tiered',
        tiers_mode: 'volume',
        tiers: [{ up_to: 'inf', unit_amount: 1 }],
      },
      { message: 'Prices with `type=one_time` are not supported with tiered billing.', param: 'interval' },
    ],
    [
      'in tiers that end',
      {
        unit_amount: undefined,
        recurring: { interval: 'month' },
        billing_scheme: 'tiered',
        tiers_mode: 'volume',
        tiers: [{ up_to: 5, unit_amount: 1 }],
      },
      { param: 'tiers[0][up_to]' },
    ],
    [
      'in tiers that do not ascend',
      {
        unit_amount: undefined,
        recurring: { interval: 'month' },
        billing_scheme: 'tiered',
        tiers_mode: 'volume',
        tiers: [
          { up_to: 5, unit_amount: 1 },
          { up_to: 5, unit_amount: 1 },
          { up_to: 'inf', unit_amount: 1 },
        ],
      },
      { param: 'tiers[1][up_to]' },
    ],
  ])('is refused %s', async (_, params, refusal) => {
    const { stripe, product } = await start()
    const whole = { product, currency: 'usd', unit_amount: 100, ...params } as Stripe.PriceCreateParams
    expect(await refusalOf(stripe.prices.create(whole))).toMatchObject(refusal)
    expect((await stripe.prices.list()).data).toEqual([])
  })

  it('is called by its own name where it is not found', async () => {
    const { stripe } = await startTestStripe()
    expect(await refusalOf(stripe.prices.retrieve('price_nope'))).toEqual({
      status: 404,
      message: "No such price: 'price_nope'",
      code: 'resource_missing',
      param: 'price',
    })
  })

  it('is listed and searched by what it is', async () => {
    const { stripe, product } = await start()
    const once = await stripe.prices.create({ product, currency: 'usd', unit_amount: 1, lookup_key: 'once' })
    const monthly = await stripe.prices.create({
      product,
      currency: 'eur',
      unit_amount: 1,
      recurring: { interval: 'month' },
    })
    const idsOf = async (params: Stripe.PriceListParams) => (await stripe.prices.list(params)).data.map(({ id }) => id)
    expect(await idsOf({ product })).toEqual([monthly.id, once.id])
    expect(await idsOf({ type: 'recurring' })).toEqual([monthly.id])
    expect(await idsOf({ recurring: { interval: 'month' } })).toEqual([monthly.id])
    expect(await idsOf({ lookup_keys: ['once', 'other'] })).toEqual([once.id])
    expect(await idsOf({ currency: 'eur' })).toEqual([monthly.id])
    expect(await refusalOf(stripe.prices.list({ product: 'prod_nope' }))).toMatchObject({ status: 400 })
    const found = await stripe.prices.search({ query: `product:'${product}' AND currency:'usd'` })
    expect(found.data.map(({ id }) => id)).toEqual([once.id])
  })
})

describe('a lookup key', () => {
  it('has one price, even one that is archived', async () => {
    const { stripe, product } = await start()
    const base = { product, currency: 'usd', unit_amount: 1, lookup_key: 'pro' }
    const holder = await stripe.prices.create(base)
    await stripe.prices.update(holder.id, { active: false })
    expect(await refusalOf(stripe.prices.create(base))).toEqual({
      status: 400,
      message: `A price (\`${holder.id}\`) already uses that lookup key.`,
      param: 'lookup_key',
    })
    expect(await stripe.prices.update(holder.id, { lookup_key: 'pro' })).toMatchObject({ lookup_key: 'pro' })
  })

  it('moves when it is told to, and the price that loses it is told of', async () => {
    const { stripe, product, eventsOf, lastEvent } = await start()
    const holder = await stripe.prices.create({ product, currency: 'usd', unit_amount: 1, lookup_key: 'pro' })
    const types = await eventsOf(() =>
      stripe.prices.create({ product, currency: 'usd', unit_amount: 2, lookup_key: 'pro', transfer_lookup_key: true }),
    )
    expect(types).toEqual(['price.created', 'price.updated'])
    const { data } = await lastEvent('price.updated')
    expect(data).toMatchObject({
      object: { id: holder.id, lookup_key: null },
      previous_attributes: { lookup_key: 'pro' },
    })
    const [found, ...others] = (await stripe.prices.list({ lookup_keys: ['pro'] })).data
    expect(others).toEqual([])
    expect(found?.unit_amount).toBe(2)
  })
})

describe('a plan', () => {
  it('is a recurring price under its older names', async () => {
    const { stripe, product, eventsOf } = await start()
    const types = await eventsOf(() =>
      stripe.plans.create({
        id: 'gold',
        product,
        currency: 'usd',
        amount: 900,
        interval: 'month',
        trial_period_days: 7,
      }),
    )
    expect(types).toEqual(['plan.created', 'price.created'])
    expect(await stripe.prices.retrieve('gold')).toMatchObject({
      unit_amount: 900,
      recurring: { trial_period_days: 7 },
    })
    const plan = await stripe.plans.retrieve('gold')
    expect(plan).toMatchObject({
      object: 'plan',
      amount: 900,
      interval: 'month',
      interval_count: 1,
      trial_period_days: 7,
      usage_type: 'licensed',
    })
    await stripe.prices.create({ product, currency: 'usd', unit_amount: 1 })
    expect((await stripe.plans.list()).data.map(({ id }) => id)).toEqual(['gold'])
    expect(await stripe.plans.update('gold', { nickname: 'Gold' })).toMatchObject({ nickname: 'Gold' })
    expect(await stripe.plans.del('gold')).toMatchObject({ id: 'gold', deleted: true })
    expect(await refusalOf(stripe.plans.retrieve('gold'))).toMatchObject({
      status: 404,
      message: "No such plan: 'gold'",
    })
  })
})
