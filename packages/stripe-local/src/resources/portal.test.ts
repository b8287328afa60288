import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

describe('a portal session', () => {
  it('is made for a customer, with the configuration that every account has', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    const customer = await stripe.customers.create({ email: 'ada@example.com' })
    const types = await eventsOf(async () => {
      const session = await stripe.billingPortal.sessions.create({
        customer: customer.id,
        return_url: 'http://shop.test/account',
      })
      expect(session).toMatchObject({
        id: expect.stringMatching(/^bps_/),
        object: 'billing_portal.session',
        configuration: expect.stringMatching(/^bpc_/),
        customer: customer.id,
        customer_account: null,
        flow: null,
        livemode: false,
        locale: null,
        on_behalf_of: null,
        return_url: 'http://shop.test/account',
        url: expect.stringMatching(/^http:\/\/localhost:\d+\/p\/session\/bps_/),
      })
    })
    expect(types).toEqual(['billing_portal.session.created'])
    const again = await stripe.billingPortal.sessions.create({ customer: customer.id })
    const configurations = await stripe.billingPortal.configurations.list({ is_default: true })
    expect(configurations.data.map(({ id }) => id)).toEqual([again.configuration])
  })

  it('is refused without a customer, for one that there is not, and with an address that is none', async () => {
    const { stripe } = await startTestStripe()
    const customer = await stripe.customers.create({})
    const create = stripe.billingPortal.sessions.create.bind(stripe.billingPortal.sessions)
    expect(await refusalOf(create({}))).toMatchObject({ message: 'Missing required param: customer.' })
    expect(await refusalOf(create({ customer: 'cus_x' }))).toMatchObject({
      message: "No such customer: 'cus_x'",
      param: 'customer',
    })
    expect(await refusalOf(create({ customer: customer.id, return_url: '/account' }))).toMatchObject({
      message: 'Not a valid URL',
    })
  })

  it('leads only where its configuration allows', async () => {
    const { stripe } = await startTestStripe()
    const customer = await stripe.customers.create({ email: 'ada@example.com' })
    const product = await stripe.products.create({ name: 'Professional' })
    const price = await stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 1900,
      recurring: { interval: 'month' },
    })
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    const [method] = (await stripe.customers.listPaymentMethods(customer.id)).data
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      default_payment_method: String(method?.id),
    })
    const other = await stripe.customers.create({})
    const flow = { type: 'subscription_cancel', subscription_cancel: { subscription: subscription.id } } as const
    const session = await stripe.billingPortal.sessions.create({ customer: customer.id, flow_data: flow })
    expect(session.flow).toMatchObject({
      type: 'subscription_cancel',
      after_completion: { type: 'portal_homepage', redirect: null, hosted_confirmation: null },
      subscription_cancel: { subscription: subscription.id, retention: null },
      subscription_update: null,
    })
    expect(
      await refusalOf(stripe.billingPortal.sessions.create({ customer: other.id, flow_data: flow })),
    ).toMatchObject({
      param: 'flow_data[subscription_cancel][subscription]',
    })
    const update = { type: 'subscription_update', subscription_update: { subscription: subscription.id } } as const
    expect(
      await refusalOf(stripe.billingPortal.sessions.create({ customer: customer.id, flow_data: update })),
    ).toMatchObject({
      message:
        'This subscription cannot be updated because the subscription update feature in the portal configuration is disabled.',
    })
  })
})

describe('a portal configuration', () => {
  it('is complete, changes, and tells of it', async () => {
    const { stripe, eventsOf, lastEvent } = await startTestStripe()
    const configuration = await stripe.billingPortal.configurations.create({
      business_profile: { headline: 'Hello' },
      default_return_url: 'http://shop.test/',
      features: { invoice_history: { enabled: true }, subscription_cancel: { enabled: true, mode: 'immediately' } },
    })
    expect(configuration).toMatchObject({
      object: 'billing_portal.configuration',
      active: true,
      application: null,
      business_profile: { headline: 'Hello', privacy_policy_url: null, terms_of_service_url: null },
      default_return_url: 'http://shop.test/',
      features: {
        customer_update: { enabled: false, allowed_updates: [] },
        invoice_history: { enabled: true },
        payment_method_update: { enabled: false },
        subscription_cancel: { enabled: true, mode: 'immediately', proration_behavior: 'none' },
        subscription_update: { enabled: false },
      },
      is_default: false,
      login_page: { enabled: false, url: null },
    })
    const types = await eventsOf(() => stripe.billingPortal.configurations.update(configuration.id, { active: false }))
    expect(types).toEqual(['billing_portal.configuration.updated'])
    expect((await lastEvent('billing_portal.configuration.updated')).data.previous_attributes).toMatchObject({
      active: true,
    })
    const customer = await stripe.customers.create({})
    expect(
      await refusalOf(stripe.billingPortal.sessions.create({ customer: customer.id, configuration: configuration.id })),
    ).toMatchObject({ param: 'configuration' })
  })

  it('must name the products that customers can switch between', async () => {
    const { stripe } = await startTestStripe()
    const features = { subscription_update: { enabled: true, default_allowed_updates: ['price' as const] } }
    expect(await refusalOf(stripe.billingPortal.configurations.create({ features }))).toMatchObject({
      message: 'Missing required param: features[subscription_update][products].',
    })
  })

  it('refuses to take the default away', async () => {
    const { stripe } = await startTestStripe()
    const [fallback] = (await stripe.billingPortal.configurations.list()).data
    expect(
      await refusalOf(stripe.billingPortal.configurations.update(String(fallback?.id), { active: false })),
    ).toMatchObject({ param: 'active' })
  })
})
