import { describe, expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'
import { enterCard } from '../../testing/pages.ts'
import type { Plans } from '../catalogue/plans.ts'
import { eur, usd } from '../money.ts'

const shop = {
  free: { name: 'Free' },
  pro: {
    name: 'Professional',
    prices: { monthly: { ...usd(19), currencyOptions: [eur(18)] } },
    trial: { days: 14, withoutCard: 'cancel' },
  },
  studio: {
    name: 'Studio',
    prices: { monthly: usd(49) },
    trial: { days: 7, withoutCard: 'pause' },
  },
  team: {
    name: 'Team',
    prices: {
      monthly: {
        currency: 'usd',
        tiersMode: 'graduated',
        tiers: [
          { upTo: 5, unitAmount: 1000 },
          { upTo: Number.POSITIVE_INFINITY, unitAmount: 800 },
        ],
      },
    },
    quantity: { min: 2, max: 50, adjustable: true },
  },
  api: { name: 'API', prices: { monthly: { ...usd(1), meter: 'api_calls', per: 100 } } },
} as const satisfies Plans

onEachApp(
  'a Checkout',
  (app) => {
    // The suite's own plans, which the app was opened with in place of the usual ones.
    const dues = () => app().dues as never as import('../dues.ts').Dues<typeof shop>
    const sessionOf = async ({ sessionId }: { sessionId: string }) =>
      app().stripe.checkout.sessions.retrieve(sessionId, { expand: ['line_items'] })
    const team = (more: object = {}) => ({ owner: anOwner(), plan: 'team', interval: 'monthly', ...more }) as const

    /** Buys, as somebody does who enters a card. */
    const buy = async (started: { sessionId: string; url: string }) => {
      await enterCard(started.url)
      await app().settled()
      return started
    }

    test('is for as many as were asked for, in tiers, and the number can be changed there', async () => {
      const { dues: _, ...rest } = app()
      const request = team({ quantity: 7 })
      const session = await sessionOf(await dues().checkout.start(request))
      expect(session).toMatchObject({
        amount_total: 5 * 1000 + 2 * 800,
        line_items: { data: [{ quantity: 7, adjustable_quantity: { enabled: true, minimum: 2, maximum: 50 } }] },
      })
      expect((await sessionOf(await dues().checkout.start(team()))).line_items?.data[0]?.quantity).toBe(2)
      expect(rest.url).toMatch(/^http/)
    })

    test.each([1, 51, 2.5, Number.NaN])('for %d is refused', async (quantity) => {
      await expect(dues().checkout.start(team({ quantity }))).rejects.toMatchObject({ code: 'bad_request' })
    })

    test('for another number is another Checkout, and the same number the same', async () => {
      const owner = anOwner()
      const first = await dues().checkout.start(team({ owner, quantity: 3 }))
      expect(await dues().checkout.start(team({ owner, quantity: 3 }))).toEqual(first)
      const second = await dues().checkout.start(team({ owner, quantity: 4 }))
      expect(second.sessionId).not.toBe(first.sessionId)
      expect((await sessionOf(first)).status).toBe('expired')
    })

    test('of what a meter counts has no quantity', async () => {
      const request = { owner: anOwner(), plan: 'api', interval: 'monthly' } as const
      await expect(dues().checkout.start({ ...request, quantity: 2 })).rejects.toMatchObject({ code: 'bad_request' })
      const started = await buy(await dues().checkout.start(request))
      expect((await dues().checkout.complete(request.owner, started.sessionId)).plan).toBe('api')
      expect((await dues().member(request.owner.id)).on('api')).toBe(true)
    })

    test('charges in the currency that was asked for, which the price must have', async () => {
      const request = { owner: anOwner(), plan: 'pro', interval: 'monthly', trial: false } as const
      const euros = await dues().checkout.start({ ...request, currency: 'EUR' })
      expect(await sessionOf(euros)).toMatchObject({ currency: 'eur', amount_total: 1800 })
      await buy(euros)
      expect((await dues().member(request.owner.id)).price).toMatchObject({ amount: 1800, currency: 'eur' })
      await expect(dues().checkout.start({ ...request, currency: 'jpy' })).rejects.toMatchObject({
        code: 'currency_unknown',
        message: expect.stringContaining('It is sold in usd, eur.'),
      })
    })

    describe('with a discount', () => {
      test('by a promotion code as people type it; one that is not good is refused', async () => {
        const { stripe } = app()
        const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' })
        const code = `HALF${Date.now()}`
        await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code })
        const session = await sessionOf(await dues().checkout.start(team({ promotionCode: code })))
        expect(session).toMatchObject({ amount_total: 1000, allow_promotion_codes: null })
        const wrong = dues().checkout.start(team({ promotionCode: 'NONE' }))
        await expect(wrong).rejects.toMatchObject({ code: 'discount_invalid', status: 422 })
        const both = dues().checkout.start(team({ promotionCode: code, coupon: coupon.id }))
        await expect(both).rejects.toMatchObject({ code: 'bad_request' })
      })

      test('by a coupon of the app’s, and never out of a form', async () => {
        const { stripe, ask } = app()
        const { id } = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'forever' })
        expect(await sessionOf(await dues().checkout.start(team({ coupon: id })))).toMatchObject({ amount_total: 1500 })
        const answer = await ask(anOwner().id, '/checkout', { plan: 'team', interval: 'monthly', coupon: id })
        const { sessionId } = (await answer.json()) as { sessionId: string }
        expect((await sessionOf({ sessionId })).amount_total).toBe(2000)
      })

      test('is asked for by the page unless the app does not want it', async () => {
        expect((await sessionOf(await dues().checkout.start(team()))).allow_promotion_codes).toBe(true)
        const quiet = await dues().checkout.start(team({ askPromotionCode: false }))
        expect((await sessionOf(quiet)).allow_promotion_codes).toBeNull()
      })
    })

    test('asks for tax ids and an address, in the language that was asked for, and keeps the app’s metadata', async () => {
      const { stripe } = app()
      const request = team({ taxIds: true, automaticTax: true, locale: 'de', metadata: { campaign: 'spring' } })
      const started = await dues().checkout.start(request)
      expect(await sessionOf(started)).toMatchObject({
        tax_id_collection: { enabled: true },
        automatic_tax: { enabled: true },
        billing_address_collection: 'required',
        locale: 'de',
        metadata: { campaign: 'spring', dues_owner: request.owner.id },
      })
      const own = dues().checkout.start(team({ metadata: { dues_owner: 'somebody else' } }))
      await expect(own).rejects.toMatchObject({ code: 'bad_request' })
      expect((await stripe.checkout.sessions.list({ limit: 1 })).data[0]?.id).toBe(started.sessionId)
    })

    describe('with a trial', () => {
      test('that needs no card takes none, and ends the membership when none has come', async () => {
        const { advance, stripe } = app()
        const owner = anOwner()
        const started = await dues().checkout.start({ owner, plan: 'pro', interval: 'monthly' })
        expect(await sessionOf(started)).toMatchObject({ amount_total: 0, payment_method_collection: 'if_required' })
        await buy(started)
        expect((await dues().member(owner.id)).trialing()).toBe(true)
        for (const { id } of await dues().paymentMethods.list(owner.id)) await stripe.paymentMethods.detach(id)
        await advance({ days: 15 })
        expect((await dues().member(owner.id)).ended()).toBe(true)
      })

      test('or pauses it, as the plan says', async () => {
        const { advance } = app()
        const owner = anOwner()
        const started = await dues().checkout.start({ owner, plan: 'studio', interval: 'monthly' })
        await enterNothing(started.url)
        await app().settled()
        expect((await dues().member(owner.id)).trialing()).toBe(true)
        await advance({ days: 8 })
        expect((await dues().member(owner.id)).paused()).toBe(true)
      })

      test('can be left out', async () => {
        const started = await dues().checkout.start({
          owner: anOwner(),
          plan: 'pro',
          interval: 'monthly',
          trial: false,
        })
        expect((await sessionOf(started)).amount_total).toBe(1900)
      })
    })

    describe('by invoice', () => {
      const enterprise = () => ({ ...team({ quantity: 10 }), daysUntilDue: 14 }) as const

      test('starts a membership at once, and the invoice is sent with days to pay it in', async () => {
        const { stripe } = app()
        const request = enterprise()
        const { subscription, invoice } = await dues().checkout.startByInvoice({ ...request, sendNow: true })
        expect(invoice).toMatchObject({
          status: 'open',
          total: 5 * 1000 + 5 * 800,
          url: expect.stringContaining('/i/'),
        })
        const made = await stripe.subscriptions.retrieve(subscription)
        expect(made).toMatchObject({ collection_method: 'send_invoice', days_until_due: 14, status: 'active' })
        expect((await dues().member(request.owner.id)).on('team')).toBe(true)
      })

      test('twice at once starts one, and a Checkout that was open cannot be paid any more', async () => {
        const { stripe, other } = app()
        const request = enterprise()
        const open = await dues().checkout.start({ owner: request.owner, plan: 'team', interval: 'monthly' })
        const second = (other as never as ReturnType<typeof dues>).checkout
        const made = await Promise.allSettled([dues().checkout.startByInvoice(request), second.startByInvoice(request)])
        for (const one of made)
          if (one.status === 'rejected') expect(['already_subscribed', 'busy']).toContain(one.reason.code)
        const [customer] = await app().customersOf(request.owner.id)
        expect((await stripe.subscriptions.list({ customer: String(customer?.id) })).data).toHaveLength(1)
        expect((await sessionOf(open)).status).toBe('expired')
        await expect(dues().checkout.startByInvoice(request)).rejects.toMatchObject({ code: 'already_subscribed' })
      })

      test('needs an email to send it to', async () => {
        const request = { ...enterprise(), owner: { id: anOwner().id } }
        await expect(dues().checkout.startByInvoice(request)).rejects.toMatchObject({ code: 'bad_request' })
      })

      test('whose answer was lost after the write has started one all the same', async () => {
        const { faults, stripe } = app()
        const request = enterprise()
        await faults({ seed: 11, api: { resetAfterWrite: 0.4 } })
        for (let click = 0; click < 3; click++)
          await dues()
            .checkout.startByInvoice(request)
            .catch(() => undefined)
        await faults({})
        await dues()
          .checkout.startByInvoice(request)
          .catch(() => undefined)
        const [customer] = await app().customersOf(request.owner.id)
        expect((await stripe.subscriptions.list({ customer: String(customer?.id) })).data).toHaveLength(1)
        expect((await dues().member(request.owner.id)).on('team')).toBe(true)
      })
    })

    test('of somebody whose subscription was made by hand at Stripe is refused: that one was taken over', async () => {
      const { stripe, settled, customersOf } = app()
      const owner = anOwner()
      const { sessionId } = await dues().checkout.start({ owner, plan: 'pro', interval: 'monthly' })
      await stripe.checkout.sessions.expire(sessionId)
      const [customer] = await customersOf(owner.id)
      const { data } = await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })
      // Somebody in the dashboard knows nothing of our metadata.
      await stripe.subscriptions.create({
        customer: String(customer?.id),
        items: [{ price: String(data[0]?.id) }],
        collection_method: 'send_invoice',
        days_until_due: 7,
      })
      await settled()
      expect((await dues().member(owner.id)).on('pro')).toBe(true)
      const second = dues().checkout.start({ owner, plan: 'team', interval: 'monthly' })
      await expect(second).rejects.toMatchObject({ code: 'already_subscribed' })
    })
  },
  { plans: shop as never },
)

/** Sends the page as it is: a trial that needs no card. */
async function enterNothing(url: string): Promise<void> {
  const body = new URLSearchParams({ email: 'ada@example.com' })
  await (await fetch(url, { method: 'POST', body, redirect: 'manual' })).body?.cancel()
}
