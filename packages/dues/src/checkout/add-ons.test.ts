import { expect, test } from 'vitest'
import { type App, anOwner, onOneApp } from '../../testing/app.ts'
import { enterCard } from '../../testing/pages.ts'
import { comeBackIntent } from './reservation.ts'

/** What is on a Checkout: lookup keys and how many. */
async function linesOf({ stripe }: App, session: string) {
  const { data } = await stripe.checkout.sessions.listLineItems(session)
  return data.map(({ price, quantity }) => [price?.lookup_key, quantity])
}

onOneApp('a Checkout with add-ons', (app) => {
  test('asks for the plan first and for what is beside it, and makes one subscription of it', async () => {
    const { dues, stripe } = app()
    const owner = anOwner()
    const { sessionId, url } = await dues.checkout.start({
      owner,
      plan: 'pro',
      interval: 'yearly',
      addOns: { support: 1, storage: 2 },
    })
    expect(await linesOf(app(), sessionId)).toEqual([
      ['dues_pro_yearly', 1],
      ['dues_addon_support_yearly', 1],
      ['dues_addon_storage_yearly', 2],
    ])
    await enterCard(url)
    const bought = await dues.checkout.complete(owner, sessionId)
    expect(bought).toMatchObject({
      outcome: 'complete',
      plan: 'pro',
      interval: 'yearly',
      addOns: { storage: 2, support: 1 },
      amountTotal: 19_000 + 20_000 + 2 * 5_000,
    })
    expect(bought.member).toMatchObject({ plan: 'pro', addOns: { storage: 2, support: 1 } })
    const { data } = await stripe.subscriptions.list({ customer: (await app().customersOf(owner.id))[0]?.id ?? '' })
    expect(data.map(({ items }) => items.data.length)).toEqual([3])
  })

  test('is another one than without them, and the first is closed', async () => {
    const { dues, stripe } = app()
    const owner = anOwner()
    const wish = { owner, plan: 'pro', interval: 'monthly' } as const
    const without = await dues.checkout.start(wish)
    const one = await dues.checkout.start({ ...wish, addOns: { storage: 1 } })
    expect((await dues.checkout.start({ ...wish, addOns: { storage: 1, support: 0 } })).sessionId).toBe(one.sessionId)
    expect((await stripe.checkout.sessions.retrieve(without.sessionId)).status).toBe('expired')
  })

  test('can be started by a program and by a form', async () => {
    const { ask, dues, url } = app()
    const [{ id }, other] = [anOwner(), anOwner()]
    const plan = { plan: 'pro', interval: 'monthly' }
    const told = await ask(id, '/checkout', { ...plan, addOns: { storage: 2, support: 0 } })
    const { sessionId } = (await told.json()) as { sessionId: string }
    expect(await linesOf(app(), sessionId)).toEqual([
      ['dues_pro_monthly', 1],
      ['dues_addon_storage_monthly', 2],
    ])
    const body = new URLSearchParams({ ...plan, 'addOns[storage]': '2', 'addOns[support]': '' })
    const headers = { 'x-owner': other.id, origin: url }
    const sent = await dues.handler(new Request(`${url}/billing/checkout`, { method: 'POST', headers, body }))
    expect(sent.status).toBe(303)
    const [session] = (await app().stripe.checkout.sessions.list({ limit: 1 })).data
    expect([session?.client_reference_id, await linesOf(app(), session?.id ?? '')]).toEqual([
      other.id,
      [
        ['dues_pro_monthly', 1],
        ['dues_addon_storage_monthly', 2],
      ],
    ])
  })

  test.each([
    [{ stroage: 1 }, 'add_on_unknown'],
    [{ storage: 21 }, 'bad_request'],
    [{ support: 2 }, 'bad_request'],
  ])('refuses %j: %s', async (addOns: object, code) => {
    const { dues, customersOf } = app()
    const owner = anOwner()
    const refused = dues.checkout.start({ owner, plan: 'pro', interval: 'monthly', addOns })
    await expect(refused).rejects.toMatchObject({ code })
    expect(await customersOf(owner.id)).toEqual([])
  })

  test('is another purchase for who comes back, and not the one that is under way', () => {
    const [plan, storage] = [{ price: 'price_pro', quantity: 1 }, { price: 'price_storage' }]
    const wishes = [[plan], [plan, storage], [plan, { ...storage, quantity: 2 }], [{ ...plan, quantity: 2 }, storage]]
    expect(new Set(wishes.map(comeBackIntent)).size).toBe(4)
  })

  test('is had by invoice, and by coming back, as well', async () => {
    const { dues } = app()
    const owner = anOwner()
    await dues.checkout.startByInvoice({ owner, plan: 'ent', interval: 'monthly', addOns: { storage: 4 } })
    expect(await dues.member(owner.id)).toMatchObject({ plan: 'ent', addOns: { storage: 4 } })
    const { id } = anOwner()
    await app().subscribe(id)
    await dues.subscriptions.cancel(id, { when: 'now' })
    const back = await dues.subscriptions.comeBack(id, 'pro', 'yearly', { addOns: { storage: 3 } })
    expect(back).toMatchObject({ plan: 'pro', interval: 'yearly', addOns: { storage: 3, support: 0 } })
  })
})
