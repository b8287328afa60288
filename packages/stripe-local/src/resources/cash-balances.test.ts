import { expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

it('a cash balance is empty, for no bank transfer comes in here', async () => {
  const { stripe } = await startTestStripe()
  const { id } = await stripe.customers.create()
  expect(await stripe.customers.retrieveCashBalance(id)).toMatchObject({
    object: 'cash_balance',
    available: null,
    customer: id,
    settings: { reconciliation_mode: 'automatic', using_merchant_default: true },
  })
  expect((await stripe.customers.listCashBalanceTransactions(id)).data).toEqual([])
  expect(await refusalOf(stripe.customers.retrieveCashBalance('cus_nobody'))).toMatchObject({
    status: 404,
    message: "No such customer: 'cus_nobody'",
  })
})

it('a cash balance keeps how it is to be reconciled, until it follows the account again', async () => {
  const { stripe } = await startTestStripe()
  const { id } = await stripe.customers.create()
  const set = (reconciliation_mode: 'manual' | 'merchant_default') =>
    stripe.customers.updateCashBalance(id, { settings: { reconciliation_mode } })
  const manual = { reconciliation_mode: 'manual', using_merchant_default: false }
  expect((await set('manual')).settings).toEqual(manual)
  const { cash_balance } = (await stripe.customers.retrieve(id, { expand: ['cash_balance'] })) as {
    cash_balance?: { settings: object }
  }
  expect(cash_balance?.settings).toEqual(manual)
  expect((await set('merchant_default')).settings).toEqual({
    reconciliation_mode: 'automatic',
    using_merchant_default: true,
  })
})

it('a customer has no sources of the old kind, whatever cards are attached', async () => {
  const { stripe } = await startTestStripe()
  const { id } = await stripe.customers.create()
  await stripe.paymentMethods.attach('pm_card_visa', { customer: id })
  expect(await stripe.customers.listSources(id)).toMatchObject({ data: [], has_more: false })
  expect((await refusalOf(stripe.customers.listSources('cus_nobody'))).status).toBe(404)
})
