import { expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

it('keeps the tax ids of a customer under both paths', async () => {
  const { stripe, eventsOf } = await startTestStripe()
  const { id: customer } = await stripe.customers.create()
  const made = await stripe.taxIds.create({
    type: 'eu_vat',
    value: 'DE123456789',
    owner: { type: 'customer', customer },
  })
  expect(made).toMatchObject({ country: 'DE', customer, owner: { type: 'customer', customer } })
  expect((await stripe.customers.retrieveTaxId(customer, made.id)).value).toBe('DE123456789')
  const { data } = await stripe.taxIds.list({ owner: { type: 'customer', customer } })
  expect(data.map(({ id }) => id)).toEqual([made.id])
  expect(await eventsOf(() => stripe.taxIds.del(made.id))).toEqual(['customer.tax_id.deleted'])
})

it('keeps the account’s own when nobody else is named', async () => {
  const { stripe } = await startTestStripe()
  const own = await stripe.taxIds.create({ type: 'us_ein', value: '12-3456789' })
  expect(own).toMatchObject({
    country: 'US',
    customer: null,
    owner: { type: 'self', customer_account: null },
    verification: null,
  })
  expect((await stripe.taxIds.list()).data.map(({ id }) => id)).toEqual([own.id])
  await stripe.taxIds.del(own.id)
  expect((await refusalOf(stripe.taxIds.retrieve(own.id))).status).toBe(404)
})

it('are refused when they cannot be a VAT number, and those of Greece are of Greece', async () => {
  const { stripe } = await startTestStripe()
  const { id } = await stripe.customers.create()
  expect(await refusalOf(stripe.customers.createTaxId(id, { type: 'eu_vat', value: '123' }))).toMatchObject({
    status: 400,
    code: 'tax_id_invalid',
    message: 'Invalid value for eu_vat.',
  })
  expect((await stripe.customers.createTaxId(id, { type: 'eu_vat', value: 'EL123456789' })).country).toBe('GR')
})
