import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from '../../../../testing/chromium.ts'
import { startTestStripe } from '../../testing/client.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

/** A shop at an origin of its own, whose pages say where the customer has come to. */
async function shop(): Promise<string> {
  const server = http.createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>shop</title><h1>Shop ${request.url}</h1>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function visit(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.on('pageerror', (error) => expect.fail(error.message))
  await page.goto(url)
  return page
}

async function selling() {
  const test = await startTestStripe()
  const origin = await shop()
  const product = await test.stripe.products.create({ name: 'Professional' })
  const price = await test.stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 1900,
    recurring: { interval: 'month' },
  })
  const coupon = await test.stripe.coupons.create({ percent_off: 50, duration: 'forever' })
  await test.stripe.promotionCodes.create({ code: 'HALF', promotion: { type: 'coupon', coupon: coupon.id } })
  const session = await test.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    allow_promotion_codes: true,
    success_url: `${origin}/success?id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${origin}/pricing`,
  })
  return { ...test, origin, session, url: String(session.url) }
}

/** Fields that nobody could tell the meaning of, and content that is wider than the screen. */
const faultsOf = (page: Page): Promise<string[]> =>
  page.evaluate(`[
    ...[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
      .filter((field) => !field.labels?.length)
      .map((field) => 'no label: ' + field.name),
    ...[...document.querySelectorAll('button, a')].filter((each) => !each.textContent.trim()).map((each) => 'no name: ' + each.outerHTML),
    ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one h1']),
    ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['wider than the screen'] : []),
    ...[...document.querySelectorAll('.badge, td')]
      .filter((each) => {
        const { right, width } = each.getBoundingClientRect()
        return width > 1 && right > (each.closest('.table') ?? document.body).getBoundingClientRect().right + 1
      })
      .map((each) => 'cut off: ' + each.textContent.trim()),
  ]`)

