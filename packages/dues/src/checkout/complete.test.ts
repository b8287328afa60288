import { expect, test } from 'vitest'
import { type App, anOwner, onEachApp } from '../../testing/app.ts'

const monthly = { plan: 'pro', interval: 'monthly' } as const

/** Fills in Stripe's page as a visitor does. Answers where it leads. */
async function pay(url: string, number = '4242424242424242'): Promise<string | null> {
  const fields = {
    number,
    expiry: '12 / 40',
    cvc: '123',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    country: 'US',
  }
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  return response.headers.get('location')
}

const start = ({ dues }: App, owner: ReturnType<typeof anOwner>, wish: object = monthly) =>
  dues.checkout.start({ owner, ...(wish as typeof monthly) })

onEachApp('the way back from a Checkout', (app) => {
  test('tells what was bought, and the membership is there at once', async () => {
    const { dues, url, query } = app()
    const owner = anOwner()
    const { sessionId, url: page } = await start(app(), owner)
    expect(await pay(page)).toBe(`${url}/billing/success?session_id=${sessionId}`)
    const completed = await dues.checkout.complete(owner, sessionId)
    expect(completed).toMatchObject({
      sessionId,
      outcome: 'complete',
      plan: 'pro',
      interval: 'monthly',
      amountTotal: 1900,
      currency: 'usd',
      trialEndsAt: null,
      member: { plan: 'pro', state: 'active' },
    })
    expect(completed.renewsAt).toEqual(completed.member.renewsAt)
    expect(await query('select owner from dues.checkout where owner = $1', [owner.id])).toEqual([])
  })

  test('shows the membership though no webhook has come', async () => {
    const { dues, faults, ask } = app()
    const owner = anOwner()
    const { sessionId, url } = await start(app(), owner)
    await faults({ webhooks: { drop: 1 } })
    await pay(url)
    expect((await dues.member(owner.id)).subscribed()).toBe(false)
    const response = await ask(owner.id, `/success?session_id=${sessionId}`)
    expect(await response.json()).toMatchObject({ plan: 'pro', member: { plan: 'pro', subscribed: true } })
    expect((await dues.member(owner.id)).can('export')).toBe(true)
    await faults({})
  })

  test('tells a trial from a purchase', async () => {
    const { dues } = app()
    const owner = anOwner()
    const { sessionId, url } = await start(app(), owner, { plan: 'ent', interval: 'monthly' })
    await pay(url)
    const completed = await dues.checkout.complete(owner, sessionId)
    expect(completed).toMatchObject({ outcome: 'complete', amountTotal: 0, member: { plan: 'ent', state: 'trialing' } })
    expect(completed.trialEndsAt).toEqual(completed.member.trialEndsAt)
  })

  test('can be taken again, and says the same', async () => {
    const { dues } = app()
    const owner = anOwner()
    const { sessionId, url } = await start(app(), owner)
    await pay(url)
    const first = await dues.checkout.complete(owner, sessionId)
    expect(JSON.stringify(await dues.checkout.complete(owner, sessionId))).toBe(JSON.stringify(first))
  })

  test('is nobody else’s, and tells nobody else anything', async () => {
    const { dues, ask } = app()
    const [buyer, stranger] = [anOwner(), anOwner()]
    const { sessionId, url } = await start(app(), buyer)
    await pay(url)
    await expect(dues.checkout.complete(stranger, sessionId)).rejects.toMatchObject({ code: 'not_your_session' })
    await start(app(), stranger)
    const response = await ask(stranger.id, `/success?session_id=${sessionId}`)
    expect(response.status).toBe(403)
    expect(await response.text()).not.toMatch(/1900|owner_|pro/)
    expect((await dues.member(stranger.id)).plan).toBe('free')
  })

  test('of a session that names the owner and is for another’s customer is refused', async () => {
    const { dues, stripe } = app()
    const owner = anOwner()
    await start(app(), owner)
    const [price] = (await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })).data
    const forged = await stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price: String(price?.id), quantity: 1 }],
      success_url: 'https://evil.example',
      client_reference_id: owner.id,
    })
    await expect(dues.checkout.complete(owner, forged.id)).rejects.toMatchObject({ code: 'not_your_session' })
  })

  test('of a session for the owner’s customer that names somebody else is refused', async () => {
    const { dues, stripe } = app()
    const owner = anOwner()
    const { sessionId } = await start(app(), owner)
    const { customer, line_items } = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['line_items'] })
    const foreign = await stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: String(customer),
      line_items: [{ price: String(line_items?.data[0]?.price?.id), quantity: 1 }],
      success_url: 'https://club.example',
      client_reference_id: anOwner().id,
    })
    await expect(dues.checkout.complete(owner, foreign.id)).rejects.toMatchObject({ code: 'not_your_session' })
  })

  test.each(['', 'cs_test_nothing', 'sub_1', '../../customers', `cs_${'a'.repeat(300)}`])(
    'of "%s" is not found',
    async (id) => {
      await expect(app().dues.checkout.complete(anOwner(), id)).rejects.toMatchObject({ code: 'not_found' })
    },
  )

  test('says when nothing was paid', async () => {
    const { dues, stripe } = app()
    const owner = anOwner()
    const { sessionId, url } = await start(app(), owner)
    await pay(url, '4000000000000002')
    expect(await dues.checkout.complete(owner, sessionId)).toMatchObject({ outcome: 'open', member: { plan: 'free' } })
    await stripe.checkout.sessions.expire(sessionId)
    expect(await dues.checkout.complete(owner, sessionId)).toMatchObject({ outcome: 'expired' })
  })

  test('does not lead to a second purchase, though the webhook is late', async () => {
    const { dues, faults } = app()
    const owner = anOwner()
    const { url } = await start(app(), owner)
    await faults({ webhooks: { drop: 1 } })
    await pay(url)
    await expect(start(app(), owner)).rejects.toMatchObject({ code: 'already_subscribed' })
    expect((await dues.member(owner.id)).plan).toBe('pro')
    await faults({})
  })
})
