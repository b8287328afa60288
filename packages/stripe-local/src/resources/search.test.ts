import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, openShop } from '../../testing/business.ts'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

async function start() {
  const test = await startTestStripe()
  const amy = await test.stripe.customers.create({
    email: 'Amy@rocketrides.io',
    name: 'Amy',
    metadata: { plan: 'pro', n: '1' },
  })
  const bob = await test.stripe.customers.create({ email: 'bob@example.com', name: 'Bob', metadata: { plan: 'free' } })
  const names: Record<string, string> = { [amy.id]: 'amy', [bob.id]: 'bob' }
  const found = async (query: string) => (await test.stripe.customers.search({ query })).data.map(({ id }) => names[id])
  return { ...test, amy, bob, found }
}

describe('a search', () => {
  it('finds by what is written, without regard to case', async () => {
    const { found } = await start()
    expect(await found('email:"amy@rocketrides.io"')).toEqual(['amy'])
    expect(await found('email~"ROCKET"')).toEqual(['amy'])
    expect(await found('-email:"amy@rocketrides.io"')).toEqual(['bob'])
    expect(await found('name:"amy" OR name:"bob"')).toEqual(['bob', 'amy'])
    expect(await found('metadata["plan"]:"pro"')).toEqual(['amy'])
    expect(await found('-metadata["n"]:null')).toEqual(['amy'])
    expect(await found('metadata["n"]:null')).toEqual(['bob'])
    expect(await found('phone:null AND name:"bob"')).toEqual(['bob'])
    expect(await found('created>0 name:"amy"')).toEqual(['amy'])
  })

  it('does not find what was deleted', async () => {
    const { stripe, amy, found } = await start()
    await stripe.customers.del(amy.id)
    expect(await found('created>0')).toEqual(['bob'])
  })

  it('is paged, counted when asked, and expanded', async () => {
    const { stripe } = await start()
    const first = await stripe.customers.search({ query: 'created>0', limit: 1, expand: ['total_count'] })
    expect(first).toMatchObject({
      object: 'search_result',
      has_more: true,
      total_count: 2,
      url: '/v1/customers/search',
    })
    const second = await stripe.customers.search({ query: 'created>0', limit: 1, page: first.next_page ?? '' })
    expect(second).toMatchObject({ has_more: false, next_page: null })
    expect(second.data[0]?.name).toBe('Amy')
    expect(second).not.toHaveProperty('total_count')
    const all = await stripe.customers.search({ query: 'created>0', limit: 1 }).autoPagingToArray({ limit: 10 })
    expect(all.map(({ name }) => name)).toEqual(['Bob', 'Amy'])
    expect(await refusalOf(stripe.customers.search({ query: 'created>0', page: 'nonsense' }))).toMatchObject({
      param: 'page',
    })
  })

  it('is refused for fields that cannot be searched, in the words of Stripe', async () => {
    const { stripe } = await start()
    expect(await refusalOf(stripe.prices.search({ query: 'foo:"bar"' }))).toEqual({
      status: 400,
      message:
        'Field `foo` is an unsupported search field for resource `prices`. See http://stripe.com/docs/search#query-fields-for-prices for a list of supported fields.',
    })
    expect(await refusalOf(stripe.customers.search({ query: '__proto__:"bar"' }))).toMatchObject({ status: 400 })
    expect(await refusalOf(stripe.customers.search({ query: 'email~"am"' }))).toMatchObject({
      status: 400,
      param: 'query',
    })
    // @ts-expect-error The query is required.
    expect(await refusalOf(stripe.customers.search({}))).toMatchObject({ message: 'Missing required param: query.' })
  })
})

