import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

describe('a coupon', () => {
  it('is complete', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    let coupon: Stripe.Coupon | undefined
    expect(await eventsOf(async () => (coupon = await stripe.coupons.create({ percent_off: 25.5 })))).toEqual([
      'coupon.created',
    ])
    expect(coupon).toMatchObject({
      id: expect.stringMatching(/^[A-Za-z0-9]{8}$/),
      object: 'coupon',
      amount_off: null,
      created: expect.any(Number),
      currency: null,
      duration: 'once',
      duration_in_months: null,
      livemode: false,
      max_redemptions: null,
      metadata: {},
      name: null,
      percent_off: 25.5,
      redeem_by: null,
      times_redeemed: 0,
      valid: true,
    })
    expect(coupon).not.toHaveProperty('applies_to')
    expect(coupon).not.toHaveProperty('currency_options')
  })

  it('tells what it applies to, and its other currencies, when asked', async () => {
    const { stripe } = await startTestStripe()
    const { id: product } = await stripe.products.create({ name: 'Professional' })
    await stripe.coupons.create({
      id: 'WELCOME',
      amount_off: 500,
      currency: 'usd',
      duration: 'repeating',
      duration_in_months: 3,
      applies_to: { products: [product] },
      currency_options: { eur: { amount_off: 450 } },
    })
    const coupon = await stripe.coupons.retrieve('WELCOME', { expand: ['applies_to', 'currency_options'] })
    expect(coupon).toMatchObject({
      duration: 'repeating',
      duration_in_months: 3,
      applies_to: { products: [product] },
      currency_options: { usd: { amount_off: 500 }, eur: { amount_off: 450 } },
    })
  })

  it('is not valid any more when its last day is over', async () => {
    const { local, stripe } = await startTestStripe()
    const redeem_by = local.now('sk_test_resources') + 3600
    const { id } = await stripe.coupons.create({ percent_off: 10, redeem_by })
    await fetch(`${local.url}/_local/clock`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_resources' },
      body: JSON.stringify({ to: redeem_by + 1 }),
    })
    expect((await stripe.coupons.retrieve(id)).valid).toBe(false)
  })

  it('changes its name and metadata and nothing else', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    await stripe.coupons.create({ id: 'C', percent_off: 10, name: 'Ten' })
    expect(await eventsOf(() => stripe.coupons.update('C', { name: 'Ten percent', metadata: { a: '1' } }))).toEqual([
      'coupon.updated',
    ])
    // @ts-expect-error What it takes off cannot be changed.
    expect(await refusalOf(stripe.coupons.update('C', { percent_off: 20 }))).toMatchObject({
      code: 'parameter_unknown',
    })
  })

  it('is gone when it is deleted, and the event shows it invalid', async () => {
    const { stripe, lastEvent } = await startTestStripe()
    await stripe.coupons.create({ id: 'C', percent_off: 10 })
    expect(await stripe.coupons.del('C')).toMatchObject({ id: 'C', object: 'coupon', deleted: true })
    const { object } = (await lastEvent('coupon.deleted')).data
    expect(object).toMatchObject({ id: 'C', valid: false })
    expect(object).not.toHaveProperty('deleted')
    expect(await refusalOf(stripe.coupons.retrieve('C'))).toEqual({
      status: 404,
      message: "No such coupon: 'C'",
      code: 'resource_missing',
      param: 'coupon',
    })
    expect((await stripe.coupons.list()).data).toEqual([])
  })

  it.each<[string, Stripe.CouponCreateParams, object]>([
    ['without a discount', {}, { message: 'Must provide percent_off or amount_off.', code: 'parameter_missing' }],
    [
      'with two discounts',
      { percent_off: 1, amount_off: 1, currency: 'usd' },
      { message: 'Received both percent_off and amount_off parameters. Please pass in only one.' },
    ],
    [
      'with an amount of no currency',
      { amount_off: 1 },
      { message: 'You must pass currency when passing amount_off', param: 'currency' },
    ],
    [
      'repeating for no number of months',
      { percent_off: 1, duration: 'repeating' },
      {
        message: 'The duration_in_months param must be set when creating a coupon with a repeating duration',
        param: 'duration',
      },
    ],
    [
      'that takes nothing off',
      { percent_off: 0 },
      { message: "This value must be greater than or equal to 0.01 (it currently is '0.0').", param: 'percent_off' },
    ],
    ['that takes off more than all', { percent_off: 101 }, { param: 'percent_off' }],
    [
      'that ended yesterday',
      { percent_off: 1, redeem_by: 2000 },
      {
        message:
          'The parameter `redeem_by` expects a unix timestamp representing a date and time in the future. You specified the value `2000` which is in the past.',
        param: 'redeem_by',
      },
    ],
    [
      'for nobody',
      { percent_off: 1, max_redemptions: 0 },
      { code: 'parameter_invalid_integer', param: 'max_redemptions' },
    ],
    [
      'for a product that is not there',
      { percent_off: 1, applies_to: { products: ['prod_nope'] } },
      { code: 'resource_missing' },
    ],
    [
      'under a taken id',
      { id: 'TAKEN', percent_off: 1 },
      { message: 'Coupon already exists.', code: 'resource_already_exists' },
    ],
  ])('is refused %s', async (_, params, refusal) => {
    const { stripe } = await startTestStripe()
    await stripe.coupons.create({ id: 'TAKEN', percent_off: 1 })
    expect(await refusalOf(stripe.coupons.create(params))).toMatchObject({ status: 400, ...refusal })
  })
})

