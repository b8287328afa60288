import { beforeEach, expect, test } from 'vitest'
import { type App, anOwner, onEachApp, type plans } from '../../testing/app.ts'
import { fastJobs, until } from '../../testing/engine.ts'
import type { Transition } from '../entitlements/transition.ts'

const told: Transition<typeof plans>[] = []
const hook = (transition: Transition<typeof plans>) => void told.push(transition)
beforeEach(() => {
  told.length = 0
})

type Owner = ReturnType<typeof anOwner>
const toldOf = ({ id }: Owner, type: string) => told.filter((one) => one.owner.id === id && one.type === type)
const trial = { plan: 'ent', interval: 'monthly' } as const

/** Buys the plan with a trial, on Stripe's page. */
async function take({ dues, stripe }: App, owner: Owner, number: string) {
  const { sessionId, url } = await dues.checkout.start({ owner, ...trial })
  const fields = { number, expiry: '12 / 40', cvc: '123', name: 'Ada', country: 'US' }
  await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  const { subscription } = await stripe.checkout.sessions.retrieve(sessionId)
  return { sessionId, subscription: String(subscription) }
}

const chargedTo = async ({ stripe, customersOf }: App, owner: Owner) => {
  const [customer] = await customersOf(owner.id)
  const { data } = await stripe.charges.list({ customer: customer?.id ?? '' })
  return data.filter(({ paid }) => paid).map(({ amount }) => amount)
}

const refusalOf = (app: App, owner: Owner) =>
  until(
    async () =>
      toldOf(owner, 'trialRefused').length > 0 &&
      (await app.query('select 1 as n from dues.trial where owner = $1 and settled_at is null', [owner.id])).length ===
        0,
    `the trial of ${owner.id} is refused, and told of`,
  )

const decidedOn = ({ query }: App, owner: Owner) =>
  until(
    async () => (await query('select 1 as n from dues.trial where owner = $1', [owner.id])).length > 0,
    `somebody has looked at the trial of ${owner.id}`,
  )

onEachApp(
  'a card',
  (app) => {
    test('has one trial: a second account with it is charged at once, and is told so by the success page', async () => {
      const { dues, stripe } = app()
      const [ada, again] = [anOwner(), anOwner()]
      const first = await take(app(), ada, '4000056655665556')
      expect(await dues.checkout.complete(ada, first.sessionId)).toMatchObject({
        amountTotal: 0,
        member: { state: 'trialing' },
      })
      const { sessionId, subscription } = await take(app(), again, '4000056655665556')
      const completed = await dues.checkout.complete(again, sessionId)
      expect(completed).toMatchObject({
        outcome: 'complete',
        amountTotal: 9900,
        trialEndsAt: null,
        member: { plan: 'ent', state: 'active' },
      })
      expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('active')
      expect([await chargedTo(app(), ada), await chargedTo(app(), again)]).toEqual([[], [9900]])
      const later = await dues.checkout.complete(again, sessionId)
      expect([later.amountTotal, later.renewsAt]).toEqual([9900, completed.renewsAt])
      await refusalOf(app(), again)
      expect(toldOf(again, 'trialRefused')).toMatchObject([
        {
          id: `${subscription}:trialRefused`,
          before: { plan: 'ent', status: 'trialing' },
          after: { plan: 'ent', status: 'active' },
          detail: { amount: 9900, currency: 'usd' },
        },
      ])
    })

    test('is known again by the webhooks alone, when nobody comes back from the Checkout', async () => {
      const { dues } = app()
      const [ada, again] = [anOwner(), anOwner()]
      await take(app(), ada, '5200828282828210')
      await decidedOn(app(), ada)
      await take(app(), again, '5200828282828210')
      await refusalOf(app(), again)
      expect((await dues.member(again.id)).state).toBe('active')
      expect((await dues.member(ada.id)).state).toBe('trialing')
    })

    test('is known again by reconcile alone, when every webhook was lost', async () => {
      const { dues, faults, advance } = app()
      const [ada, again] = [anOwner(), anOwner()]
      await faults({ webhooks: { drop: 1 } })
      await take(app(), ada, '5105105105105100')
      await advance({ seconds: 5 })
      await take(app(), again, '5105105105105100')
      await dues.reconcile()
      await refusalOf(app(), again)
      await dues.reconcile()
      await faults({})
      expect(await chargedTo(app(), again)).toEqual([9900])
      expect((await dues.member(ada.id)).state).toBe('trialing')
      expect(toldOf(again, 'trialRefused')).toHaveLength(1)
    })

    test('that cannot be charged in place of its trial ends the subscription, and nothing was charged', async () => {
      const { dues, stripe, advance } = app()
      const [ada, again] = [anOwner(), anOwner()]
      await dues.checkout.complete(ada, (await take(app(), ada, '4000000000000341')).sessionId)
      await advance({ seconds: 5 })
      const { sessionId, subscription } = await take(app(), again, '4000000000000341')
      await expect(dues.checkout.complete(again, sessionId)).rejects.toMatchObject({ code: 'payment_failed' })
      expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('canceled')
      expect(await chargedTo(app(), again)).toEqual([])
      await refusalOf(app(), again)
      expect(toldOf(again, 'trialRefused')).toMatchObject([{ after: { status: 'canceled' }, detail: { amount: 0 } }])
      // The next Checkout has no trial, and another card may buy.
      const next = await dues.checkout.start({ owner: again, ...trial })
      expect((await stripe.checkout.sessions.retrieve(next.sessionId)).amount_total).toBe(9900)
    })

    test('that never had a trial has one, and so has one whose trial was given by hand', async () => {
      const { dues, subscribe } = app()
      const [ada, other, guest] = [anOwner(), anOwner(), anOwner()]
      await dues.checkout.complete(ada, (await take(app(), ada, '371449635398431')).sessionId)
      const { sessionId } = await take(app(), other, '6011000990139424')
      expect(await dues.checkout.complete(other, sessionId)).toMatchObject({ member: { state: 'trialing' } })
      await subscribe(guest.id, { plan: 'ent', trial_period_days: 30, card: 'pm_card_amex' })
      await decidedOn(app(), guest)
      expect((await dues.member(guest.id)).state).toBe('trialing')
      expect([...toldOf(guest, 'trialRefused'), ...toldOf(other, 'trialRefused')]).toEqual([])
    })

    test('that two accounts use at the same moment gives a trial to one of them', async () => {
      const { dues } = app()
      const both = [anOwner(), anOwner()]
      const sessions = await Promise.all(both.map((owner) => take(app(), owner, '3566002020360505')))
      const completed = await Promise.all(
        both.map((owner, n) => dues.checkout.complete(owner, sessions[n]?.sessionId ?? '')),
      )
      expect(completed.map(({ member }) => member.state).sort()).toEqual(['active', 'trialing'])
    })

    test('whose trial goes on is told of beside the button, and only there', async () => {
      const { dues, stripe } = app()
      const owner = anOwner()
      const { sessionId } = await dues.checkout.start({ owner, ...trial })
      const { custom_text } = await stripe.checkout.sessions.retrieve(sessionId)
      expect(custom_text.submit?.message).toContain('the first payment is taken today')
      const plain = await dues.checkout.start({ owner, plan: 'pro', interval: 'monthly' })
      expect((await stripe.checkout.sessions.retrieve(plain.sessionId)).custom_text.submit).toBeNull()
    })
  },
  { on: { trialRefused: hook }, tuning: { jobs: fastJobs } },
)
