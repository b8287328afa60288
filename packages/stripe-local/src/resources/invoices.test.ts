import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, linesOf, openShop, type Shop } from '../../testing/business.ts'
import { refusalOf } from '../../testing/client.ts'

/** A draft with one item for 15 dollars. */
async function draft(params: Partial<Stripe.InvoiceCreateParams> = {}, card: string | null = 'pm_card_visa') {
  const shop = await openShop({ card })
  const invoice = await shop.stripe.invoices.create({ customer: shop.customer.id, ...params })
  await item(shop, { invoice: invoice.id ?? '' })
  return { ...shop, id: invoice.id ?? '' }
}

const item = ({ stripe, customer }: Shop, params: Partial<Stripe.InvoiceItemCreateParams> = {}) =>
  stripe.invoiceItems.create({
    customer: customer.id,
    amount: 1500,
    currency: 'usd',
    description: 'T-Shirt',
    ...params,
  })

describe('an invoice by hand', () => {
  it('is a draft that waits for somebody', async () => {
    const { stripe, id, advance } = await draft()
    await advance('2026-01-10')
    const invoice = await stripe.invoices.retrieve(id)
    expect(invoice).toMatchObject({
      status: 'draft',
      auto_advance: false,
      billing_reason: 'manual',
      number: null,
      total: 1500,
      amount_due: 1500,
      hosted_invoice_url: null,
      parent: null,
    })
    expect(linesOf(invoice)).toEqual(['1500 T-Shirt'])
  })

  it('is finalized: it gets its number and its page', async () => {
    const { stripe, id, customer, eventsOf } = await draft()
    const events = await eventsOf(() => stripe.invoices.finalizeInvoice(id))
    expect(events).toEqual(['invoice.finalized', 'payment_intent.created'])
    expect(await stripe.invoices.retrieve(id)).toMatchObject({
      status: 'open',
      number: `${customer.invoice_prefix}-0001`,
      hosted_invoice_url: expect.stringContaining('http'),
      invoice_pdf: expect.stringContaining('http'),
      status_transitions: { finalized_at: at('2026-01-01') },
    })
    expect((await refusalOf(stripe.invoices.finalizeInvoice(id))).message).toBe(
      "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
    )
  })

  it('is paid, once', async () => {
    const { stripe, id, eventsOf } = await draft()
    const events = await eventsOf(() => stripe.invoices.pay(id))
    expect(events).toEqual([
      'charge.succeeded',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    expect((await refusalOf(stripe.invoices.pay(id))).message).toBe('Invoice is already paid')
    const { data } = await stripe.invoicePayments.list({ invoice: id })
    expect(data).toMatchObject([{ status: 'paid', amount_paid: 1500, payment: { type: 'payment_intent' } }])
  })

  it('that is declined stays open, and the attempt is kept', async () => {
    const { stripe, id } = await draft({}, 'pm_card_chargeCustomerFail')
    expect(await refusalOf(stripe.invoices.pay(id))).toMatchObject({ status: 402, code: 'card_declined' })
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', attempt_count: 1, attempted: true })
  })

  it('is paid outside of Stripe', async () => {
    const { stripe, id } = await draft({}, null)
    expect(await stripe.invoices.pay(id, { paid_out_of_band: true })).toMatchObject({
      status: 'paid',
      amount_paid: 1500,
      amount_remaining: 0,
    })
  })

  it('is sent when it is collected so', async () => {
    const { stripe, id, eventsOf } = await draft({ collection_method: 'send_invoice', days_until_due: 30 })
    const events = await eventsOf(() => stripe.invoices.sendInvoice(id))
    expect(events).toEqual(['invoice.finalized', 'invoice.sent', 'payment_intent.created'])
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', due_date: at('2026-01-31') })
  })

  it('is voided when it is open, and a draft is deleted', async () => {
    const { stripe, id } = await draft()
    expect((await refusalOf(stripe.invoices.voidInvoice(id))).status).toBe(400)
    await stripe.invoices.finalizeInvoice(id)
    expect((await refusalOf(stripe.invoices.del(id))).message).toBe('You can only delete draft invoices.')
    expect(await stripe.invoices.voidInvoice(id)).toMatchObject({
      status: 'void',
      status_transitions: { voided_at: at('2026-01-01') },
    })
  })

  it('that is given up can still be paid', async () => {
    const { stripe, id } = await draft()
    await stripe.invoices.finalizeInvoice(id)
    expect((await stripe.invoices.markUncollectible(id)).status).toBe('uncollectible')
    expect((await stripe.invoices.pay(id)).status).toBe('paid')
  })

  it('takes lines, changes and loses them while it is a draft', async () => {
    const { stripe, id, product } = await draft()
    const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 700 })
    const added = await stripe.invoices.addLines(id, { lines: [{ pricing: { price: price.id }, quantity: 2 }] })
    expect(added.total).toBe(2900)
    const line = added.lines.data.find(({ amount }) => amount === 1400)
    const changed = await stripe.invoices.updateLines(id, { lines: [{ id: line?.id ?? '', quantity: 3 }] })
    expect(changed.total).toBe(3600)
    const removed = await stripe.invoices.removeLines(id, { lines: [{ id: line?.id ?? '', behavior: 'delete' }] })
    expect(linesOf(removed)).toEqual(['1500 T-Shirt'])
    await stripe.invoices.finalizeInvoice(id)
    expect((await refusalOf(stripe.invoices.addLines(id, { lines: [{ amount: 1 }] }))).status).toBe(400)
  })

  it('of nothing is paid at once', async () => {
    const shop = await openShop()
    const { id } = await shop.stripe.invoices.create({ customer: shop.customer.id })
    expect(await shop.stripe.invoices.finalizeInvoice(id ?? '')).toMatchObject({
      status: 'paid',
      total: 0,
      attempted: true,
    })
  })

  it('takes the credit of the customer', async () => {
    const { stripe, id, customer } = await draft()
    await stripe.customers.update(customer.id, { balance: -1000 })
    const open = await stripe.invoices.finalizeInvoice(id)
    expect(open).toMatchObject({ total: 1500, amount_due: 500, starting_balance: -1000, ending_balance: 0 })
    const { data } = await stripe.customers.listBalanceTransactions(customer.id)
    expect(data[0]).toMatchObject({ type: 'applied_to_invoice', amount: 1000, ending_balance: 0, invoice: id })
  })

  it('of too little to charge goes to the balance', async () => {
    const shop = await openShop()
    const { id } = await shop.stripe.invoices.create({ customer: shop.customer.id })
    await item(shop, { invoice: id ?? '', amount: 20 })
    expect(await shop.stripe.invoices.finalizeInvoice(id ?? '')).toMatchObject({ status: 'paid', amount_due: 0 })
    expect(await shop.stripe.customers.retrieve(shop.customer.id)).toMatchObject({ balance: 20 })
  })
})

