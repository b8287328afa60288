import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StripeLocal, startStripeLocal } from '../index.ts'

let local: StripeLocal
beforeAll(async () => {
  local = await startStripeLocal()
})
afterAll(() => local.stop())

type Answer = { status: number; error: { type: string; message: string; param?: string; code?: string } | undefined }

async function send(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  method = 'POST',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${local.url}${path}`, {
    method,
    headers: {
      authorization: 'Bearer sk_test_hostile',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    ...(method !== 'GET' && { body }),
  })
  const answer = (await response.json()) as { error?: Answer['error'] }
  return { status: response.status, error: answer.error }
}

/** The status that these bytes are answered with. */
const raw = (bytes: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(local.port, '127.0.0.1', () => socket.write(bytes))
    socket.once('error', reject)
    socket.once('data', (answer) => {
      resolve(Number(answer.toString('latin1').slice(9, 12)))
      socket.destroy()
    })
  })

describe('hostile requests', () => {
  it.each([
    ['percent signs that encode nothing', 'name=%zz'],
    ['bytes that are not UTF-8', 'name=%ff%fe'],
    ['brackets that do not close', 'metadata[a=1'],
    ['a key of the prototype', '__proto__[polluted]=1'],
    ['a nested key of the prototype', 'metadata[__proto__][polluted]=1'],
    ['the constructor', 'constructor[prototype][polluted]=1'],
    ['an object where a string belongs', 'name[a]=1'],
    ['a string where an object belongs', 'metadata=text'],
    ['a hundred levels', `a${'[b]'.repeat(100)}=1`],
    ['a number that is none', 'balance=NaN'],
    ['a number beyond all', 'balance=99999999999999999999'],
    ['half a number', 'balance=1.5'],
    ['metadata with too many keys', Array.from({ length: 51 }, (_, i) => `metadata[k${i}]=v`).join('&')],
    ['a metadata value that is too long', `metadata[k]=${'v'.repeat(501)}`],
  ])('get a 400 that says why: %s', async (_name, body) => {
    const { status, error } = await send('/v1/customers', body)
    expect(status).toBe(400)
    expect(error?.type).toBe('invalid_request_error')
    expect(error?.message).toBeTruthy()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  const price = 'line_items[0][price_data]'
  const monthly = `mode=subscription&success_url=https://shop.test&line_items[0][quantity]=1&${price}[currency]=usd&${price}[unit_amount]=900&${price}[recurring][interval]=month&${price}[product_data][name]=Pro`
  const features = 'features[subscription_update]'
  it.each([
    ['an anchor before all time', '/v1/checkout/sessions', `${monthly}&subscription_data[billing_cycle_anchor]=-1`],
    [
      'an anchor beyond all',
      '/v1/checkout/sessions',
      `${monthly}&subscription_data[billing_cycle_anchor]=9${'0'.repeat(20)}`,
    ],
    [
      'an anchor that is no time',
      '/v1/checkout/sessions',
      `${monthly}&subscription_data[billing_cycle_anchor][__proto__]=1`,
    ],
    [
      'an optional item of nothing',
      '/v1/checkout/sessions',
      `${monthly}&optional_items[0][price]=__proto__&optional_items[0][quantity]=1`,
    ],
    [
      'as many as there cannot be',
      '/v1/checkout/sessions',
      `${monthly}&optional_items[0][price]=p&optional_items[0][quantity]=9007199254740993`,
    ],
    ['a way of shipping that is none', '/v1/checkout/sessions', `${monthly}&shipping_options[0][shipping_rate][a]=1`],
    ['a bank account that is a list', '/v1/payment_methods', 'type=us_bank_account&us_bank_account[]=1'],
    [
      'a bank account of the prototype',
      '/v1/payment_methods',
      'type=us_bank_account&us_bank_account[__proto__][account_number]=1',
    ],
    [
      'digits that are none',
      '/v1/payment_methods',
      `type=us_bank_account&us_bank_account[account_number]=${'9'.repeat(5001)}&us_bank_account[routing_number]=%00`,
    ],
    [
      'an IBAN without end',
      '/v1/payment_methods',
      `type=sepa_debit&sepa_debit[iban]=DE${'8'.repeat(5000)}&billing_details[name]=A&billing_details[email]=a@b.c`,
    ],
    ['a way to pay that is a name of the prototype', '/v1/payment_methods', 'type=constructor'],
    [
      'a condition of nothing',
      '/v1/billing_portal/configurations',
      `${features}[enabled]=true&${features}[schedule_at_period_end][conditions][0][type]=toString`,
    ],
    [
      'conditions a hundred levels deep',
      '/v1/billing_portal/configurations',
      `${features}[schedule_at_period_end]${'[conditions]'.repeat(100)}=1`,
    ],
    [
      'a sort code of letters',
      '/v1/payment_methods',
      'type=bacs_debit&bacs_debit[account_number]=00012345&bacs_debit[sort_code]=__proto',
    ],
  ])('get a 400 that says why: %s', async (_name, path, body) => {
    const { status, error } = await send(path, body)
    expect([status, error?.type]).toEqual([400, 'invalid_request_error'])
    expect(error?.message).toBeTruthy()
  })

  it.each([
    ['POST', '/v1/checkout/sessions', 'mode=payment&success_url=https://shop.test&line_items[__proto__][amount]=1'],
    ['POST', '/v1/checkout/sessions', `line_items[0]${'[name]'.repeat(100)}=1`],
    ['POST', '/v1/checkout/sessions', 'ui_mode[__proto__]=hosted&ui_mode=toString'],
    ['POST', '/v1/subscriptions', 'customer=cus_x&coupon[]=a&coupon=b&discounts=c'],
    ['POST', '/v1/invoiceitems', 'customer=cus_x&price=%ff&unit_amount=NaN'],
    ['POST', '/v1/invoices/create_preview', 'subscription_items=x&subscription_items[0][id]=y'],
    ['GET', '/v1/invoices/upcoming?subscription_items[__proto__][id]=x&customer=cus_x', ''],
    ['GET', '/v1/invoices/upcoming?subscription_billing_cycle_anchor=99999999999999999999&customer=cus_x', ''],
    ['GET', '/v1/customers?starting_after=sub_1', ''],
    ['GET', '/v1/customers?limit=1&expand[]=data.__proto__.constructor', ''],
  ])('in the words of an older version get a 400 as well: %s %s', async (method, path, body) => {
    await send('/v1/customers', 'name=Ada')
    const { status, error } = await send(path, body, method, { 'stripe-version': '2020-08-27' })
    expect([status, error?.type]).toEqual([400, 'invalid_request_error'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('in the words of an older version and of a megabyte are answered at once', async () => {
    const began = performance.now()
    for (const piece of ['price=a&', 'line_items[0][name]=&', `a${'[b]'.repeat(500)}&`])
      await send('/v1/checkout/sessions', piece.repeat(1_000_000 / piece.length), 'POST', {
        'stripe-version': '2020-08-27',
      })
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it('get a 400 for a body of megabytes, and the server goes on', async () => {
    const { status, error } = await send('/v1/customers', `name=${'x'.repeat(3 * 1024 * 1024)}`)
    expect(status).toBe(400)
    expect(error?.message).toContain('1 MiB')
    expect((await send('/v1/customers', 'name=Ada')).status).toBe(200)
  })

  it('get a 400 for raw bytes that are not UTF-8', async () => {
    expect((await send('/v1/customers', new Uint8Array([0x6e, 0x3d, 0xff, 0xfe]))).status).toBe(400)
  })

  it('that come half and never end do not hold up anybody else', async () => {
    const socket = connect(local.port, '127.0.0.1')
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.write(
      'POST /v1/customers HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk_test_hostile\r\ncontent-length: 100\r\n\r\nname=',
    )
    expect((await send('/v1/customers', 'name=Ada')).status).toBe(200)
    socket.destroy()
    expect((await send('/v1/customers', 'name=Ada')).status).toBe(200)
  })

  it.each([
    ['an address that is none', 'GET http://[ HTTP/1.1\r\n', '', 404],
    ['two slashes before nothing', 'GET //[ HTTP/1.1\r\n', '', 404],
    [
      'a chunk whose length is no number',
      'POST /v1/customers HTTP/1.1\r\ntransfer-encoding: chunked\r\n',
      'zz\r\n',
      400,
    ],
    [
      'an expectation that nobody can meet',
      'POST /v1/customers HTTP/1.1\r\nexpect: the-impossible\r\ncontent-length: 0\r\n',
      '',
      417,
    ],
    [
      'a body after 100-continue',
      'POST /v1/customers HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 5\r\n',
      'name=',
      100,
    ],
    ['an upgrade to HTTP/2', 'GET /v1/customers HTTP/1.1\r\nupgrade: h2c\r\nconnection: upgrade\r\n', '', 200],
    ['a method that no page takes', 'OPTIONS /v1/customers HTTP/1.1\r\n', '', 404],
    ['a key that is a name of the prototype', 'GET /v1/customers/__proto__ HTTP/1.1\r\n', '', 404],
  ])('are answered on a raw socket: %s', async (_name, start, body, status) => {
    expect(await raw(`${start}host: localhost\r\nauthorization: Bearer sk_test_hostile\r\n\r\n${body}`)).toBe(status)
    expect((await send('/v1/customers', 'name=Ada')).status).toBe(200)
  })

  it.each([
    ['faults', '{"webhooks":null}'],
    ['faults', '{"api":{"slow":"often"}}'],
    ['faults', '{"nothing":1}'],
    ['settings', '{"__proto__":1}'],
    ['settings', '{"toString":1}'],
    ['settings', '{"retryDays":"soon"}'],
    ['clock', '{"months":100000000}'],
    ['clock', '{"to":9007199254740991}'],
  ])('of the control API change nothing: %s %s', async (path, body) => {
    expect((await send(`/_local/${path}`, body)).status).toBe(400)
    expect((await send('/v1/customers', 'name=Ada')).status).toBe(200)
  })

  it('that come in one piece are answered in their order', async () => {
    const get = (path: string) =>
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk_test_hostile\r\n\r\n`
    const socket = connect(local.port, '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
    })
    socket.write(get('/v1/customers/cus_x') + get('/v1/customers?limit=1') + get('/v1/customers?limit=x'))
    const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
    await expect.poll(statuses).toEqual([404, 200, 400])
    socket.destroy()
  })

  it('with any path, method and bytes are answered, never with a 500', async () => {
    const path = fc.oneof(
      fc.constantFrom(
        '/v1/customers',
        '/v1/products',
        '/v1/prices',
        '/v1/customers/cus_x',
        '/v1/coupons',
        '/v1/events',
        '/v1/',
        '/v1/x/y',
      ),
      fc.webPath().map((path) => `/v1${path || '/'}`),
    )
    const method = fc.constantFrom('GET', 'POST', 'DELETE')
    const body = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.tuple(
            fc.constantFrom('name', 'email', 'metadata', 'expand', 'a[b]', 'limit', '[]', 'x[0][y]'),
            fc.string(),
          ),
        )
        .map((pairs) => pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')),
    )
    await fc.assert(
      fc.asyncProperty(path, method, body, async (path, method, body) => {
        const { status } = await send(path, body, method)
        expect([200, 400, 401, 402, 404, 501]).toContain(status)
      }),
      { numRuns: 300 },
    )
  })
})
