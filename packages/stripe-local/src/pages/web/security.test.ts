import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { startTestStripe } from '../../../testing/client.ts'
import { open, submit, textOf, withCard } from '../../../testing/visitor.ts'

async function checkout() {
  const test = await startTestStripe()
  const session = await test.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      {
        price_data: { currency: 'usd', product_data: { name: '<script>alert(1)</script>' }, unit_amount: 1500 },
        quantity: 1,
      },
    ],
    success_url: 'http://shop.test/',
  })
  return { ...test, url: String(session.url), again: () => test.stripe.checkout.sessions.retrieve(session.id) }
}

/** A GET under any name: `fetch` does not let one choose the header. */
const openAs = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { port, pathname } = new URL(url)
    const sent = request({ host: '127.0.0.1', port, path: pathname, headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject).end()
  })

describe('a page', () => {
  it('runs and loads nothing but its own stylesheet and script', async () => {
    const { url, local } = await checkout()
    const page = await open(url)
    const policy = String(page.headers.get('content-security-policy'))
    for (const part of [
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]) {
      expect(policy).toContain(part)
    }
    expect(page.html).not.toContain('<script>alert')
    expect(page.html).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!localhost|shop\.test)/)
    expect(page.html).not.toMatch(/ style=| on\w+=/)
    for (const [, path] of page.html.matchAll(/(?:src|href)="(\/_local\/[^"]+\.(?:css|js|svg))"/g)) {
      expect((await open(local.url + path)).status).toBe(200)
    }
  })

  it('carries out no form that another site made a browser send', async () => {
    const { url, again } = await checkout()
    const form = withCard('4242424242424242')
    const foreign: Record<string, string>[] = [
      { origin: 'http://evil.test' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of foreign) {
      const page = await submit(url, form, headers)
      expect([page.status, textOf(page.html).includes('Nothing was changed')]).toEqual([403, true])
    }
    expect((await again()).status).toBe('open')
    expect((await submit(url, form, { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' })).status).toBe(303)
  })

  it('is not shown under a name that somebody else has pointed here', async () => {
    const { url } = await checkout()
    const { port } = new URL(url)
    expect(await openAs(url, `evil.test:${port}`)).toBe(403)
    expect(await openAs(url, `127.0.0.1:${port}`)).toBe(200)
    expect(await openAs(url, `localhost:${port}`)).toBe(200)
  })

  it('that there is not says what to do', async () => {
    const { local } = await checkout()
    for (const path of [
      '/nowhere',
      '/c/pay/cs_test_x',
      '/p/session/bps_x',
      '/3ds/pi_x',
      '/i/acct_x/in_x',
      '/receipts/ch_x',
      '/_local/acct_x',
      '/%',
    ]) {
      const page = await open(local.url + path)
      expect(page.status).toBe(404)
      expect(textOf(page.html)).toContain('Open the dashboard')
    }
    expect((await submit(`${local.url}/`, {})).status).toBe(405)
  })

  it('refuses what no form sends, and what is too much', async () => {
    const { url } = await checkout()
    const json = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    expect(json.status).toBe(415)
    expect((await submit(url, { name: 'x'.repeat(2_000_000) })).status).toBe(400)
  })
})