describe('in a real browser', () => {
  it('a visitor enters a code, is declined, approves 3D Secure with another card and comes back to the shop', async () => {
    const { url, session, stripe } = await selling()
    const page = await visit(url)
    expect(await page.getByText('a test page on this computer. No money moves.').isVisible()).toBe(true)
    await page.getByLabel('Promotion code').fill('HALF')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('$9.50').first().waitFor()

    await page.getByRole('button', { name: /Declined/ }).click()
    expect(await page.getByLabel('Card number').inputValue()).toBe('4000 0000 0000 0002')
    await page.getByRole('button', { name: 'Subscribe' }).click()
    await page.getByRole('alert').getByText('Your card was declined.').waitFor()

    await page.getByRole('button', { name: /3D Secure always/ }).click()
    await page.getByRole('button', { name: 'Subscribe' }).click()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('heading', { name: `Shop /success?id=${session.id}` }).waitFor()
    expect((await stripe.subscriptions.list()).data).toMatchObject([{ status: 'active' }])

    await page.goBack()
    await page.goto(url)
    expect(await page.getByRole('heading').textContent()).toBe('This has been paid')
  })

  it('a double click pays once', async () => {
    const { url, stripe } = await selling()
    const page = await visit(url)
    await page.getByRole('button', { name: /Pays/ }).click()
    await page.getByRole('button', { name: 'Subscribe' }).dblclick()
    await page.getByRole('heading', { name: 'Shop' }).waitFor()
    expect((await stripe.charges.list()).data).toHaveLength(1)
    expect((await stripe.subscriptions.list()).data).toHaveLength(1)
  })

  it('everything works without scripts, and the way back leads to the shop', async () => {
    const { url, origin, stripe } = await selling()
    const page = await visit(url, { javaScriptEnabled: false })
    await page.getByRole('button', { name: /Pays/ }).click()
    expect(await page.getByLabel('Card number').inputValue()).toBe('4242 4242 4242 4242')
    await page.getByLabel('Email').fill('grace@example.com')
    expect(await page.getByRole('link', { name: /Back to/ }).getAttribute('href')).toBe(`${origin}/pricing`)
    await page.getByRole('button', { name: 'Subscribe' }).click()
    await page.getByRole('heading', { name: 'Shop' }).waitFor()
    expect((await stripe.customers.list()).data).toMatchObject([{ email: 'grace@example.com' }])
  })

  it('a member cancels and comes back to the shop from the portal', async () => {
    const { url, origin, stripe } = await selling()
    const page = await visit(url)
    await page.getByRole('button', { name: /Pays/ }).click()
    await page.getByRole('button', { name: 'Subscribe' }).click()
    await page.getByRole('heading', { name: 'Shop' }).waitFor()
    const [customer] = (await stripe.customers.list()).data
    const portal = await stripe.billingPortal.sessions.create({
      customer: String(customer?.id),
      return_url: `${origin}/account`,
    })
    await page.goto(portal.url)
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.getByLabel('It is too expensive').check()
    await page.getByRole('button', { name: 'Cancel subscription' }).click()
    await page.getByText('It ends on').waitFor()
    await page.getByRole('link', { name: 'Return to' }).click()
    await page.getByRole('heading', { name: 'Shop /account' }).waitFor()
  })

  it('every page fits a phone and says what its fields and buttons are, in both themes', async () => {
    const { url, local, stripe, session } = await selling()
    const shopper = await visit(url)
    await shopper.getByRole('button', { name: /Pays/ }).click()
    await shopper.getByRole('button', { name: 'Subscribe' }).click()
    await shopper.getByRole('heading', { name: 'Shop' }).waitFor()
    const { customer, subscription, invoice } = await stripe.checkout.sessions.retrieve(session.id)
    const portal = await stripe.billingPortal.sessions.create({ customer: String(customer) })
    const paid = await stripe.invoices.retrieve(String(invoice))
    const [charge] = (await stripe.charges.list()).data
    const [event] = (await stripe.events.list()).data
    const again = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price_data: { currency: 'eur', product_data: { name: 'Map' }, unit_amount: 500 }, quantity: 1 }],
      allowed_payment_method_types: ['card', 'sepa_debit'],
      billing_address_collection: 'required',
      success_url: 'http://shop.test/',
    })
    const home = (await (await fetch(local.url, { redirect: 'follow' })).url) as string
    const inDashboard = [
      '',
      'list',
      'list/customer',
      'list/invoice',
      'events',
      `events/${event?.id}`,
      'webhooks',
      'requests',
      'clock',
      'faults',
      'settings',
      `objects/${customer}`,
      `objects/${subscription}`,
    ]
    const pages = [
      String(again.url),
      portal.url,
      `${portal.url}/cards/new`,
      `${portal.url}/details`,
      `${portal.url}/subscriptions/${subscription}/cancel`,
      String(paid.hosted_invoice_url),
      String(charge?.receipt_url),
      `${local.url}/_local/accounts`,
      ...inDashboard.map((path) => (path ? `${home}/${path}` : home)),
    ]
    const page = await visit(url, { viewport: { width: 390, height: 844 } })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const address of pages) {
        await page.goto(address)
        expect([address, ...(await faultsOf(page))]).toEqual([address])
      }
    }
  })

  it('a long address breaks instead of pushing the page wider than a phone', async () => {
    const { stripe } = await startTestStripe()
    const customer = await stripe.customers.create({
      email: 'the.whole.name.of.somebody.1795464412047@publishing-house.example',
    })
    const invoice = await stripe.invoices.create({ customer: customer.id })
    await stripe.invoiceItems.create({ customer: customer.id, invoice: invoice.id, amount: 1900, currency: 'usd' })
    const { hosted_invoice_url } = await stripe.invoices.finalizeInvoice(String(invoice.id))
    const portal = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      return_url: 'http://localhost/',
    })
    const page = await visit(portal.url, { viewport: { width: 390, height: 844 } })
    expect(await faultsOf(page)).toEqual([])
    await page.goto(String(hosted_invoice_url))
    expect(await faultsOf(page)).toEqual([])
  })

  it('the total follows the way to ship that is chosen, and nothing that was typed is lost', async () => {
    const { stripe } = await startTestStripe()
    const ways = [
      { display_name: 'Post', fixed_amount: { amount: 500, currency: 'usd' } },
      { display_name: 'Courier', fixed_amount: { amount: 1200, currency: 'usd' } },
    ]
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price_data: { currency: 'usd', product_data: { name: 'Map' }, unit_amount: 1500 }, quantity: 1 }],
      shipping_options: ways.map((shipping_rate_data) => ({ shipping_rate_data })),
      success_url: `${await shop()}/done`,
    })
    const page = await visit(String(session.url), { viewport: { width: 390, height: 844 } })
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: /^Pays/ }).click()
    await page.getByLabel('Name on the card').fill('Ada Byron')
    await page.getByLabel('Courier').check()
    await page.getByRole('button', { name: 'Pay $27.00' }).waitFor()
    expect(await page.getByLabel('Name on the card').inputValue()).toBe('Ada Byron')
    expect(await page.evaluate('document.activeElement.name')).toBe('shipping_rate')
    await page.getByRole('button', { name: 'Pay $27.00' }).click()
    await page.getByRole('heading', { name: 'Shop /done' }).waitFor()
    expect((await stripe.charges.list()).data).toMatchObject([{ amount: 2700 }])
  })
})