describe('items that wait for an invoice', () => {
  it('are left alone by an invoice that does not ask for them', async () => {
    const shop = await openShop()
    await item(shop)
    const without = await shop.stripe.invoices.create({ customer: shop.customer.id })
    expect(without.total).toBe(0)
    const having = await shop.stripe.invoices.create({
      customer: shop.customer.id,
      pending_invoice_items_behavior: 'include',
    })
    expect(linesOf(having)).toEqual(['1500 T-Shirt'])
  })

  it('are taken by the next renewal', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1900 })
    await shop.subscribe([{ price: price.id }])
    await shop.advance('2026-01-10')
    await item(shop)
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).map(linesOf).at(-1)).toEqual(['1500 T-Shirt', '1900 1 × Pro (at $19.00 / month)'])
  })

  it('are billed more often where the subscription says so', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 90_000, recurring: { interval: 'year' } })
    const { id } = await shop.subscribe([{ price: price.id }])
    expect(
      await shop.stripe.subscriptions.update(id, { pending_invoice_item_interval: { interval: 'month' } }),
    ).toMatchObject({ next_pending_invoice_item_invoice: at('2026-02-01') })
    await item(shop)
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).at(-1)).toMatchObject({
      billing_reason: 'automatic_pending_invoice_item_invoice',
      status: 'paid',
      total: 1500,
    })
  })

  it('can be changed and deleted until then', async () => {
    const shop = await openShop()
    const { id } = await item(shop)
    expect(await shop.stripe.invoiceItems.update(id, { amount: 1600 })).toMatchObject({ amount: 1600, invoice: null })
    expect(await shop.stripe.invoiceItems.del(id)).toMatchObject({ deleted: true })
    expect((await shop.stripe.invoiceItems.list({ customer: shop.customer.id })).data).toEqual([])
  })
})

