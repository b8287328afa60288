import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'
import { moveClock } from '../../testing/clock.ts'

type Params = Stripe.Checkout.SessionCreateParams

const urls = { success_url: 'http://shop.test/done?id={CHECKOUT_SESSION_ID}', cancel_url: 'http://shop.test/' }

async function shop() {
  const test = await startTestStripe()
  const { stripe } = test
  const product = await stripe.products.create({ name: 'Professional' })
  const recurring = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 1900,
    recurring: { interval: 'month' },
  })
  const single = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1500 })
  const create = (params: Params) => stripe.checkout.sessions.create(params)
  return { ...test, product, recurring: recurring.id, single: single.id, create }
}

describe('a Checkout session', () => {
  it('is complete in payment mode', async () => {
    const { stripe, create, single } = await shop()
    const customer = await stripe.customers.create({ email: 'ada@example.com', name: 'Ada' })
    const session = await create({
      mode: 'payment',
      customer: customer.id,
      line_items: [{ price: single, quantity: 1 }],
      ...urls,
    })
    const { id, created, ...rest } = session
    expect(id).toMatch(/^cs_test_a1\w{56}$/)
    expect(rest).toMatchObject({
      object: 'checkout.session',
      adaptive_pricing: { enabled: true },
      after_expiration: null,
      allow_promotion_codes: null,
      amount_subtotal: 1500,
      amount_total: 1500,
      automatic_tax: { enabled: false, liability: null, provider: null, status: null },
      billing_address_collection: null,
      cancel_url: 'http://shop.test/',
      client_reference_id: null,
      client_secret: null,
      collected_information: { business_name: null, individual_name: null, shipping_details: null },
      consent: null,
      consent_collection: null,
      currency: 'usd',
      currency_conversion: null,
      custom_fields: [],
      custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
      customer: customer.id,
      customer_creation: null,
      customer_details: {
        address: null,
        email: 'ada@example.com',
        name: null,
        phone: null,
        tax_exempt: 'none',
        tax_ids: null,
      },
      customer_email: null,
      discounts: [],
      expires_at: created + 86_400,
      invoice: null,
      invoice_creation: { enabled: false, invoice_data: { description: null, footer: null, metadata: {} } },
      livemode: false,
      locale: null,
      metadata: {},
      mode: 'payment',
      payment_intent: null,
      payment_link: null,
      payment_method_collection: 'if_required',
      payment_status: 'unpaid',
      phone_number_collection: { enabled: false },
      recovered_from: null,
      saved_payment_method_options: {
        allow_redisplay_filters: ['always'],
        payment_method_remove: 'disabled',
        payment_method_save: null,
      },
      setup_intent: null,
      shipping_address_collection: null,
      shipping_cost: null,
      shipping_options: [],
      status: 'open',
      submit_type: null,
      subscription: null,
      success_url: urls.success_url,
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
      ui_mode: 'hosted_page',
      url: expect.stringMatching(/^http:\/\/localhost:\d+\/c\/pay\/cs_test_/),
      wallet_options: null,
    })
    expect(session).not.toHaveProperty('line_items')
  })

  it('has no amounts in setup mode, and a setup intent from the beginning', async () => {
    const { create } = await shop()
    const session = await create({ mode: 'setup', currency: 'usd', success_url: urls.success_url })
    expect(session).toMatchObject({
      id: expect.stringMatching(/^cs_test_c1/),
      adaptive_pricing: { enabled: false },
      amount_subtotal: null,
      amount_total: null,
      discounts: null,
      invoice_creation: null,
      payment_method_collection: 'always',
      payment_status: 'no_payment_required',
      saved_payment_method_options: null,
      setup_intent: expect.stringMatching(/^seti_/),
      total_details: null,
    })
  })

  it('adds up discounts and taxes, and its lines add up to it', async () => {
    const { stripe, create, recurring, single } = await shop()
    const coupon = await stripe.coupons.create({ percent_off: 10 })
    const vat = await stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false })
    const session = await create({
      mode: 'subscription',
      line_items: [
        { price: recurring, quantity: 3, tax_rates: [vat.id] },
        { price: single, quantity: 1 },
      ],
      discounts: [{ coupon: coupon.id }],
      ...urls,
    })
    expect(session).toMatchObject({
      amount_subtotal: 7200,
      amount_total: 7506,
      discounts: [{ coupon: coupon.id, promotion_code: null }],
      total_details: { amount_discount: 720, amount_shipping: 0, amount_tax: 1026 },
    })
    const { data } = await stripe.checkout.sessions.listLineItems(session.id)
    expect(data).toMatchObject([
      {
        object: 'item',
        amount_subtotal: 5700,
        amount_discount: 570,
        amount_tax: 1026,
        amount_total: 6156,
        quantity: 3,
        description: 'Professional',
      },
      {
        object: 'item',
        amount_subtotal: 1500,
        amount_discount: 150,
        amount_tax: 0,
        amount_total: 1350,
        price: { id: single },
      },
    ])
    const shown = await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items.data.price.product'] })
    expect(shown.line_items?.data[0]).toMatchObject({ price: { product: { name: 'Professional' } } })
    const first = await stripe.checkout.sessions.listLineItems(session.id, { limit: 1 })
    expect([first.data[0]?.quantity, first.has_more]).toEqual([3, true])
    const next = await stripe.checkout.sessions.listLineItems(session.id, { starting_after: String(first.data[0]?.id) })
    expect(next.data.map(({ amount_total }) => amount_total)).toEqual([1350])
  })

  it('breaks its totals down when it is asked to', async () => {
    const { stripe, create, single } = await shop()
    const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'once' })
    const rate = await stripe.taxRates.create({ display_name: 'VAT', inclusive: false, percentage: 10 })
    const { id, total_details } = await create({
      mode: 'payment',
      line_items: [{ price: single, quantity: 1, tax_rates: [rate.id] }],
      discounts: [{ coupon: coupon.id }],
      ...urls,
    })
    expect(total_details).toEqual({ amount_discount: 300, amount_shipping: 0, amount_tax: 120 })
    const expanded = await stripe.checkout.sessions.retrieve(id, { expand: ['total_details.breakdown'] })
    expect(expanded.total_details?.breakdown).toMatchObject({
      discounts: [{ amount: 300, discount: { source: { coupon: coupon.id }, checkout_session: id } }],
      taxes: [{ amount: 120, rate: { id: rate.id }, taxable_amount: 1200 }],
    })
  })

  it('is listed by customer, status and email, the newest first', async () => {
    const { stripe, create, single } = await shop()
    const customer = await stripe.customers.create({ email: 'ada@example.com' })
    const params: Params = { mode: 'payment', line_items: [{ price: single, quantity: 1 }], ...urls }
    const first = await create({ ...params, customer: customer.id })
    const second = await create({ ...params, customer_email: 'Grace@example.com' })
    const ids = async (params: Stripe.Checkout.SessionListParams) =>
      (await stripe.checkout.sessions.list(params)).data.map(({ id }) => id)
    expect(await ids({})).toEqual([second.id, first.id])
    expect(await ids({ customer: customer.id })).toEqual([first.id])
    expect(await ids({ customer_details: { email: 'grace@EXAMPLE.com' } })).toEqual([second.id])
    await stripe.checkout.sessions.expire(first.id)
    expect(await ids({ status: 'expired' })).toEqual([first.id])
    expect(await ids({ status: 'open' })).toEqual([second.id])
  })

  it('expires when it is told to, and once only', async () => {
    const { stripe, create, single, eventsOf, lastEvent } = await shop()
    const session = await create({ mode: 'payment', line_items: [{ price: single, quantity: 1 }], ...urls })
    expect(await eventsOf(() => stripe.checkout.sessions.expire(session.id))).toEqual(['checkout.session.expired'])
    expect((await lastEvent('checkout.session.expired')).data.object).toMatchObject({ status: 'expired', url: null })
    expect(await refusalOf(stripe.checkout.sessions.expire(session.id))).toEqual({
      status: 400,
      message:
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `expired`.',
    })
  })

  it('expires by itself when its time has come', async () => {
    const { local, stripe, create, single, eventsOf } = await shop()
    const now = local.now('sk_test_resources')
    const session = await create({
      mode: 'payment',
      line_items: [{ price: single, quantity: 1 }],
      ...urls,
      expires_at: now + 3600,
    })
    expect(await eventsOf(() => moveClock(local, { seconds: 3500 }))).toEqual([])
    expect(await eventsOf(() => moveClock(local, { seconds: 200 }))).toEqual(['checkout.session.expired'])
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('expired')
  })

  it('can be recovered by the link that it has once it has expired', async () => {
    const { stripe, create, single } = await shop()
    const session = await create({
      mode: 'payment',
      line_items: [{ price: single, quantity: 2 }],
      client_reference_id: 'cart_1',
      after_expiration: { recovery: { enabled: true, allow_promotion_codes: true } },
      ...urls,
    })
    const { after_expiration } = await stripe.checkout.sessions.expire(session.id)
    const answer = await fetch(String(after_expiration?.recovery?.url), { redirect: 'manual' })
    const [again] = (await stripe.checkout.sessions.list({ status: 'open' })).data
    expect(answer.headers.get('location')).toBe(again?.url)
    expect(again).toMatchObject({
      recovered_from: session.id,
      amount_total: 3000,
      client_reference_id: 'cart_1',
      allow_promotion_codes: true,
    })
  })

  it('changes its metadata and its line items', async () => {
    const { stripe, create, single } = await shop()
    const session = await create({
      mode: 'payment',
      line_items: [{ price: single, quantity: 1 }],
      metadata: { a: '1' },
      ...urls,
    })
    const [item] = (await stripe.checkout.sessions.listLineItems(session.id)).data
    const changed = await stripe.checkout.sessions.update(session.id, {
      metadata: { a: '', b: '2' },
      line_items: [
        { id: String(item?.id), quantity: 4 },
        { price: single, quantity: 1 },
      ],
    })
    expect(changed).toMatchObject({ metadata: { b: '2' }, amount_total: 7500 })
    const { data } = await stripe.checkout.sessions.listLineItems(session.id)
    expect(data.map(({ quantity }) => quantity)).toEqual([4, 1])
    expect(data[0]?.id).toBe(item?.id)
  })

  it('is made once for one idempotency key', async () => {
    const { stripe, single } = await shop()
    const params: Params = { mode: 'payment', line_items: [{ price: single, quantity: 1 }], ...urls }
    const twice = await Promise.all(
      [1, 2].map(() => stripe.checkout.sessions.create(params, { idempotencyKey: 'cart-1' })),
    )
    expect(twice[0]?.id).toBe(twice[1]?.id)
    expect((await stripe.checkout.sessions.list()).data).toHaveLength(1)
  })

  it('is embedded without an address of its own when the merchant shows it', async () => {
    const { create, single } = await shop()
    const session = await create({
      mode: 'payment',
      ui_mode: 'embedded_page',
      return_url: 'http://shop.test/return',
      line_items: [{ price: single, quantity: 1 }],
    })
    expect(session).toMatchObject({
      url: null,
      client_secret: expect.stringContaining('_secret_'),
      redirect_on_completion: 'always',
    })
  })
})

