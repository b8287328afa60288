import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startTestStripe } from '../../../testing/client.ts'
import { open, submit, textOf } from '../../../testing/visitor.ts'
import { startStripeLocal } from '../../index.ts'

async function dashboard() {
  const test = await startTestStripe()
  const customer = await test.stripe.customers.create({ name: 'Ada <b>Lovelace</b>', email: 'ada@example.com' })
  const home = String((await open(test.local.url)).location)
  const at = (path: string): string => `${test.local.url}${home}${path && `/${path}`}`
  return { ...test, customer, at }
}

/** A webhook that answers as it is told to. */
async function webhook(answer: { status: number }) {
  let calls = 0
  const server = http.createServer((request, response) => {
    calls++
    request.resume().on('end', () => response.writeHead(answer.status).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls: () => calls }
}

describe('the dashboard', () => {
  it('tells a newcomer how to begin', async () => {
    const local = await startStripeLocal()
    onTestFinished(() => local.stop())
    const text = textOf((await open(local.url)).html)
    expect(text).toContain('Nobody has called yet')
    expect(text).toContain(`port: ${local.port}`)
  })

  it('shows accounts by their keys, masked, and each only its own', async () => {
    const { local, at } = await dashboard()
    await fetch(`${local.url}/v1/customers`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_somebody_else' },
      body: 'name=Grace',
    })
    const accounts = await open(`${local.url}/_local/accounts`)
    expect(textOf(accounts.html)).toContain('sk_test_…rces')
    for (const key of ['sk_test_resources', 'sk_test_somebody_else']) expect(accounts.html).not.toContain(key)
    expect(textOf((await open(at('list/customer'))).html)).not.toContain('Grace')
  })

  it('shows an object with what belongs to it, and escapes what people have typed', async () => {
    const { stripe, customer, at } = await dashboard()
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    const page = await open(at(`objects/${customer.id}`))
    expect(page.html).not.toContain('<b>Lovelace')
    const text = textOf(page.html)
    for (const words of ['Payment methods', '4242', 'payment_method.attached'.slice(0, 8), 'customer.created'])
      expect(text).toContain(words)
    const [method] = (await stripe.customers.listPaymentMethods(customer.id)).data
    const ofMethod = await open(at(`objects/${method?.id}`))
    expect(ofMethod.html).toContain(`href="/_local/${at('').split('/').at(-1)}/objects/${customer.id}"`)
  })

  it('finds an object by its id, and a customer by a part of the email', async () => {
    const { customer, at } = await dashboard()
    expect((await open(`${at('search')}?q=${customer.id}`)).location).toContain(`/objects/${customer.id}`)
    expect(textOf((await open(`${at('search')}?q=ADA@exa`)).html)).toContain('ada@example.com')
    expect(textOf((await open(`${at('search')}?q=nobody`)).html)).toContain('Nothing is called “nobody”')
  })

  it('shows every kind of object that there is, and pages through many', async () => {
    const { stripe, at } = await dashboard()
    for (let i = 0; i < 60; i++) await stripe.customers.create({ name: `Customer ${i}` })
    const first = textOf((await open(at('list/customer'))).html)
    expect(first).toContain('61 objects')
    expect(first).toContain('Customer 59')
    expect(first).not.toContain('Customer 5 ')
    expect(textOf((await open(`${at('list/customer')}?before=11`)).html)).toContain('Customer 9')
    expect((await open(at('list'))).status).toBe(200)
  })

  it('adds an endpoint, shows what was delivered and sends an event again', async () => {
    const { stripe, local, at } = await dashboard()
    const hook = await webhook({ status: 500 })
    expect((await submit(at('webhooks'), { url: 'nothing' })).status).toBe(422)
    await submit(at('webhooks'), { url: hook.url })
    await stripe.customers.create({ name: 'Grace' })
    await local.settled('sk_test_resources')
    const [event] = (await stripe.events.list({ type: 'customer.created', limit: 1 })).data
    expect(textOf((await open(at('webhooks'))).html)).toContain('customer.created')
    expect(textOf((await open(at(`events/${event?.id}`))).html)).toContain('answered 500')
    const before = hook.calls()
    await submit(at(`events/${event?.id}/resend`), {})
    expect(hook.calls()).toBe(before + 1)
  })

  it('shows what was delivered as a thin notification, and sends that again', async () => {
    const { stripe, local, at } = await dashboard()
    const hook = await webhook({ status: 500 })
    await stripe.v2.core.eventDestinations.create({
      name: 'thin',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v1.customer.created'],
      webhook_endpoint: { url: hook.url },
    })
    await stripe.customers.create({ name: 'Grace' })
    await local.settled('sk_test_resources')
    const [event] = (await stripe.events.list({ type: 'customer.created', limit: 1 })).data
    const page = await open(at(`events/${event?.id}`))
    expect(textOf(page.html)).toContain('answered 500')
    const [, resend = ''] = /action="([^"]+\/resend)"/.exec(page.html) ?? []
    const before = hook.calls()
    expect((await submit(local.url + resend, {})).location).toContain(`/events/${event?.id}`)
    expect(hook.calls()).toBe(before + 1)
  })

  it('shows each request with what was sent and what was answered', async () => {
    const { stripe, local, at } = await dashboard()
    const refused = await stripe.customers.retrieve('cus_missing').catch((error) => error)
    const log = await open(refused.raw.request_log_url)
    expect(log.location).toContain('/requests/req_')
    expect(textOf((await open(local.url + log.location)).html)).toContain("No such customer: 'cus_missing'")
    expect(textOf((await open(`${at('requests')}?failed=yes`)).html)).toContain('GET /v1/customers/cus_missing')
  })

  it('moves the clock on, by a step or to a date, and never back', async () => {
    const { local, at } = await dashboard()
    const before = local.now('sk_test_resources')
    const moved = await submit(at('clock'), { step: 'day' })
    expect(local.now('sk_test_resources') - before).toBeGreaterThanOrEqual(86_400)
    expect(textOf((await open(local.url + moved.location)).html)).toContain('Moved on to')
    expect((await submit(at('clock'), { to: '2001-01-01T00:00' })).status).toBe(422)
    await submit(at('clock'), { to: '2040-01-01T00:00' })
    expect(local.now('sk_test_resources')).toBeGreaterThanOrEqual(Date.UTC(2040, 0, 1) / 1000)
  })

  it('sets faults, counts them and clears them', async () => {
    const { stripe, at } = await dashboard()
    await submit(at('faults'), { 'api.status500': '100', seed: '7' })
    await expect(stripe.customers.list()).rejects.toThrow('A fault you asked Stripe Local for')
    expect(textOf((await open(at('faults'))).html)).toContain('API: answered 500 1')
    await submit(at('faults'), { clear: 'yes' })
    expect((await stripe.customers.list()).data).toHaveLength(1)
  })

  it('changes how renewals are collected', async () => {
    const { at } = await dashboard()
    const wrong = { retryDays: '5, 3', afterRetries: 'unpaid', finalizeAfter: '60', upcomingDays: '3' }
    expect((await submit(at('settings'), wrong)).status).toBe(422)
    await submit(at('settings'), { ...wrong, retryDays: '2, 4' })
    expect((await open(at('settings'))).html).toContain('value="2, 4"')
  })
})