describe('what is taken off', () => {
  const expand = ['latest_invoice']

  it.each([
    ['once', [900, 1000, 1000]],
    ['repeating', [900, 900, 1000]],
    ['forever', [900, 900, 900]],
  ] as const)('%s', async (duration, totals) => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1000 })
    const coupon = await shop.stripe.coupons.create({
      percent_off: 10,
      duration,
      ...(duration === 'repeating' && { duration_in_months: 2 }),
    })
    await shop.subscribe([{ price: price.id }], { discounts: [{ coupon: coupon.id }] })
    await shop.advance('2026-03-02')
    expect((await shop.invoices()).map(({ total }) => total)).toEqual(totals)
  })

  it('an amount, spread over the lines to the last cent', async () => {
    const shop = await openShop()
    const [a, b, c] = await Promise.all(['A', 'B', 'C'].map((name) => shop.priceOf(name, { unit_amount: 1000 })))
    const coupon = await shop.stripe.coupons.create({ amount_off: 1000, currency: 'usd', duration: 'once' })
    const { latest_invoice } = await shop.subscribe(
      [a, b, c].map((price) => ({ price: price?.id ?? '' })),
      { discounts: [{ coupon: coupon.id }], expand },
    )
    const invoice = latest_invoice as Stripe.Invoice
    expect(invoice).toMatchObject({ subtotal: 3000, total: 2000, total_discount_amounts: [{ amount: 1000 }] })
    const amounts = invoice.lines.data.map((line) => line.discount_amounts?.[0]?.amount ?? 0)
    expect(amounts.toSorted()).toEqual([333, 333, 334])
  })

  it('of one item alone is in the subtotal already', async () => {
    const shop = await openShop()
    const a = await shop.priceOf('A', { unit_amount: 1000 })
    const b = await shop.priceOf('B', { unit_amount: 1000 })
    const coupon = await shop.stripe.coupons.create({ percent_off: 50, duration: 'forever' })
    const { latest_invoice } = await shop.subscribe(
      [{ price: a.id, discounts: [{ coupon: coupon.id }] }, { price: b.id }],
      { expand },
    )
    expect(latest_invoice).toMatchObject({ subtotal: 1500, total: 1500, total_discount_amounts: [{ amount: 500 }] })
  })

  it('is told of when it comes and when another takes its place', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1000 })
    const [first, second] = await Promise.all(
      [10, 20].map((percent_off) => shop.stripe.coupons.create({ percent_off, duration: 'forever' })),
    )
    let id = ''
    const created = await shop.eventsOf(async () => {
      id = (await shop.subscribe([{ price: price.id }], { discounts: [{ coupon: first?.id ?? '' }] })).id
    })
    expect(created).toContain('customer.discount.created')
    const changed = await shop.eventsOf(() =>
      shop.stripe.subscriptions.update(id, { discounts: [{ coupon: second?.id ?? '' }], proration_behavior: 'none' }),
    )
    expect(changed).toEqual(['customer.discount.created', 'customer.discount.deleted', 'customer.subscription.updated'])
  })

  it('is taken back', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1000 })
    const coupon = await shop.stripe.coupons.create({ percent_off: 10, duration: 'forever' })
    const { id } = await shop.subscribe([{ price: price.id }], { discounts: [{ coupon: coupon.id }] })
    const events = await shop.eventsOf(() => shop.stripe.subscriptions.deleteDiscount(id))
    expect(events).toEqual(['customer.discount.deleted', 'customer.subscription.updated'])
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).map(({ total }) => total)).toEqual([900, 1000])
  })
})