describe('a promotion code', () => {
  async function start() {
    const test = await startTestStripe()
    await test.stripe.coupons.create({ id: 'TEN', percent_off: 10 })
    return { ...test, promotion: { type: 'coupon' as const, coupon: 'TEN' } }
  }

  it('is complete, with a code made up for it', async () => {
    const { stripe, promotion, eventsOf } = await start()
    let code: Stripe.PromotionCode | undefined
    const types = await eventsOf(async () => (code = await stripe.promotionCodes.create({ promotion })))
    expect(types).toEqual(['promotion_code.created'])
    expect(code).toMatchObject({
      id: expect.stringMatching(/^promo_1/),
      object: 'promotion_code',
      active: true,
      code: expect.stringMatching(/^[A-Z0-9]{8}$/),
      customer: null,
      customer_account: null,
      expires_at: null,
      max_redemptions: null,
      metadata: {},
      promotion,
      restrictions: { first_time_transaction: false, minimum_amount: null, minimum_amount_currency: null },
      times_redeemed: 0,
    })
    const expanded = await stripe.promotionCodes.retrieve(code?.id ?? '', { expand: ['promotion.coupon'] })
    expect(expanded.promotion.coupon).toMatchObject({ object: 'coupon', percent_off: 10 })
  })

  it('is one of its kind among the active ones, whatever its case', async () => {
    const { stripe, promotion } = await start()
    const first = await stripe.promotionCodes.create({ promotion, code: 'Friends' })
    expect(await refusalOf(stripe.promotionCodes.create({ promotion, code: 'FRIENDS' }))).toEqual({
      status: 400,
      message: 'An active promotion code with `code: FRIENDS` already exists.',
    })
    await stripe.promotionCodes.update(first.id, { active: false })
    await stripe.promotionCodes.create({ promotion, code: 'FRIENDS' })
    expect(await refusalOf(stripe.promotionCodes.update(first.id, { active: true }))).toMatchObject({ status: 400 })
  })

  it('is not active without its coupon', async () => {
    const { stripe, promotion } = await start()
    const { id } = await stripe.promotionCodes.create({ promotion })
    await stripe.coupons.del('TEN')
    expect((await stripe.promotionCodes.retrieve(id)).active).toBe(false)
  })

  it('that asks for a least amount is for new subscriptions only', async () => {
    const { stripe } = await start()
    await stripe.coupons.create({ id: 'ALWAYS', percent_off: 10, duration: 'forever' })
    const promotion = { type: 'coupon' as const, coupon: 'ALWAYS' }
    const restrictions = { minimum_amount: 1000, minimum_amount_currency: 'usd' }
    const code = await stripe.promotionCodes.create({ promotion, restrictions })
    const { id: customer } = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    })
    const product_data = { name: 'Pro' }
    const recurring = { interval: 'month' as const }
    const price = await stripe.prices.create({ currency: 'usd', unit_amount: 2000, recurring, product_data })
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: price.id }] })
    const discounts = [{ promotion_code: code.id }]
    expect(await refusalOf(stripe.subscriptions.update(id, { discounts }))).toMatchObject({
      status: 400,
      message: expect.stringContaining('because it uses the `minimum_amount` restriction'),
      param: 'discounts[0][promotion_code]',
    })
    const begin = (params: object = {}) =>
      stripe.subscriptions.create({ customer, items: [{ price: price.id }], discounts, ...params })
    expect((await begin()).discounts).toHaveLength(1)
    expect((await refusalOf(begin({ trial_period_days: 7 }))).message).toBe(
      'This promotion code cannot be redeemed because the associated purchase does not meet the minimum amount requirement.',
    )
  })

  it('keeps its restrictions', async () => {
    const { stripe, promotion } = await start()
    const restrictions = { first_time_transaction: true, minimum_amount: 1000, minimum_amount_currency: 'usd' }
    expect((await stripe.promotionCodes.create({ promotion, restrictions })).restrictions).toEqual(restrictions)
  })

  it('is listed by what it is', async () => {
    const { stripe, promotion } = await start()
    const { id: customer } = await stripe.customers.create()
    const one = await stripe.promotionCodes.create({ promotion, customer })
    const idsOf = async (params: Stripe.PromotionCodeListParams) =>
      (await stripe.promotionCodes.list(params)).data.map(({ id }) => id)
    expect(await idsOf({ code: one.code.toLowerCase() })).toEqual([one.id])
    expect(await idsOf({ coupon: 'TEN' })).toEqual([one.id])
    expect(await idsOf({ customer, active: true })).toEqual([one.id])
    expect(await idsOf({ active: false })).toEqual([])
    expect(await refusalOf(stripe.promotionCodes.list({ coupon: 'NOPE' }))).toMatchObject({
      status: 400,
      param: 'coupon',
    })
  })

  it.each<[string, object, object]>([
    ['without a promotion', { promotion: undefined }, { message: 'Missing required param: promotion.' }],
    [
      'without a coupon',
      { promotion: { type: 'coupon' } },
      { message: 'You must pass promotion.coupon when passing promotion', param: 'promotion.coupon' },
    ],
    [
      'of a coupon that is not there',
      { promotion: { type: 'coupon', coupon: 'NOPE' } },
      { message: "No such coupon: 'NOPE'", code: 'resource_missing', param: 'promotion[coupon]' },
    ],
    ['by the older parameter', { coupon: 'TEN' }, { message: 'Received unknown parameter: coupon' }],
    [
      'with a code that nobody can type',
      { code: 'has spaces!' },
      {
        message:
          'This value must match the regex pattern. (/\\A[a-zA-Z0-9\\-_]+\\z/ does not match for the value has spaces!).',
        param: 'code',
      },
    ],
    ['for a customer who is not there', { customer: 'cus_nope' }, { code: 'resource_missing', param: 'customer' }],
    ['that ended yesterday', { expires_at: 2000 }, { param: 'expires_at' }],
    [
      'for ever',
      { expires_at: 4102444800 },
      { message: 'Invalid timestamp: can be no more than five years in the future.' },
    ],
  ])('is refused %s', async (_, params, refusal) => {
    const { stripe, promotion } = await start()
    const whole = { promotion, ...params } as Stripe.PromotionCodeCreateParams
    expect(await refusalOf(stripe.promotionCodes.create(whole))).toMatchObject({ status: 400, ...refusal })
  })

  it('is called by two words where it is not found', async () => {
    const { stripe } = await start()
    expect(await refusalOf(stripe.promotionCodes.retrieve('promo_nope'))).toEqual({
      status: 404,
      message: "No such promotion code: 'promo_nope'",
      code: 'resource_missing',
      param: 'promotion_code',
    })
  })
})

