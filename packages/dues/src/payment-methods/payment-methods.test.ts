import { describe, expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'
import { until } from '../../testing/engine.ts'
import { enterCard } from '../../testing/pages.ts'

onEachApp('payment methods', (app) => {
  const labels = async (owner: string) =>
    (await app().dues.paymentMethods.list(owner)).map(
      ({ label, isDefault }) => `${label}${isDefault ? ' (default)' : ''}`,
    )

  /** Enters a card on the page, as the owner does. */
  const enter = async (sessionId: string, number?: string) =>
    enterCard(String((await app().stripe.checkout.sessions.retrieve(sessionId)).url), number)

  test('are none of somebody who never bought anything', async () => {
    expect(await app().dues.paymentMethods.list(anOwner().id)).toEqual([])
  })

  test('are listed with their expiry, the default first', async () => {
    const { dues, subscribe, stripe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    const second = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
    const [first, other] = await dues.paymentMethods.list(id)
    expect(first).toMatchObject({ type: 'card', brand: 'visa', last4: '4242', expired: false, isDefault: true })
    expect(first?.expires?.year).toBeGreaterThan(2026)
    expect(other).toMatchObject({ id: second.id, label: 'Mastercard •••• 4444', isDefault: false })
  })

  test('a default is charged by every live subscription, also one that had its own', async () => {
    const { dues, subscribe, stripe, advance } = app()
    const { id } = anOwner()
    const { customer, subscription } = await subscribe(id)
    const { default_payment_method: own } = await stripe.subscriptions.update(subscription, {
      default_payment_method: (await stripe.paymentMethods.attach('pm_card_amex', { customer })).id,
    })
    expect(own).not.toBeNull()
    const card = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
    const methods = await dues.paymentMethods.setDefault(id, card.id)
    expect(methods[0]).toMatchObject({ id: card.id, isDefault: true })
    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({ default_payment_method: card.id })
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: card.id },
    })
    await advance({ months: 1, days: 1 })
    const { data } = await stripe.charges.list({ customer, limit: 1 })
    expect(data[0]?.payment_method).toBe(card.id)
  })

  describe('of somebody else', () => {
    test('cannot be made the default, nor removed, nor told from one that is not there', async () => {
      const { dues, subscribe, stripe } = app()
      const [ada, eve] = [anOwner().id, anOwner().id]
      await subscribe(ada)
      await subscribe(eve)
      const [card] = await dues.paymentMethods.list(ada)
      const theirs = String(card?.id)
      await expect(dues.paymentMethods.setDefault(eve, theirs)).rejects.toMatchObject({ code: 'not_found' })
      await expect(dues.paymentMethods.remove(eve, theirs, { confirm: true })).rejects.toMatchObject({
        code: 'not_found',
      })
      await expect(dues.paymentMethods.setDefault(eve, '../customers/1')).rejects.toMatchObject({ code: 'not_found' })
      expect((await stripe.paymentMethods.retrieve(theirs)).customer).not.toBeNull()
    })
  })

  describe('removing', () => {
    test('the last one of a live subscription asks first', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      await subscribe(id)
      const [card] = await dues.paymentMethods.list(id)
      const removing = dues.paymentMethods.remove(id, String(card?.id))
      await expect(removing).rejects.toMatchObject({ code: 'last_payment_method', status: 409 })
      expect(await dues.paymentMethods.list(id)).toHaveLength(1)
      expect(await dues.paymentMethods.remove(id, String(card?.id), { confirm: true })).toEqual([])
      expect(await dues.paymentMethods.remove(id, String(card?.id))).toEqual([])
    })

    test('the last one of a subscription that ends anyway does not', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      await subscribe(id)
      await dues.subscriptions.cancel(id)
      const [card] = await dues.paymentMethods.list(id)
      expect(await dues.paymentMethods.remove(id, String(card?.id))).toEqual([])
    })

    test('the default makes the next one the default, so that the renewal is paid', async () => {
      const { dues, subscribe, stripe, advance } = app()
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
      const [card] = await dues.paymentMethods.list(id)
      await dues.paymentMethods.remove(id, String(card?.id))
      expect(await labels(id)).toEqual(['Mastercard •••• 4444 (default)'])
      await advance({ months: 1, days: 1 })
      expect((await dues.member(id)).state).toBe('active')
    })

    test('twice at once removes it once, and neither click is refused', async () => {
      const { dues, other, subscribe, stripe } = app()
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      const second = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
      await Promise.all([dues.paymentMethods.remove(id, second.id), other.paymentMethods.remove(id, second.id)])
      expect(await labels(id)).toEqual(['Visa •••• 4242 (default)'])
    })
  })

  describe('adding', () => {
    test('leads to a page of Stripe’s; what is entered there is the default when the owner comes back', async () => {
      const { dues, subscribe, url } = app()
      const owner = anOwner()
      await subscribe(owner.id)
      const started = await dues.paymentMethods.add(owner)
      expect(await dues.paymentMethods.complete(owner.id, started.sessionId)).toEqual({
        paymentMethod: null,
        payment: null,
        payUrl: null,
      })
      const entered = await enter(started.sessionId, '5555555555554444')
      expect(entered).toContain(`${url}/billing/card-added?session_id=${started.sessionId}`)
      const completed = await dues.paymentMethods.complete(owner.id, started.sessionId)
      expect(completed).toMatchObject({ paymentMethod: { last4: '4444', isDefault: true }, payment: null })
      expect(await labels(owner.id)).toEqual(['Mastercard •••• 4444 (default)', 'Visa •••• 4242'])
    })

    test('makes the card the default though the owner never comes back from the page', async () => {
      const { dues, settled } = app()
      const owner = anOwner()
      const { sessionId } = await dues.paymentMethods.add(owner)
      await enter(sessionId)
      await settled()
      await until(
        async () => (await labels(owner.id))[0] === 'Visa •••• 4242 (default)',
        'the webhook made it the default',
      )
    })

    test('does not take back what was chosen since', async () => {
      const { dues, subscribe } = app()
      const owner = anOwner()
      await subscribe(owner.id)
      const [first] = await dues.paymentMethods.list(owner.id)
      const { sessionId } = await dues.paymentMethods.add(owner)
      await enter(sessionId, '5555555555554444')
      await dues.paymentMethods.complete(owner.id, sessionId)
      await dues.paymentMethods.setDefault(owner.id, String(first?.id))
      await dues.paymentMethods.complete(owner.id, sessionId)
      expect((await labels(owner.id))[0]).toBe('Visa •••• 4242 (default)')
    })

    test('pays a renewal that failed, and the membership has recovered', async () => {
      const { dues, subscribe, payWith, advance, ask, settled } = app()
      const owner = anOwner()
      const { customer } = await subscribe(owner.id)
      await payWith(customer, 'pm_card_chargeCustomerFail')
      await advance({ months: 1, days: 1 })
      expect((await dues.member(owner.id)).pastDue()).toBe(true)
      const { sessionId } = await dues.paymentMethods.add(owner)
      await enter(sessionId)
      const answer = await ask(owner.id, `/card-added?session_id=${sessionId}`)
      expect(await answer.json()).toMatchObject({ paymentMethod: { last4: '4242' }, payment: 'paid' })
      expect((await dues.member(owner.id)).state).toBe('active')
      await settled()
      const history = await dues.subscriptions.history(owner.id)
      expect(history.map(({ type }) => type)).toContain('recovered')
    })

    test('says when the new card is refused, too, and where to pay', async () => {
      const { dues, subscribe, payWith, advance } = app()
      const owner = anOwner()
      const { customer } = await subscribe(owner.id)
      await payWith(customer, 'pm_card_chargeCustomerFail')
      await advance({ months: 1, days: 1 })
      const { sessionId } = await dues.paymentMethods.add(owner)
      await enter(sessionId, '4000000000000341')
      const completed = await dues.paymentMethods.complete(owner.id, sessionId)
      expect(completed).toMatchObject({ payment: 'failed', payUrl: expect.stringContaining('/i/') })
    })

    test('a page of somebody else’s is refused', async () => {
      const { dues } = app()
      const { sessionId } = await dues.paymentMethods.add(anOwner())
      const eve = anOwner().id
      await expect(dues.paymentMethods.complete(eve, sessionId)).rejects.toMatchObject({ code: 'not_your_session' })
      await expect(dues.paymentMethods.complete(eve, 'cs_none')).rejects.toMatchObject({ code: 'not_found' })
    })
  })

  describe('over HTTP', () => {
    test('are listed, chosen and removed, and the last one asks', async () => {
      const { ask, subscribe, stripe } = app()
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      const second = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
      const shown = async (answer: Response) =>
        ((await answer.json()) as { data: { last4: string }[] }).data.map(({ last4 }) => last4)
      expect(await shown(await ask(id, '/payment-methods'))).toEqual(['4242', '4444'])
      const paymentMethod = second.id
      expect(await shown(await ask(id, '/default-card', { paymentMethod }))).toEqual(['4444', '4242'])
      expect(await shown(await ask(id, '/remove-card', { paymentMethod }))).toEqual(['4242'])
      const [last] = (await stripe.customers.listPaymentMethods(customer)).data
      const refused = await ask(id, '/remove-card', { paymentMethod: String(last?.id) })
      expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
        409,
        'last_payment_method',
      ])
      const confirmed = await ask(id, '/remove-card', { paymentMethod: String(last?.id), confirm: 'yes' })
      expect(await shown(confirmed)).toEqual([])
      expect((await ask(id, '/remove-card', {})).status).toBe(400)
      expect((await ask(id, '/remove-card')).status).toBe(405)
    })

    test('a stranger and another site are refused', async () => {
      const { dues, url } = app()
      const post = (headers: Record<string, string>) =>
        dues.handler(
          new Request(`${url}/billing/add-card`, {
            method: 'POST',
            headers: { accept: 'application/json', ...headers },
          }),
        )
      expect((await post({ origin: url })).status).toBe(401)
      expect((await post({ 'x-owner': anOwner().id, origin: 'https://evil.example' })).status).toBe(403)
    })
  })

  test('cards that expire before the next renewal are found, with whose they are', async () => {
    const { dues, subscribe, stripe, now } = app()
    const [ada, eve, bob] = [anOwner().id, anOwner().id, anOwner().id]
    const soon = new Date((now() + 20 * 86_400) * 1000)
    const expiring = async (owner: string, subscription: string, customer: string) => {
      const [card] = (await stripe.customers.listPaymentMethods(customer)).data
      const renews = (await stripe.subscriptions.retrieve(subscription)).items.data[0]?.current_period_end ?? 0
      const before = new Date((renews - 32 * 86_400) * 1000)
      await stripe.paymentMethods.update(String(card?.id), {
        card: { exp_month: before.getUTCMonth() + 1, exp_year: before.getUTCFullYear() },
      })
      return owner
    }
    const adas = await subscribe(ada)
    await expiring(ada, adas.subscription, adas.customer)
    await subscribe(eve)
    const bobs = await subscribe(bob)
    await expiring(bob, bobs.subscription, bobs.customer)
    await dues.subscriptions.cancel(bob)
    const found = await dues.paymentMethods.expiring({ within: 40 })
    const ours = found.filter(({ owner }) => [ada, eve, bob].includes(String(owner)))
    expect(ours).toMatchObject([{ owner: ada, email: `${ada}@example.com`, paymentMethod: { last4: '4242' } }])
    expect(ours[0]?.renewsAt.getTime()).toBeGreaterThan(soon.getTime())
    expect((await dues.paymentMethods.expiring({ within: 1 })).map(({ owner }) => owner)).not.toContain(ada)
  })

  test('when Stripe is down nothing is changed, and it is said so', async () => {
    const { dues, subscribe, faults, stripe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    const second = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
    await faults({ api: { status500: 1 } })
    await expect(dues.paymentMethods.setDefault(id, second.id)).rejects.toMatchObject({ code: 'stripe_unavailable' })
    await expect(dues.paymentMethods.list(id)).rejects.toMatchObject({ code: 'stripe_unavailable' })
    await faults({})
    expect(await labels(id)).toEqual(['Visa •••• 4242 (default)', 'Mastercard •••• 4444'])
  })

  test('answers that are lost after the write are made good by the next click', async () => {
    const { dues, subscribe, faults, stripe } = app()
    const { id } = anOwner()
    const { customer, subscription } = await subscribe(id)
    const second = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
    await faults({ seed: 5, api: { resetAfterWrite: 0.5 } })
    await dues.paymentMethods.setDefault(id, second.id).catch(() => undefined)
    await faults({})
    await dues.paymentMethods.setDefault(id, second.id)
    expect((await stripe.subscriptions.retrieve(subscription)).default_payment_method).toBe(second.id)
    expect(await labels(id)).toEqual(['Mastercard •••• 4444 (default)', 'Visa •••• 4242'])
  })
})
