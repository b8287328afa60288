import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

describe('a customer', () => {
  it('is complete', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    let customer: object = {}
    const events = await eventsOf(async () => {
      const { lastResponse: _, ...created } = await stripe.customers.create({ email: 'ada@example.com' })
      customer = created
    })
    expect(customer).toEqual({
      id: expect.stringMatching(/^cus_\w{14}$/),
      object: 'customer',
      address: null,
      balance: 0,
      created: expect.any(Number),
      currency: null,
      customer_account: null,
      default_source: null,
      delinquent: false,
      description: null,
      discount: null,
      email: 'ada@example.com',
      invoice_prefix: expect.stringMatching(/^[A-Z0-9]{8}$/),
      invoice_settings: {
        custom_fields: null,
        default_payment_method: null,
        footer: null,
        rendering_options: null,
      },
      livemode: false,
      metadata: {},
      name: null,
      next_invoice_sequence: 1,
      phone: null,
      preferred_locales: [],
      shipping: null,
      tax_exempt: 'none',
      test_clock: null,
    })
    expect(events).toEqual(['customer.created'])
  })

  it('keeps the metadata that an update does not name, loses what it empties, and all of it when it empties all', async () => {
    const { stripe, lastEvent } = await startTestStripe()
    const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } })
    expect((await stripe.customers.update(id, { metadata: { b: '', c: '3' } })).metadata).toEqual({ a: '1', c: '3' })
    expect((await lastEvent('customer.updated')).data.previous_attributes).toEqual({ metadata: { b: '2', c: null } })
    expect((await stripe.customers.update(id, { metadata: '' })).metadata).toEqual({})
  })

  it('that is deleted says so, and is found no more where a customer is wanted', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    const { id } = await stripe.customers.create({ email: 'ada@example.com' })
    expect(await eventsOf(() => stripe.customers.del(id))).toEqual(['customer.deleted'])
    expect(await stripe.customers.retrieve(id)).toEqual({ id, object: 'customer', deleted: true })
    expect((await stripe.customers.list()).data).toEqual([])
    const gone = { status: 400, code: 'resource_missing', message: `No such customer: '${id}'`, param: 'id' }
    expect(await refusalOf(stripe.customers.update(id, { name: 'Ada' }))).toMatchObject(gone)
    expect(await refusalOf(stripe.customers.del(id))).toMatchObject({ ...gone, status: 404 })
    expect(await refusalOf(stripe.paymentIntents.create({ amount: 500, currency: 'usd', customer: id }))).toMatchObject(
      {
        status: 400,
        code: 'resource_missing',
        param: 'customer',
      },
    )
  })

  it('has a balance that is the sum of its transactions', async () => {
    const { stripe } = await startTestStripe()
    const { id } = await stripe.customers.create()
    const change = (amount: number) => stripe.customers.createBalanceTransaction(id, { amount, currency: 'usd' })
    expect(await change(-700)).toMatchObject({ amount: -700, ending_balance: -700, type: 'adjustment', customer: id })
    const second = await change(200)
    expect(second.ending_balance).toBe(-500)
    expect(await stripe.customers.retrieve(id)).toMatchObject({ balance: -500, currency: 'usd' })
    const { data } = await stripe.customers.listBalanceTransactions(id)
    expect(data.map(({ amount }) => amount)).toEqual([200, -700])
    expect(await stripe.customers.retrieveBalanceTransaction(id, second.id)).toMatchObject({ amount: 200 })
    const euros = stripe.customers.createBalanceTransaction(id, { amount: 1, currency: 'eur' })
    expect((await refusalOf(euros)).status).toBe(400)
  })
})
