import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { startTestStripe } from '../../../testing/client.ts'
import { open, submit, textOf, withCard } from '../../../testing/visitor.ts'

/** An open invoice of 49 dollars for a customer without a card. */
async function billed() {
  const test = await startTestStripe()
  const { stripe } = test
  const customer = await stripe.customers.create({ email: 'ada@example.com', name: 'Ada Lovelace' })
  const draft = await stripe.invoices.create({
    customer: customer.id,
    collection_method: 'send_invoice',
    days_until_due: 30,
  })
  await stripe.invoiceItems.create({
    customer: customer.id,
    invoice: draft.id,
    amount: 4900,
    currency: 'usd',
    description: 'A survey',
  })
  const invoice = await stripe.invoices.finalizeInvoice(String(draft.id))
  const url = String(invoice.hosted_invoice_url)
  const status = async () => (await stripe.invoices.retrieve(String(invoice.id))).status
  return { ...test, customer, invoice, draft, url, status }
}

describe('a hosted invoice', () => {
  it('says what is owed, to whom and for what', async () => {
    const { url, invoice } = await billed()
    const text = textOf((await open(url)).html)
    for (const words of [String(invoice.number), '$49.00 due on', 'Ada Lovelace', 'A survey', 'Amount due $49.00'])
      expect(text).toContain(words)
  })

  it('is paid with a test card, once', async () => {
    const { url, status, stripe, eventsOf } = await billed()
    const types = await eventsOf(() => submit(url, withCard('4242424242424242', { with: 'new' })))
    expect(types).toEqual(expect.arrayContaining(['charge.succeeded', 'invoice.paid', 'payment_intent.succeeded']))
    expect(await status()).toBe('paid')
    await submit(url, withCard('4242424242424242', { with: 'new' }))
    expect((await stripe.charges.list()).data).toHaveLength(1)
    expect(textOf((await open(url)).html)).toContain('$49.00 paid')
  })

  it('tells why a card was refused, and takes another', async () => {
    const { url, status } = await billed()
    expect(textOf((await submit(url, withCard('4000000000009995', { with: 'new' }))).html)).toContain(
      'Your card has insufficient funds.',
    )
    expect(await status()).toBe('open')
    expect(textOf((await submit(url, withCard('4111111111111111', { with: 'new' }))).html)).toContain(
      'not the number of a test card',
    )
    await submit(url, withCard('5555555555554444', { with: 'new' }))
    expect(await status()).toBe('paid')
  })

  it('asks for 3D Secure and comes back', async () => {
    const { url, status, local } = await billed()
    const sent = await submit(url, withCard('4000002760003184', { with: 'new' }))
    const bank = new URL(local.url + sent.location)
    const back = String(bank.searchParams.get('back'))
    expect((await submit(bank.href, { decision: 'refuse', back })).location).toBe(back)
    expect(await status()).toBe('open')
    const again = await submit(url, withCard('4000002760003184', { with: 'new' }))
    await submit(local.url + again.location, { decision: 'approve', back })
    expect(await status()).toBe('paid')
  })

  it('has no page while it is a draft', async () => {
    const { stripe, customer, url } = await billed()
    const draft = await stripe.invoices.create({ customer: customer.id })
    const page = await open(url.replace(/in_\w+$/, String(draft.id)))
    expect([page.status, textOf(page.html).includes('still a draft')]).toEqual([404, true])
  })

  it('is a PDF as well, the same whenever it is asked for', async () => {
    const { invoice } = await billed()
    const read = async () => {
      const answer = await fetch(String(invoice.invoice_pdf))
      expect(answer.headers.get('content-type')).toBe('application/pdf')
      expect(answer.headers.get('content-disposition')).toContain(`invoice-${invoice.number}.pdf`)
      return Buffer.from(await answer.arrayBuffer())
    }
    const first = await read()
    expect(first.subarray(0, 5).toString()).toBe('%PDF-')
    expect(first.equals(await read())).toBe(true)
  })

  it('fits many lines, and letters that its fonts do not have, into a PDF', async () => {
    const { stripe, customer } = await billed()
    const draft = await stripe.invoices.create({ customer: customer.id })
    for (let line = 0; line < 60; line++) {
      await stripe.invoiceItems.create({
        customer: customer.id,
        invoice: draft.id,
        amount: 100,
        currency: 'usd',
        description: `地図 ${line} — ₹ naïve`,
      })
    }
    const invoice = await stripe.invoices.finalizeInvoice(String(draft.id))
    const pdf = Buffer.from(await (await fetch(String(invoice.invoice_pdf))).arrayBuffer())
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1)
  })
})

describe('a receipt', () => {
  it('is there for a charge that was paid, as a page and as a PDF', async () => {
    const { stripe, url } = await billed()
    await submit(url, withCard('4242424242424242', { with: 'new' }))
    const [charge] = (await stripe.charges.list()).data as [Stripe.Charge]
    const text = textOf((await open(String(charge.receipt_url))).html)
    for (const words of ['$49.00 paid on', 'Visa', '4242', 'A survey']) expect(text).toContain(words)
    const pdf = await fetch(`${charge.receipt_url}/pdf`)
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
  })
})