describe('a tax rate', () => {
  it('is complete, and changes in all but its percentage', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    const { lastResponse: _, ...rate } = await stripe.taxRates.create({
      display_name: 'VAT',
      inclusive: true,
      percentage: 8.875,
      country: 'de',
      tax_type: 'vat',
    })
    expect(rate).toEqual({
      id: expect.stringMatching(/^txr_1/),
      object: 'tax_rate',
      active: true,
      country: 'DE',
      created: expect.any(Number),
      description: null,
      display_name: 'VAT',
      effective_percentage: 8.875,
      flat_amount: null,
      inclusive: true,
      jurisdiction: null,
      jurisdiction_level: null,
      livemode: false,
      metadata: {},
      percentage: 8.875,
      rate_type: 'percentage',
      state: null,
      tax_type: 'vat',
    })
    expect(await eventsOf(() => stripe.taxRates.update(rate.id, { active: false, description: 'old' }))).toEqual([
      'tax_rate.updated',
    ])
    expect((await stripe.taxRates.list({ active: true })).data).toEqual([])
    expect((await stripe.taxRates.list({ inclusive: true })).data).toHaveLength(1)
    // @ts-expect-error The percentage cannot be changed.
    expect(await refusalOf(stripe.taxRates.update(rate.id, { percentage: 9 }))).toMatchObject({
      code: 'parameter_unknown',
    })
    expect(await refusalOf(stripe.taxRates.retrieve('txr_nope'))).toMatchObject({
      message: "No such tax rate: 'txr_nope'",
      param: 'tax_rate',
    })
    expect(
      await refusalOf(stripe.taxRates.create({ display_name: 'x', inclusive: false, percentage: 101 })),
    ).toMatchObject({ param: 'percentage' })
  })
})
