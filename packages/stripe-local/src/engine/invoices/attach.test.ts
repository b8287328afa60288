import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { openShop, type Shop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

/** An open invoice of 15 dollars, which the customer is to pay by himself. */
async function owed() {
  const shop = await openShop()
  const { stripe, customer } = shop
  const invoice = await stripe.invoices.create({
    customer: customer.id,
    collection_method: 'send_invoice',
    days_until_due: 30,
  })
  const id = invoice.id ?? ''
  await stripe.invoiceItems.create({ customer: customer.id, invoice: id, amount: 1500, currency: 'usd' })
  await stripe.invoices.finalizeInvoice(id)
  return { ...shop, id, attach: (intent: string) => stripe.invoices.attachPayment(id, { payment_intent: intent }) }
}

/** A payment intent of somebody's own, paid at once unless told otherwise. */
const intentOf = (
  { stripe, customer, method }: Shop,
  amount: number,
  params: Partial<Stripe.PaymentIntentCreateParams> = {},
) =>
  stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    customer: customer.id,
    payment_method: method?.id ?? '',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...params,
  })

const paymentsOf = async ({ stripe }: Shop, invoice: string): Promise<unknown[]> =>
  (await stripe.invoicePayments.list({ invoice })).data
    .map(({ amount_paid, amount_requested, is_default, status }) => [amount_requested, amount_paid, is_default, status])
    .reverse()

describe('a payment that is attached to an invoice', () => {
  it('is credited at once when it has succeeded already, and the invoice asks for the rest', async () => {
    const shop = await owed()
    const intent = await intentOf(shop, 500, { confirm: true })
    const events = await shop.eventsOf(() => shop.attach(intent.id))
    expect(events).toEqual(['invoice.updated', 'invoice_payment.paid'])
    const invoice = await shop.stripe.invoices.retrieve(shop.id)
    expect(invoice).toMatchObject({ status: 'open', amount_due: 1500, amount_paid: 500, amount_remaining: 1000 })
    expect(await paymentsOf(shop, shop.id)).toEqual([
      [1000, null, true, 'open'],
      [500, 500, false, 'paid'],
    ])
    expect(await shop.stripe.invoices.pay(shop.id)).toMatchObject({ status: 'paid', amount_paid: 1500 })
    const charged = (await shop.stripe.charges.list()).data.map(({ amount }) => amount)
    expect(charged.sort((a, b) => a - b)).toEqual([500, 1000])
  })

  it('is credited when it succeeds, and the one that pays the last cent makes the invoice paid', async () => {
    const shop = await owed()
    const [first, second] = [await intentOf(shop, 600), await intentOf(shop, 900)]
    await shop.attach(first.id)
    expect(await shop.attach(second.id)).toMatchObject({ status: 'open', amount_remaining: 1500 })
    await shop.stripe.paymentIntents.confirm(first.id)
    expect(await shop.stripe.invoices.retrieve(shop.id)).toMatchObject({ status: 'open', amount_remaining: 900 })
    const events = await shop.eventsOf(() => shop.stripe.paymentIntents.confirm(second.id))
    expect(events).toEqual([
      'charge.succeeded',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.canceled',
      'payment_intent.succeeded',
    ])
    expect(await shop.stripe.invoices.retrieve(shop.id)).toMatchObject({ status: 'paid', amount_paid: 1500 })
    expect(await paymentsOf(shop, shop.id)).toEqual([
      [900, null, true, 'canceled'],
      [600, 600, false, 'paid'],
      [900, 900, false, 'paid'],
    ])
  })

  it('leaves the invoice as it is when it is declined or canceled', async () => {
    const shop = await owed()
    const intent = await intentOf(shop, 500)
    await shop.attach(intent.id)
    const failing = await shop.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
      customer: shop.customer.id,
    })
    await refusalOf(shop.stripe.paymentIntents.confirm(intent.id, { payment_method: failing.id }))
    expect(await shop.stripe.invoices.retrieve(shop.id)).toMatchObject({ status: 'open', attempt_count: 0 })
    await shop.stripe.paymentIntents.cancel(intent.id)
    expect(await paymentsOf(shop, shop.id)).toEqual([
      [1500, null, true, 'open'],
      [500, null, false, 'canceled'],
    ])
  })

  it('must be of the same customer and currency, and of no more than remains', async () => {
    const shop = await owed()
    const stranger = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'usd' })
    const inEuros = await intentOf(shop, 500, { currency: 'eur' })
    const tooMuch = await intentOf(shop, 1501)
    for (const { id } of [stranger, inEuros, tooMuch]) {
      expect(await refusalOf(shop.attach(id))).toMatchObject({ status: 400, param: 'payment_intent' })
    }
    const [half, more] = [await intentOf(shop, 800), await intentOf(shop, 701)]
    await shop.attach(half.id)
    expect((await refusalOf(shop.attach(more.id))).status).toBe(501)
    expect((await refusalOf(shop.attach(half.id))).status).toBe(501)
    expect((await refusalOf(shop.stripe.paymentIntents.update(half.id, { amount: 1500 }))).status).toBe(501)
  })

  it('leaves a credit note only what it does not pay itself', async () => {
    const shop = await owed()
    const intent = await intentOf(shop, 1000)
    await shop.attach(intent.id)
    const credit = (amount: number) => shop.stripe.creditNotes.create({ invoice: shop.id, amount })
    expect((await refusalOf(credit(501))).status).toBe(501)
    await credit(500)
    await shop.stripe.paymentIntents.confirm(intent.id)
    expect(await shop.stripe.invoices.retrieve(shop.id)).toMatchObject({ status: 'paid', amount_paid: 1000 })
  })

  it('keeps an invoice from being voided or given up', async () => {
    const shop = await owed()
    const intent = await intentOf(shop, 500)
    await shop.attach(intent.id)
    expect((await refusalOf(shop.stripe.invoices.voidInvoice(shop.id))).status).toBe(400)
    expect((await refusalOf(shop.stripe.invoices.markUncollectible(shop.id))).status).toBe(400)
    await shop.stripe.paymentIntents.confirm(intent.id)
    expect((await refusalOf(shop.stripe.invoices.voidInvoice(shop.id))).status).toBe(400)
    expect(await shop.stripe.invoices.markUncollectible(shop.id)).toMatchObject({ status: 'uncollectible' })
  })

  it('is not attached to an invoice that is paid already', async () => {
    const shop = await owed()
    await shop.stripe.invoices.pay(shop.id)
    const intent = await intentOf(shop, 500)
    expect((await refusalOf(shop.attach(intent.id))).message).toContain("This invoice isn't open.")
  })
})