describe('taxes', () => {
  it('come on top, or are within', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1000 })
    const rate = async (inclusive: boolean) =>
      (await shop.stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive })).id
    const on = async (inclusive: boolean) => {
      const { latest_invoice } = await shop.subscribe([{ price: price.id }], {
        default_tax_rates: [await rate(inclusive)],
        expand: ['latest_invoice'],
      })
      return latest_invoice as Stripe.Invoice
    }
    expect(await on(false)).toMatchObject({
      subtotal: 1000,
      total: 1190,
      total_excluding_tax: 1000,
      total_taxes: [{ amount: 190, tax_behavior: 'exclusive', taxable_amount: 1000 }],
    })
    expect(await on(true)).toMatchObject({
      subtotal: 1000,
      total: 1000,
      total_excluding_tax: 840,
      total_taxes: [{ amount: 160, tax_behavior: 'inclusive', taxable_amount: 840 }],
    })
  })
})

describe('a credit note', () => {
  it('gives back a part of what was paid', async () => {
    const { stripe, id, eventsOf } = await draft()
    await stripe.invoices.pay(id)
    const events = await eventsOf(async () => {
      expect(await stripe.creditNotes.create({ invoice: id, refund_amount: 500, amount: 500 })).toMatchObject({
        status: 'issued',
        type: 'post_payment',
        amount: 500,
        total: 500,
      })
    })
    expect(events).toEqual(['charge.refunded', 'credit_note.created', 'invoice.updated', 'refund.created'])
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ post_payment_credit_notes_amount: 500, status: 'paid' })
  })

  it('may stand for a refund that was made before, but not for another invoice’s', async () => {
    const { stripe, id } = await draft()
    await stripe.invoices.pay(id)
    const { data } = await stripe.invoicePayments.list({ invoice: id })
    const refund = await stripe.refunds.create({ payment_intent: String(data[0]?.payment.payment_intent), amount: 400 })
    const note = (refunds: { refund: string; amount_refunded?: number }[]) =>
      stripe.creditNotes.create({ invoice: id, amount: 400, refunds })
    expect((await refusalOf(note([{ refund: refund.id, amount_refunded: 500 }]))).param).toBe(
      'refunds[0][amount_refunded]',
    )
    expect(await note([{ refund: refund.id }])).toMatchObject({
      amount: 400,
      refunds: [{ refund: refund.id, amount_refunded: 400, type: 'refund' }],
    })
    expect((await stripe.refunds.list()).data).toHaveLength(1)
    const other = await stripe.paymentIntents.create({
      amount: 2000,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'http://shop.test',
    })
    const foreign = await stripe.refunds.create({ payment_intent: other.id, amount: 400 })
    expect((await refusalOf(note([{ refund: foreign.id }]))).param).toBe('refunds[0][refund]')
  })

  it('asks for less by the intent that is open, and for nothing once it was paid elsewhere', async () => {
    const { stripe, id, eventsOf } = await draft()
    await stripe.invoices.finalizeInvoice(id)
    await stripe.creditNotes.create({ invoice: id, amount: 500 })
    const { data } = await stripe.invoicePayments.list({ invoice: id })
    const intent = String(data[0]?.payment.payment_intent)
    expect(data[0]?.amount_requested).toBe(1000)
    expect((await stripe.paymentIntents.retrieve(intent)).amount).toBe(1000)
    const events = await eventsOf(() => stripe.invoices.pay(id, { paid_out_of_band: true }))
    expect(events).toEqual(['invoice.paid', 'invoice.payment_succeeded', 'payment_intent.canceled'])
    expect((await stripe.paymentIntents.retrieve(intent)).status).toBe('canceled')
  })

  it('makes an open invoice smaller', async () => {
    const { stripe, id } = await draft()
    await stripe.invoices.finalizeInvoice(id)
    await stripe.creditNotes.create({ invoice: id, amount: 500 })
    expect(await stripe.invoices.retrieve(id)).toMatchObject({
      pre_payment_credit_notes_amount: 500,
      amount_due: 1000,
      status: 'open',
    })
  })

  it('cannot give back more than the invoice', async () => {
    const { stripe, id } = await draft()
    await stripe.invoices.pay(id)
    expect(
      (await refusalOf(stripe.creditNotes.create({ invoice: id, refund_amount: 2000, amount: 2000 }))).status,
    ).toBe(400)
  })
})