describe('a search in', () => {
  /** Two products with a price each; of the first, a subscription that was canceled and one that goes on. */
  async function shop() {
    const { stripe, customer, ...shop } = await openShop()
    const pro = await stripe.products.update(shop.product.id, { description: 'All of it', metadata: { n: '1' } })
    const pin = await stripe.products.create({ name: 'Pin', shippable: true, url: 'https://shop.example/pin' })
    const monthly = await shop.price({ unit_amount: 1900, lookup_key: 'pro_monthly', metadata: { n: '1' } })
    const once = await stripe.prices.create({ product: pin.id, currency: 'eur', unit_amount: 500 })
    await stripe.prices.update(once.id, { active: false })
    const first = await shop.subscribe([{ price: monthly.id }], { metadata: { n: '1' } })
    await shop.advance('2026-01-05')
    await stripe.subscriptions.cancel(first.id)
    const second = await shop.subscribe([{ price: monthly.id, quantity: 2 }])
    const [paid, other] = await shop.invoices()
    await stripe.invoices.update(paid?.id ?? '', { metadata: { n: '1' } })
    return { stripe, customer, pro, pin, monthly, once, first, second, paid, other }
  }

  const idsOf = async (found: Promise<{ data: { id?: string }[] }>) => (await found).data.map(({ id }) => id)

  it('products is by each of their fields', async () => {
    const { stripe, pro, pin } = await shop()
    const found = (query: string) => idsOf(stripe.products.search({ query }))
    expect(await found("active:'true'")).toEqual([pin.id, pro.id])
    expect(await found("active:'false'")).toEqual([])
    expect(await found("description~'all'")).toEqual([pro.id])
    expect(await found("name:'pin'")).toEqual([pin.id])
    expect(await found("shippable:'true'")).toEqual([pin.id])
    expect(await found("url~'shop.example'")).toEqual([pin.id])
    expect(await found("metadata['n']:'1'")).toEqual([pro.id])
  })

  it('prices is by each of their fields', async () => {
    const { stripe, pin, monthly, once } = await shop()
    const found = (query: string) => idsOf(stripe.prices.search({ query }))
    expect(await found("active:'true'")).toEqual([monthly.id])
    expect(await found("currency:'eur'")).toEqual([once.id])
    expect(await found("lookup_key:'pro_monthly'")).toEqual([monthly.id])
    expect(await found(`product:'${pin.id}'`)).toEqual([once.id])
    expect(await found("type:'recurring'")).toEqual([monthly.id])
    expect(await found("metadata['n']:'1'")).toEqual([monthly.id])
  })

  it('subscriptions is by each of their fields', async () => {
    const { stripe, first, second } = await shop()
    const found = (query: string) => idsOf(stripe.subscriptions.search({ query }))
    expect(await found("status:'active'")).toEqual([second.id])
    expect(await found("status:'canceled'")).toEqual([first.id])
    expect(await found(`created<${at('2026-01-02')}`)).toEqual([first.id])
    expect(await found(`created>=${second.created}`)).toEqual([second.id])
    expect(await found(`canceled_at>${at('2026-01-04')}`)).toEqual([first.id])
    expect(await found("metadata['n']:'1'")).toEqual([first.id])
    expect(await found("status:'active' OR metadata['n']:'1'")).toEqual([second.id, first.id])
  })

  it('invoices is by each of their fields', async () => {
    const { stripe, customer, first, second, paid, other } = await shop()
    const found = (query: string) => idsOf(stripe.invoices.search({ query }))
    expect(await found('total>1900')).toEqual([other?.id])
    expect(await found('total:1900')).toEqual([paid?.id])
    expect(await found(`number:'${paid?.number}'`)).toEqual([paid?.id])
    expect(await found(`subscription:'${second.id}'`)).toEqual([other?.id])
    expect(await found(`subscription:'${first.id}' AND status:'paid'`)).toEqual([paid?.id])
    expect(await found(`customer:'${customer.id}'`)).toEqual([other?.id, paid?.id])
    expect(await found("customer:'cus_nobody'")).toEqual([])
    expect(await found("currency:'usd' AND status:'open'")).toEqual([])
    expect(await found(`created<${at('2026-01-02')}`)).toEqual([paid?.id])
    expect(await found('receipt_number:null')).toEqual([other?.id, paid?.id])
    expect(await found('last_finalization_error_code:null')).toEqual([other?.id, paid?.id])
    expect(await found("metadata['n']:'1'")).toEqual([paid?.id])
  })
})

describe('the list of events', () => {
  it('is narrowed by type, by several, and by a pattern', async () => {
    const { stripe } = await start()
    await stripe.products.create({ name: 'P' })
    const typesOf = async (params: Stripe.EventListParams) =>
      (await stripe.events.list(params)).data.map(({ type }) => type)
    expect(await typesOf({ type: 'product.created' })).toEqual(['product.created'])
    expect(await typesOf({ type: 'product.*' })).toEqual(['product.created'])
    expect(await typesOf({ types: ['product.created', 'customer.created'] })).toEqual([
      'product.created',
      'customer.created',
      'customer.created',
    ])
    expect(await refusalOf(stripe.events.list({ type: 'a', types: ['b'] }))).toMatchObject({ status: 400 })
    const [event] = (await stripe.events.list({ limit: 1 })).data
    expect(await stripe.events.retrieve(event?.id ?? '')).toMatchObject({
      id: event?.id,
      request: { id: expect.stringMatching(/^req_/) },
    })
  })

  it('forgets after thirty days', async () => {
    const { local, stripe } = await start()
    await fetch(`${local.url}/_local/clock`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_resources' },
      body: JSON.stringify({ days: 31 }),
    })
    expect((await stripe.events.list()).data).toEqual([])
  })
})

describe('the account', () => {
  it('is that of the key, and knows no other', async () => {
    const { stripe } = await start()
    const account = await stripe.accounts.retrieveCurrent()
    expect(account).toMatchObject({ object: 'account', charges_enabled: true, country: 'US', default_currency: 'usd' })
    expect(await stripe.accounts.retrieve(account.id)).toMatchObject({ id: account.id })
    expect(await refusalOf(stripe.accounts.retrieve('acct_nope'))).toMatchObject({
      status: 403,
      code: 'account_invalid',
    })
  })
})
