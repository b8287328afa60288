import Stripe from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import { anOwner, onEachApp, onOneApp } from '../../testing/app.ts'
import { isLive } from '../entitlements/membership.ts'

onEachApp('to come back', (app) => {
  const ended = async (card?: string) => {
    const { dues, subscribe, advance } = app()
    const { id, email } = anOwner()
    const { customer } = await subscribe(id, { ...(card && { card }) })
    await dues.subscriptions.cancel(id, { when: 'now' })
    await advance({ seconds: 120 })
    return { id, email, customer }
  }
  const liveOf = async (customer: string) =>
    (await app().stripe.subscriptions.list({ customer, status: 'all' })).data.filter(isLive)

  test('makes a new subscription with the card that is known, charged now', async () => {
    const { dues, stripe } = app()
    const { id, customer } = await ended()
    const member = await dues.subscriptions.comeBack(id, 'ent', 'monthly')
    expect(member).toMatchObject({ plan: 'ent', interval: 'monthly', state: 'active', trialEndsAt: null })
    expect(await liveOf(customer)).toHaveLength(1)
    const { data } = await stripe.invoices.list({ customer })
    expect(data.map(({ amount_paid }) => amount_paid).sort()).toEqual([1900, 9900])
    expect((await dues.subscriptions.history(id))[0]?.type).toBe('started')
  })

  test('clicked twice at once, in two processes, and once more, is one purchase', async () => {
    const { dues, other } = app()
    const { id, customer } = await ended()
    await Promise.all([dues, other, dues].map((one) => one.subscriptions.comeBack(id, 'pro', 'monthly')))
    expect((await other.subscriptions.comeBack(id, 'pro', 'monthly')).plan).toBe('pro')
    expect(await liveOf(customer)).toHaveLength(1)
  })

  test('closes a Checkout that was open', async () => {
    const { dues, stripe } = app()
    const { id, email, customer } = await ended()
    const { sessionId } = await dues.checkout.start({ owner: { id, email }, plan: 'pro', interval: 'monthly' })
    await dues.subscriptions.comeBack(id, 'pro', 'monthly')
    expect((await stripe.checkout.sessions.retrieve(sessionId)).status).toBe('expired')
    expect(await liveOf(customer)).toHaveLength(1)
    await expect(dues.checkout.start({ owner: { id, email }, plan: 'pro', interval: 'monthly' })).rejects.toMatchObject(
      {
        code: 'already_subscribed',
      },
    )
  })

  test('clicked twice at once while a Checkout is open closes it once and is one purchase', async () => {
    const { dues, other } = app()
    const { id, email, customer } = await ended()
    await dues.checkout.start({ owner: { id, email }, plan: 'pro', interval: 'monthly' })
    const clicks = await Promise.allSettled(
      [dues, other].map((one) => one.subscriptions.comeBack(id, 'pro', 'monthly')),
    )
    const refusals = clicks.flatMap((click) => (click.status === 'rejected' ? [click.reason.code] : []))
    expect(refusals.filter((code) => code !== 'busy')).toEqual([])
    expect(await liveOf(customer)).toHaveLength(1)
  })

  test('at the same moment as a Checkout is started never leaves two that could be paid', async () => {
    const { dues, other, stripe } = app()
    const { id, email, customer } = await ended()
    await Promise.allSettled([
      dues.subscriptions.comeBack(id, 'pro', 'monthly'),
      other.checkout.start({ owner: { id, email }, plan: 'pro', interval: 'monthly' }),
    ])
    const live = await liveOf(customer)
    const { data: open } = await stripe.checkout.sessions.list({ customer, status: 'open' })
    expect(live.length + open.length).toBe(1)
  })

  test('with a card that is declined leaves nothing behind', async () => {
    const { dues, payWith } = app()
    const { id, customer } = await ended()
    await payWith(customer, 'pm_card_chargeCustomerFail')
    await expect(dues.subscriptions.comeBack(id, 'pro', 'monthly')).rejects.toMatchObject({ code: 'payment_failed' })
    expect(await liveOf(customer)).toEqual([])
    await payWith(customer, 'pm_card_visa')
    expect((await dues.subscriptions.comeBack(id, 'pro', 'monthly')).plan).toBe('pro')
  })

  test('with a card whose bank asks says where to confirm, and the subscription waits there', async () => {
    const { dues, stripe, payWith, settled } = app()
    const { id, customer } = await ended()
    await payWith(customer, 'pm_card_threeDSecure2Required')
    const refused = await dues.subscriptions.comeBack(id, 'pro', 'monthly').catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'action_required', details: { payUrl: expect.stringMatching(/^http/) } })
    expect((await dues.member(id)).incomplete()).toBe(true)
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer })
    const { invoice } = (refused as { details: { invoice: string } }).details
    await stripe.invoices.pay(invoice, { payment_method: method.id })
    await settled()
    expect(await dues.member(id)).toMatchObject({ plan: 'pro', state: 'active' })
  })

  test('says what to do when the customer is deleted at Stripe at any moment meanwhile', async () => {
    const { another, stripe, local, secretKey, webhookSecret } = app()
    let meanwhile: (() => Promise<unknown>) | null = null
    let left = 0
    const client = new Stripe(secretKey, {
      host: 'localhost',
      port: local.port,
      protocol: 'http',
      httpClient: Stripe.createFetchHttpClient(async (input: string | URL | Request, init?: RequestInit) => {
        left -= 1
        if (left === 0) await meanwhile?.()
        return fetch(input, init)
      }),
    })
    const dues = another({ stripe: { client, webhookSecret } })
    await dues.start({ work: false })
    const said: string[] = []
    for (let call = 1; left <= 0; call++) {
      const { id, customer } = await ended()
      meanwhile = () => stripe.customers.del(customer)
      left = call
      said.push(
        await dues.subscriptions.comeBack(id, 'pro', 'monthly').then(
          ({ state }) => state,
          ({ code }) => code,
        ),
      )
    }
    await dues.stop()
    expect(said.length).toBeGreaterThan(3)
    expect(said.at(-1)).toBe('active')
    // Busy: it was bought and is over already.
    for (const one of said.slice(0, -1)) expect(['not_subscribed', 'no_payment_method', 'busy']).toContain(one)
  })

  test('is refused to whom is here, who never was, and who has no card', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    await expect(dues.subscriptions.comeBack(id, 'pro', 'monthly')).rejects.toMatchObject({ code: 'not_subscribed' })
    await subscribe(id)
    await expect(dues.subscriptions.comeBack(id, 'ent', 'monthly')).rejects.toMatchObject({
      code: 'already_subscribed',
    })
    const gone = await ended()
    for (const { id: card } of (await stripe.customers.listPaymentMethods(gone.customer)).data)
      await stripe.paymentMethods.detach(card)
    await expect(dues.subscriptions.comeBack(gone.id, 'pro', 'monthly')).rejects.toMatchObject({
      code: 'no_payment_method',
      status: 409,
    })
  })
})

onOneApp('a click to come back that falls behind another', (app) => {
  test('finds what the other has bought, and buys nothing', async () => {
    const { dues, another, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await dues.subscriptions.cancel(id, { when: 'now' })
    // Between its look at what there is and its purchase it asks for the card.
    const slow = Object.create(stripe) as Stripe
    const retrieve: Stripe['customers']['retrieve'] = async (...given: [string]) => {
      const found = await stripe.customers.retrieve(...given)
      await dues.subscriptions.comeBack(id, 'pro', 'monthly')
      return found
    }
    slow.customers = Object.assign(Object.create(stripe.customers), { retrieve })
    const behind = another({ stripe: { client: slow, webhookSecret: app().webhookSecret } })
    await behind.start({ work: false })
    onTestFinished(() => behind.stop())
    expect((await behind.subscriptions.comeBack(id, 'pro', 'monthly')).plan).toBe('pro')
    expect((await stripe.subscriptions.list({ customer })).data).toHaveLength(1)
  })
})
