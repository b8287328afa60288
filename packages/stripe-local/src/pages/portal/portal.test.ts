import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../../testing/client.ts'
import { moveClock } from '../../../testing/clock.ts'
import { open, submit, textOf, withCard } from '../../../testing/visitor.ts'

/** A customer with a plan for 19 dollars a month, at a portal that allows everything. */
async function atPortal(
  options: {
    card?: string
    features?: Partial<Stripe.BillingPortal.ConfigurationCreateParams.Features>
    session?: (subscription: Stripe.Subscription) => Partial<Stripe.BillingPortal.SessionCreateParams>
    classic?: boolean
  } = {},
) {
  const test = await startTestStripe()
  const { stripe } = test
  const professional = await stripe.products.create({ name: 'Professional' })
  const enterprise = await stripe.products.create({ name: 'Enterprise' })
  const recurring = { interval: 'month' } as const
  const pro = await stripe.prices.create({ product: professional.id, currency: 'usd', unit_amount: 1900, recurring })
  const ent = await stripe.prices.create({ product: enterprise.id, currency: 'usd', unit_amount: 9900, recurring })
  const customer = await stripe.customers.create({ email: 'ada@example.com', name: 'Ada Lovelace' })
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: pro.id }],
    default_payment_method: method.id,
    ...(options.classic && { billing_mode: { type: 'classic' } }),
  })
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      customer_update: { enabled: true, allowed_updates: ['email', 'name', 'address'] },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: {
        enabled: true,
        cancellation_reason: { enabled: true, options: ['too_expensive', 'unused'] },
      },
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['price'],
        proration_behavior: 'always_invoice',
        products: [
          { product: professional.id, prices: [pro.id] },
          { product: enterprise.id, prices: [ent.id] },
        ],
      },
      ...options.features,
    },
  })
  const session = await stripe.billingPortal.sessions.create({
    customer: customer.id,
    configuration: configuration.id,
    return_url: 'http://shop.test/account',
    ...options.session?.(subscription),
  })
  const at = (path: string): string => `${session.url}/${path}`
  const current = () => stripe.subscriptions.retrieve(subscription.id)
  return {
    ...test,
    customer,
    subscription,
    configuration,
    session,
    pro,
    ent,
    method,
    at,
    current,
    path: `subscriptions/${subscription.id}`,
  }
}

