import { describe, expect, it } from 'vitest'
import { subscribing, subscriptionsOf, urls } from '../../testing/checkout.ts'
import { refusalOf } from '../../testing/client.ts'
import { open, submit, textOf, withCard } from '../../testing/visitor.ts'

/** A subscription for 19 dollars a month, with support (5 dollars a month, one to three) and a setup (50, once) to add. */
async function offering() {
  const test = await subscribing()
  const { stripe, price } = test
  const support = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
    product_data: { name: 'Support' },
  })
  const setup = await stripe.prices.create({ currency: 'usd', unit_amount: 5000, product_data: { name: 'Setup' } })
  const create = (params: object = {}) =>
    stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price: price.id, quantity: 1 }],
      optional_items: [
        { price: support.id, quantity: 2, adjustable_quantity: { enabled: true, maximum: 3 } },
        { price: setup.id, quantity: 1 },
      ],
      ...urls,
      ...params,
    })
  const session = await create()
  const url = String(session.url)
  const offers = [...(await open(url)).html.matchAll(/name="item" value="(\w+)"/g)].map(([, id]) => String(id))
  return {
    ...test,
    support,
    setup,
    create,
    session,
    url,
    offers,
    again: () => stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items'] }),
  }
}

describe('optional items at Checkout', () => {
  it('are shown by the session and cost nothing until somebody adds them', async () => {
    const { session, support, setup, again } = await offering()
    expect(session).toMatchObject({
      amount_total: 1900,
      optional_items: [
        { price: support.id, quantity: 2, adjustable_quantity: { enabled: true, maximum: 3, minimum: 0 } },
        { price: setup.id, quantity: 1, adjustable_quantity: null },
      ],
    })
    expect((await again()).line_items?.data).toHaveLength(1)
  })

  it('are no field of a session that has none', async () => {
    const { session } = await subscribing()
    expect(session).not.toHaveProperty('optional_items')
  })

  it('are added on the page, as line items whose quantity can be changed, and taken off again', async () => {
    const { url, offers, again } = await offering()
    expect(textOf((await open(url)).html)).toContain('Add to your order Support × 2')
    await submit(`${url}/offer`, { item: offers[0] ?? '', do: 'add' })
    await submit(`${url}/offer`, { item: offers[0] ?? '', do: 'add' })
    expect(await again()).toMatchObject({
      amount_subtotal: 2900,
      amount_total: 2900,
      line_items: { data: [{ quantity: 1 }, { description: 'Support', quantity: 2, amount_total: 1000 }] },
    })
    await submit(`${url}/quantity`, { item: offers[0] ?? '', quantity: '3' })
    expect((await again()).amount_total).toBe(3400)
    expect((await submit(`${url}/quantity`, { item: offers[0] ?? '', quantity: '4' })).status).toBe(422)
    await submit(`${url}/offer`, { item: offers[0] ?? '', do: 'remove' })
    expect(await again()).toMatchObject({ amount_total: 1900, line_items: { data: [{ quantity: 1 }] } })
  })

  it('are sold with the rest: what recurs on the subscription, what does not on its first invoice', async () => {
    const { stripe, url, offers, again, support, ...test } = await offering()
    for (const item of offers) await submit(`${url}/offer`, { item, do: 'add' })
    await submit(url, withCard('4242424242424242'))
    const session = await again()
    expect(session).toMatchObject({ status: 'complete', amount_total: 7900, optional_items: [{ quantity: 2 }, {}] })
    expect(session.line_items?.data.map(({ description }) => description)).toEqual(['Professional', 'Support', 'Setup'])
    const [subscription] = await subscriptionsOf({ stripe, ...test })
    expect(subscription?.items.data).toMatchObject([{ quantity: 1 }, { price: { id: support.id }, quantity: 2 }])
    expect(await stripe.invoices.retrieve(String(session.invoice))).toMatchObject({ total: 7900, amount_paid: 7900 })
  })

  it('are nothing that a page can be tricked into: what is bought in any case stays, what is not offered is not added', async () => {
    const { url, again } = await offering()
    const bought = String((await again()).line_items?.data[0]?.id)
    for (const action of ['add', 'remove'])
      expect((await submit(`${url}/offer`, { item: bought, do: action })).status).toBe(422)
    expect((await again()).amount_total).toBe(1900)
  })

  it('are offered again, and not bought, where an expired session is recovered', async () => {
    const { stripe, create } = await offering()
    const session = await create({ after_expiration: { recovery: { enabled: true } } })
    const [offer] = [...(await open(String(session.url))).html.matchAll(/name="item" value="(\w+)"/g)]
    await submit(`${session.url}/offer`, { item: String(offer?.[1]), do: 'add' })
    const expired = await stripe.checkout.sessions.expire(session.id)
    await open(String(expired.after_expiration?.recovery?.url))
    const [recovered] = (await stripe.checkout.sessions.list({ limit: 1 })).data
    expect(recovered).toMatchObject({
      recovered_from: session.id,
      amount_total: 1900,
      optional_items: [{ quantity: 2, adjustable_quantity: { maximum: 3 } }, { quantity: 1 }],
    })
  })

  it('must go with what is bought', async () => {
    const { stripe, create, setup } = await offering()
    const yearly = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 5000,
      recurring: { interval: 'year' },
      product_data: { name: 'Support' },
    })
    const offer = (price: string) => ({ optional_items: [{ price, quantity: 1 }] })
    expect((await refusalOf(create(offer(yearly.id)))).message).toBe(
      'Checkout does not support multiple prices with different billing intervals.',
    )
    const payment = { mode: 'payment', line_items: [{ price: setup.id, quantity: 1 }] }
    expect((await refusalOf(create({ ...payment, ...offer(yearly.id) }))).param).toBe('mode')
    const euros = await stripe.prices.create({ currency: 'eur', unit_amount: 100, product_data: { name: 'Tip' } })
    expect((await refusalOf(create(offer(euros.id)))).param).toBe('optional_items[0][price]')
    expect(await refusalOf(create({ optional_items: Array(11).fill({ price: setup.id, quantity: 1 }) }))).toMatchObject(
      {
        message: 'Array optional_items exceeded maximum 10 allowed elements.',
      },
    )
    expect(
      (await refusalOf(create({ ui_mode: 'elements', success_url: undefined, cancel_url: undefined }))).param,
    ).toBe('optional_items')
    expect((await refusalOf(create({ mode: 'setup', currency: 'usd', line_items: undefined }))).message).toBe(
      'You can not pass `optional_items` in `setup` mode.',
    )
  })
})
