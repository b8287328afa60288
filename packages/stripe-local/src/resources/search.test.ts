import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
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