describe('a Checkout session is refused', () => {
  const cases: [string, (shop: { recurring: string; single: string; customer: string }) => Params, object][] = [
    [
      'without a mode',
      ({ single }) => ({ line_items: [{ price: single, quantity: 1 }], ...urls }),
      { message: 'Missing required param: mode.', param: 'mode' },
    ],
    [
      'without a success_url',
      ({ single }) => ({ mode: 'payment', line_items: [{ price: single, quantity: 1 }] }),
      { message: 'Missing required param: success_url.', code: 'parameter_missing' },
    ],
    [
      'with an address that is none',
      ({ single }) => ({
        mode: 'payment',
        line_items: [{ price: single, quantity: 1 }],
        success_url: 'undefined/success',
      }),
      { message: 'Not a valid URL', code: 'url_invalid', param: 'success_url' },
    ],
    [
      'with an address without a scheme',
      ({ single }) => ({
        mode: 'payment',
        line_items: [{ price: single, quantity: 1 }],
        success_url: 'localhost:3000/success',
      }),
      { message: 'Invalid URL: An explicit scheme (such as https) must be provided.', code: 'url_invalid' },
    ],
    [
      'without line items',
      () => ({ mode: 'subscription', ...urls }),
      { message: 'Missing required param: line_items.' },
    ],
    [
      'with a price that there is not',
      () => ({ mode: 'payment', line_items: [{ price: 'price_x', quantity: 1 }], ...urls }),
      { message: "No such price: 'price_x'", param: 'line_items[0][price]', code: 'resource_missing' },
    ],
    [
      'for a subscription to something sold once',
      ({ single }) => ({ mode: 'subscription', line_items: [{ price: single, quantity: 1 }], ...urls }),
      { message: 'You must provide at least one recurring price in `subscription` mode when using prices.' },
    ],
    [
      'for one payment of something that recurs',
      ({ recurring }) => ({ mode: 'payment', line_items: [{ price: recurring, quantity: 1 }], ...urls }),
      {
        message:
          'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      },
    ],
    [
      'without a quantity',
      ({ single }) => ({ mode: 'payment', line_items: [{ price: single }], ...urls }),
      { message: 'Quantity is required. Add `quantity` to `line_items[0]`' },
    ],
    [
      'with neither price nor price_data',
      () => ({ mode: 'payment', line_items: [{ quantity: 1 }], ...urls }),
      { message: 'You must provide either price or price_data for each line item when using prices.' },
    ],
    [
      'with promotion codes and a discount at once',
      ({ single }) => ({
        mode: 'payment',
        line_items: [{ price: single, quantity: 1 }],
        allow_promotion_codes: true,
        discounts: [{ coupon: 'x' }],
        ...urls,
      }),
      {
        message: 'You may only specify one of these parameters: allow_promotion_codes, discounts.',
        param: 'allow_promotion_codes',
      },
    ],
    [
      'for a customer and an email at once',
      ({ single, customer }) => ({
        mode: 'payment',
        line_items: [{ price: single, quantity: 1 }],
        customer,
        customer_email: 'a@b.c',
        ...urls,
      }),
      { message: 'You may only specify one of these parameters: customer, customer_email.' },
    ],
    [
      'with the data of another mode',
      ({ recurring }) => ({
        mode: 'subscription',
        line_items: [{ price: recurring, quantity: 1 }],
        payment_intent_data: { description: 'x' },
        ...urls,
      }),
      { message: 'You can not pass `payment_intent_data` in `subscription` mode.', param: 'payment_intent_data' },
    ],
    [
      'with line items for a setup',
      ({ single }) => ({ mode: 'setup', currency: 'usd', line_items: [{ price: single, quantity: 1 }], ...urls }),
      { message: 'You can not pass `line_items` in `setup` mode.' },
    ],
    [
      'in a currency that the price is not sold in',
      ({ single }) => ({ mode: 'payment', currency: 'eur', line_items: [{ price: single, quantity: 1 }], ...urls }),
      { message: "The price specified only supports `usd`. This doesn't match the expected currency: `eur`." },
    ],
    [
      'when it would expire too soon',
      ({ single }) => ({ mode: 'payment', line_items: [{ price: single, quantity: 1 }], expires_at: 1, ...urls }),
      {
        message: 'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
        param: 'expires_at',
      },
    ],
    [
      'when it would expire too late',
      ({ single }) => ({
        mode: 'payment',
        line_items: [{ price: single, quantity: 1 }],
        expires_at: 99_999_999_999,
        ...urls,
      }),
      { message: 'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.' },
    ],
    [
      'with a trial that ends at once',
      ({ recurring }) => ({
        mode: 'subscription',
        line_items: [{ price: recurring, quantity: 1 }],
        subscription_data: { trial_end: 1 },
        ...urls,
      }),
      { message: 'The `trial_end` date has to be at least 2 days in the future.' },
    ],
    [
      'with a trial that goes on for ever',
      ({ recurring }) => ({
        mode: 'subscription',
        line_items: [{ price: recurring, quantity: 1 }],
        subscription_data: { trial_end: 99_999_999_999_999 },
        ...urls,
      }),
      { message: 'Invalid timestamp: can be no more than five years in the future.' },
    ],
  ]

  it.each(cases)('%s', async (_name, params, refusal) => {
    const { stripe, create, recurring, single } = await shop()
    const customer = await stripe.customers.create({})
    expect(await refusalOf(create(params({ recurring, single, customer: customer.id })))).toMatchObject({
      status: 400,
      ...refusal,
    })
    expect((await stripe.checkout.sessions.list()).data).toEqual([])
  })

  it('for a price that was archived, or whose product was', async () => {
    const { stripe, create, product, recurring, single } = await shop()
    await stripe.prices.update(single, { active: false })
    expect(
      await refusalOf(create({ mode: 'payment', line_items: [{ price: single, quantity: 1 }], ...urls })),
    ).toMatchObject({
      message: 'The price specified is inactive. This field only accepts active prices.',
      param: 'line_items[0][price]',
    })
    await stripe.products.update(product.id, { active: false })
    expect(
      await refusalOf(create({ mode: 'subscription', line_items: [{ price: recurring, quantity: 1 }], ...urls })),
    ).toMatchObject({
      message: `Price \`${recurring}\` is not available to be purchased because its product is not active.`,
    })
  })

  it('with an honest 501 for what the pages here do not have', async () => {
    const { create, single } = await shop()
    const refusal = await refusalOf(
      create({
        mode: 'payment',
        line_items: [{ price: single, quantity: 1 }],
        allowed_payment_method_types: ['klarna'],
        ...urls,
      }),
    )
    expect(refusal.status).toBe(501)
    expect(refusal.message).toContain('klarna')
  })
})
