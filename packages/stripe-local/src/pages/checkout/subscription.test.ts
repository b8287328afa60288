import { describe, expect, it } from 'vitest'
import { subscribing, subscriptionsOf } from '../../../testing/checkout.ts'
import { moveClock } from '../../../testing/clock.ts'
import { open, submit, textOf, withCard } from '../../../testing/visitor.ts'

describe('the Checkout page of a subscription', () => {
  it('shows the plan, the amount and the interval, and says that no money moves', async () => {
    const { url } = await subscribing()
    const page = await open(url)
    expect(page.status).toBe(200)
    const text = textOf(page.html)
    expect(text).toContain('Stripe Local — a test page on this computer. No money moves.')
    expect(text).toContain('Subscribe to Professional')
    expect(text).toContain('$19.00 per month')
    expect(text).toContain('Total due today $19.00')
    expect(page.html).toContain('href="http://shop.test/pricing"')
  })

  it('pays, makes exactly the events of a first Checkout and leads to the success page', async () => {
    const test = await subscribing({ client_reference_id: 'user_1', metadata: { plan: 'pro' } })
    let location: string | null = null
    const events = await test.eventsOf(async () => {
      const visit = await submit(test.url, withCard('4242 4242 4242 4242'))
      expect(visit.status).toBe(303)
      location = visit.location
    })
    expect(location).toBe(`http://shop.test/success?session=${test.session.id}&again=${test.session.id}`)
    expect(events).toEqual([
      'charge.succeeded',
      'checkout.session.completed',
      'customer.created',
      'customer.subscription.created',
      'customer.updated',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
      'payment_method.attached',
    ])
    const session = await test.again()
    expect(session).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      amount_subtotal: 1900,
      amount_total: 1900,
      client_reference_id: 'user_1',
      metadata: { plan: 'pro' },
      payment_intent: null,
      customer_details: {
        email: 'ada@example.com',
        name: 'Ada Lovelace',
        address: { country: 'GB', postal_code: 'SW1A 1AA' },
        tax_exempt: 'none',
        tax_ids: [],
      },
    })
    const subscription = await test.stripe.subscriptions.retrieve(String(session.subscription), {
      expand: ['default_payment_method', 'latest_invoice'],
    })
    expect(subscription).toMatchObject({
      status: 'active',
      customer: session.customer,
      default_payment_method: { card: { last4: '4242' }, customer: session.customer, allow_redisplay: 'limited' },
      latest_invoice: { id: session.invoice, status: 'paid', amount_paid: 1900, billing_reason: 'subscription_create' },
    })
    expect(await test.stripe.customers.retrieve(String(session.customer))).toMatchObject({
      email: 'ada@example.com',
      name: 'Ada Lovelace',
    })
    const { sessions } = test.stripe.checkout
    expect((await sessions.list({ subscription: subscription.id })).data.map(({ id }) => id)).toEqual([session.id])
    expect((await sessions.list({ subscription: 'sub_another' })).data).toEqual([])
  })

  it('leaves no subscription behind when the card is declined, and takes another one', async () => {
    const test = await subscribing()
    const declined = await submit(test.url, withCard('4000000000000002'))
    expect(declined.status).toBe(422)
    expect(textOf(declined.html)).toContain('Your card was declined.')
    expect(await subscriptionsOf(test)).toEqual([])
    expect((await test.again()).status).toBe('open')
    expect((await submit(test.url, withCard('4242424242424242'))).status).toBe(303)
    expect(await subscriptionsOf(test)).toHaveLength(1)
    expect((await test.stripe.customers.list()).data).toHaveLength(1)
    expect((await test.stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  it.each([
    ['4000000000009995', 'Your card has insufficient funds.'],
    ['4000000000000069', 'Your card has expired.'],
    ['4000000000000127', "Your card's security code is incorrect."],
  ])('tells in the words of Stripe why %s was refused', async (number, words) => {
    const { url } = await subscribing()
    expect(textOf((await submit(url, withCard(number))).html)).toContain(words)
  })

  it('refuses a number that is no test card, and does not show it again', async () => {
    const test = await subscribing()
    const real = '4111111111111111'
    const events = await test.eventsOf(async () => {
      const page = await submit(test.url, withCard(real))
      expect(page.status).toBe(422)
      expect(textOf(page.html)).toContain('This is not the number of a test card, so it was refused')
      expect(page.html).not.toContain('4111')
    })
    expect(events).toEqual([])
  })

  it('pays once, however often and from wherever it is sent', async () => {
    const test = await subscribing()
    const tries = await Promise.all(Array.from({ length: 5 }, () => submit(test.url, withCard('4242424242424242'))))
    expect(tries.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303])
    expect((await submit(test.url, withCard('5555555555554444'))).status).toBe(303)
    expect(await subscriptionsOf(test)).toHaveLength(1)
    expect((await test.stripe.charges.list()).data).toHaveLength(1)
    const page = await open(test.url)
    expect(textOf(page.html)).toContain('This has been paid')
  })

  it('asks for 3D Secure and begins the subscription when it is approved', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002760003184'))
    expect(sent.location).toMatch(/^\/3ds\/pi_/)
    expect(await subscriptionsOf(test)).toEqual([])
    const bank = await open(test.local.url + sent.location)
    expect(textOf(bank.html)).toContain('Do you approve the payment of $19.00 ?')
    const approved = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(approved.location).toContain('http://shop.test/success')
    expect(await subscriptionsOf(test)).toMatchObject([{ status: 'active' }])
    const twice = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(textOf(twice.html)).toContain('Approved')
    expect(await subscriptionsOf(test)).toHaveLength(1)
  })

  it('charges nothing when 3D Secure is refused, says so, and takes another card', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002500003155'))
    const refused = await submit(test.local.url + sent.location, { decision: 'refuse' })
    expect(refused.location).toBe(`/c/pay/${test.session.id}?refused`)
    expect(textOf((await open(test.local.url + refused.location)).html)).toContain('We are unable to authenticate')
    expect(await subscriptionsOf(test)).toEqual([])
    expect((await submit(test.url, withCard('4242424242424242'))).location).toContain('/success')
    expect(await subscriptionsOf(test)).toHaveLength(1)
  })

  it('does not pay twice when another card paid while 3D Secure was open in a tab', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002760003184'))
    await submit(test.url, withCard('4242424242424242'))
    const late = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(late.status).toBe(200)
    expect((await test.stripe.charges.list()).data).toHaveLength(1)
    expect(await subscriptionsOf(test)).toHaveLength(1)
  })

  it('is over after a day: the session expires, an event says so, and nobody can pay', async () => {
    const test = await subscribing()
    const sent = await submit(test.url, withCard('4000002760003184'))
    const events = await test.eventsOf(() => moveClock(test.local, { days: 1 }))
    expect(events).toEqual(['checkout.session.expired', 'payment_intent.canceled'])
    expect(await test.again()).toMatchObject({ status: 'expired', url: null })
    const page = await open(test.url)
    expect(page.status).toBe(410)
    expect(textOf(page.html)).toContain('This Checkout has expired')
    expect((await submit(test.url, withCard('4242424242424242'))).status).toBe(410)
    const bank = await submit(test.local.url + sent.location, { decision: 'approve' })
    expect(textOf(bank.html)).toContain('This is not waited for any more')
    expect(await subscriptionsOf(test)).toEqual([])
  })

  it('fills in a test card for a browser without scripts', async () => {
    const { url } = await subscribing()
    const page = await submit(url, { fill: '4000000000000002', email: 'me@example.com' })
    expect(page.html).toContain('value="4000 0000 0000 0002"')
    expect(page.html).toContain('value="me@example.com"')
  })
})