describe('the customer portal', () => {
  it('shows the plan, its price, the card, the invoices and the way back', async () => {
    const { session, local } = await atPortal()
    expect((await open(session.url)).location).toBe(`/p/session/${session.id}/home`)
    const page = await open(`${local.url}/p/session/${session.id}/home`)
    const text = textOf(page.html)
    for (const words of [
      'Hello, Ada Lovelace',
      'Professional',
      '$19.00 per month',
      'It renews on',
      'Visa',
      '4242',
      'paid',
    ]) {
      expect(text).toContain(words)
    }
    expect(page.html).toContain('href="http://shop.test/account"')
  })

  it('cancels at the period’s end by cancel_at, as flexible billing has it, and takes it back', async () => {
    const { at, path, current, eventsOf, subscription } = await atPortal()
    expect(textOf((await open(at(`${path}/cancel`))).html)).toContain('It is too expensive')
    const types = await eventsOf(() => submit(at(`${path}/cancel`), { feedback: 'too_expensive', comment: 'Sorry' }))
    expect(types).toEqual(['customer.subscription.updated'])
    const end = subscription.items.data[0]?.current_period_end
    expect(await current()).toMatchObject({
      status: 'active',
      cancel_at: end,
      cancel_at_period_end: false,
      cancellation_details: { reason: 'cancellation_requested', feedback: 'too_expensive', comment: 'Sorry' },
    })
    expect(textOf((await open(at('home'))).html)).toContain('It ends on')
    await submit(at(`${path}/keep`), {})
    expect(await current()).toMatchObject({
      cancel_at: null,
      canceled_at: null,
      cancellation_details: { reason: null },
    })
  })

  it('cancels a classic subscription by cancel_at_period_end', async () => {
    const { at, path, current } = await atPortal({ classic: true })
    await submit(at(`${path}/cancel`), {})
    expect(await current()).toMatchObject({ cancel_at_period_end: true })
    await submit(at(`${path}/keep`), {})
    expect(await current()).toMatchObject({ cancel_at_period_end: false, cancel_at: null })
  })

  it('cancels at once where the configuration says so', async () => {
    const { at, path, current, eventsOf } = await atPortal({
      features: { subscription_cancel: { enabled: true, mode: 'immediately' } },
    })
    expect(await eventsOf(() => submit(at(`${path}/cancel`), {}))).toEqual(['customer.subscription.deleted'])
    expect((await current()).status).toBe('canceled')
  })

  it('tells what a switch costs today, and then charges exactly that', async () => {
    const { at, path, ent, current, stripe, local } = await atPortal()
    await moveClock(local, { days: 10 })
    expect(textOf((await open(at(`${path}/update`))).html)).toContain('Enterprise $99.00 per month')
    const confirm = await open(at(`${path}/update/confirm?price=${ent.id}`))
    const [, shown = ''] = /Confirm and pay \$([\d.]+)/.exec(textOf(confirm.html)) ?? []
    await submit(at(`${path}/update/confirm`), { price: ent.id })
    expect((await current()).items.data[0]?.price.id).toBe(ent.id)
    const [charge] = (await stripe.charges.list({ limit: 1 })).data
    expect(charge?.amount).toBe(Math.round(Number(shown) * 100))
  })

  it('plans a switch to less for the end of the period, and tells of it', async () => {
    const { stripe, local, at, ent, pro, current, path, eventsOf, configuration } = await atPortal()
    await submit(at(`${path}/update/confirm`), { price: ent.id })
    await stripe.billingPortal.configurations.update(configuration.id, {
      features: {
        subscription_update: {
          enabled: true,
          schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] },
        },
      },
    })
    expect(textOf((await open(`${at(`${path}/update/confirm`)}?price=${pro.id}`)).html)).toContain(
      'Your plan changes on',
    )
    const types = await eventsOf(() => submit(at(`${path}/update/confirm`), { price: pro.id }))
    expect(types).toEqual([
      'customer.subscription.updated',
      'subscription_schedule.created',
      'subscription_schedule.updated',
    ])
    expect((await current()).items.data[0]?.price.id).toBe(ent.id)
    expect(textOf((await open(at('home'))).html)).toContain('on: Professional.')
    await moveClock(local, { days: 32 })
    expect((await current()).items.data[0]?.price.id).toBe(pro.id)
  })

  it('takes a planned switch back, where plans can be changed at all', async () => {
    const { stripe, local, at, ent, pro, current, path, eventsOf, configuration } = await atPortal()
    const conditions = [{ type: 'decreasing_item_amount' as const }]
    const configure = (enabled: boolean) =>
      stripe.billingPortal.configurations.update(configuration.id, {
        features: { subscription_update: { enabled, schedule_at_period_end: { conditions } } },
      })
    await configure(true)
    await submit(at(`${path}/update/confirm`), { price: ent.id })
    await submit(at(`${path}/update/confirm`), { price: pro.id })
    await configure(false)
    expect((await open(at('home'))).html).not.toContain('Do not change')
    expect((await submit(at(`${path}/stay`), {})).status).toBe(403)
    await configure(true)
    expect(textOf((await open(at('home'))).html)).toContain('on: Professional. Do not change')
    expect(await eventsOf(() => submit(at(`${path}/stay`), {}))).toEqual([
      'customer.subscription.updated',
      'subscription_schedule.released',
    ])
    expect((await submit(at(`${path}/stay`), {})).location).toContain('home?done=stayed')
    expect(await current()).toMatchObject({ schedule: null, items: { data: [{ price: { id: ent.id } }] } })
    await moveClock(local, { days: 32 })
    expect((await current()).items.data[0]?.price.id).toBe(ent.id)
  })

  it('cancels at the end of the longest period, where items have different ones', async () => {
    const { stripe, at, current, path, subscription } = await atPortal()
    const yearly = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 100,
      recurring: { interval: 'year' },
      product_data: { name: 'Archive' },
    })
    await stripe.subscriptionItems.create({ subscription: subscription.id, price: yearly.id })
    await submit(at(`${path}/cancel`), {})
    const { cancel_at, items } = await current()
    expect(cancel_at).toBe(Math.max(...items.data.map((item) => item.current_period_end)))
    expect(new Set(items.data.map((item) => item.current_period_end)).size).toBe(2)
  })

  it('keeps the old plan when the payment for a switch fails', async () => {
    const { at, path, pro, ent, current, stripe, customer } = await atPortal()
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id })
    await submit(at(`cards/${bad.id}`), { do: 'default' })
    const refused = await submit(at(`${path}/update/confirm`), { price: ent.id })
    expect(refused.status).toBe(422)
    expect(textOf(refused.html)).toContain('Nothing has changed Your card was declined.')
    expect(await current()).toMatchObject({
      status: 'active',
      pending_update: null,
      items: { data: [{ price: { id: pro.id } }] },
    })
  })

  it('lets a switch wait for 3D Secure', async () => {
    const { at, path, pro, ent, current, local } = await atPortal()
    const added = await submit(at('cards/new'), withCard('4000002760003184'))
    await submit(local.url + added.location, { decision: 'approve', back: '/p/session/x/cards/added' })
    const sent = await submit(at(`${path}/update/confirm`), { price: ent.id })
    expect(sent.location).toMatch(/^\/3ds\/pi_/)
    expect((await current()).items.data[0]?.price.id).toBe(pro.id)
    const back = new URL(local.url + sent.location).searchParams.get('back') ?? ''
    expect((await submit(local.url + sent.location, { decision: 'approve', back })).location).toBe(back)
    expect((await current()).items.data[0]?.price.id).toBe(ent.id)
  })

  it('offers nothing that its configuration does not', async () => {
    const { at, path } = await atPortal({
      features: {
        subscription_update: { enabled: false },
        subscription_cancel: { enabled: false },
        payment_method_update: { enabled: false },
      },
    })
    const text = textOf((await open(at('home'))).html)
    for (const words of ['Change plan', 'Cancel', 'Add a card']) expect(text).not.toContain(words)
    for (const page of [`${path}/update`, `${path}/cancel`, 'cards/new'])
      expect((await open(at(page))).status).toBe(403)
    expect((await submit(at(`${path}/cancel`), {})).status).toBe(403)
  })

  it('does not switch to a price that is not offered', async () => {
    const { at, path, current, stripe, pro } = await atPortal()
    const cheap = await stripe.prices.create({
      product: pro.product as string,
      currency: 'usd',
      unit_amount: 1,
      recurring: { interval: 'month' },
    })
    expect((await submit(at(`${path}/update/confirm`), { price: cheap.id })).status).toBe(400)
    expect((await current()).items.data[0]?.price.id).toBe(pro.id)
  })

  it('saves a card and pays subscriptions with it from then on', async () => {
    const { at, current, stripe, customer } = await atPortal()
    expect((await submit(at('cards/new'), withCard('5555555555554444'))).location).toContain('home?done=card')
    const [card] = (await stripe.customers.listPaymentMethods(customer.id)).data
    expect(card?.card?.brand).toBe('mastercard')
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({
      invoice_settings: { default_payment_method: card?.id },
    })
    expect((await current()).default_payment_method).toBe(card?.id)
  })

  it('refuses a declined card and one that is no test card', async () => {
    const { at, stripe, customer } = await atPortal()
    expect(textOf((await submit(at('cards/new'), withCard('4000000000000002'))).html)).toContain(
      'Your card was declined.',
    )
    const real = await submit(at('cards/new'), withCard('4111111111111111'))
    expect(textOf(real.html)).toContain('not the number of a test card')
    expect(real.html).not.toContain('4111')
    expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(1)
  })

  it('removes a card, and leaves those of others alone', async () => {
    const { at, stripe, customer, method } = await atPortal()
    const other = await stripe.customers.create({})
    const theirs = await stripe.paymentMethods.attach('pm_card_visa', { customer: other.id })
    expect((await submit(at(`cards/${theirs.id}`), { do: 'remove' })).status).toBe(404)
    await submit(at(`cards/${method.id}`), { do: 'remove' })
    expect((await stripe.customers.listPaymentMethods(customer.id)).data).toEqual([])
    expect((await stripe.customers.listPaymentMethods(other.id)).data).toHaveLength(1)
  })

  it('changes the details that it may, and no others', async () => {
    const { at, stripe, customer } = await atPortal()
    expect(textOf((await submit(at('details'), { email: 'nothing' })).html)).toContain('Enter an email address.')
    await submit(at('details'), {
      email: 'countess@example.com',
      name: 'Ada King',
      phone: '123',
      city: 'London',
      country: 'GB',
    })
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({
      email: 'countess@example.com',
      name: 'Ada King',
      phone: null,
      address: { city: 'London', country: 'GB' },
    })
  })

  it('lets somebody who is past due mend the card and pay', async () => {
    const { at, current, stripe, customer, local } = await atPortal()
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id })
    await submit(at(`cards/${bad.id}`), { do: 'default' })
    await moveClock(local, { months: 1, seconds: 4000 })
    expect((await current()).status).toBe('past_due')
    const home = await open(at('home'))
    expect(textOf(home.html)).toContain('$19.00 is not paid')
    const [pay = ''] = /invoices\/in_\w+\/pay/.exec(home.html) ?? []
    expect(textOf((await submit(at(pay), {})).html)).toContain('Your card was declined.')
    await submit(at('cards/new'), withCard('4242424242424242'))
    expect((await submit(at(pay), {})).location).toContain('home?done=paid')
    expect((await current()).status).toBe('active')
    expect((await submit(at(pay), {})).location).toContain('home?done=paid')
    expect((await stripe.charges.list()).data.filter(({ paid }) => paid)).toHaveLength(2)
  })

  it('goes by a deep link straight to the form, and back to where the link says', async () => {
    const { session, at, path, current } = await atPortal({
      session: (subscription) => ({
        flow_data: {
          type: 'subscription_cancel',
          subscription_cancel: { subscription: subscription.id },
          after_completion: { type: 'redirect', redirect: { return_url: 'http://shop.test/bye' } },
        },
      }),
    })
    expect((await open(session.url)).location).toBe(`/p/session/${session.id}/${path}/cancel`)
    expect((await submit(at(`${path}/cancel`), {})).location).toBe('http://shop.test/bye')
    expect((await current()).cancel_at).not.toBeNull()
  })

  it('offers a coupon to those who were sent there to cancel, once, and to nobody else', async () => {
    const test = await atPortal()
    const { stripe, subscription, customer, eventsOf, current, path } = test
    await stripe.coupons.create({ id: 'STAY', percent_off: 30, duration: 'repeating', duration_in_months: 3 })
    const flow = (coupon: string) =>
      stripe.billingPortal.sessions.create({
        customer: customer.id,
        return_url: 'http://shop.test/account',
        configuration: test.configuration.id,
        flow_data: {
          type: 'subscription_cancel',
          subscription_cancel: {
            subscription: subscription.id,
            retention: { type: 'coupon_offer', coupon_offer: { coupon } },
          },
        },
      })
    expect((await refusalOf(flow('NO'))).code).toBe('resource_missing')
    const session = await flow('STAY')
    expect(session.flow?.subscription_cancel?.retention).toEqual({
      coupon_offer: { coupon: 'STAY' },
      type: 'coupon_offer',
    })
    expect((await submit(test.at(`${path}/offer`), {})).status).toBe(410)
    expect((await open(test.at(`${path}/cancel`))).html).not.toContain('Stay, and pay less')
    expect(textOf((await open(`${session.url}/${path}/cancel`)).html)).toContain('30% off for 3 months')
    const types = await eventsOf(() => submit(`${session.url}/${path}/offer`, {}))
    expect(types).toEqual(['customer.discount.created', 'customer.subscription.updated'])
    expect(await current()).toMatchObject({ cancel_at: null, discounts: [expect.stringMatching(/^di_/)] })
    expect((await submit(`${session.url}/${path}/offer`, {})).status).toBe(410)
    expect((await open(`${session.url}/${path}/cancel`)).html).not.toContain('Stay, and pay less')
  })

  it('goes by a deep link to the confirmation of one switch', async () => {
    const test = await atPortal()
    const { stripe, customer, subscription, ent, session: first } = test
    const session = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      configuration: String(first.configuration),
      flow_data: {
        type: 'subscription_update_confirm',
        subscription_update_confirm: {
          subscription: subscription.id,
          items: [{ id: String(subscription.items.data[0]?.id), price: ent.id, quantity: 1 }],
        },
        after_completion: { type: 'hosted_confirmation', hosted_confirmation: { custom_message: 'Enjoy it.' } },
      },
    })
    const to = `${test.local.url}${(await open(session.url)).location}`
    expect(textOf((await open(to)).html)).toContain('Confirm and pay $80.00')
    const done = await submit(to, {})
    expect(textOf((await open(test.local.url + done.location)).html)).toContain('Enjoy it.')
    expect((await test.current()).items.data[0]?.price.id).toBe(ent.id)
  })
})
