import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/catalogue.ts'
import type { Owner } from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'
import { usd } from '../money.ts'
import { createHandler } from './handler.ts'
import type { HttpOptions } from './types.ts'

const plans = {
  free: { name: 'Free' },
  pro: { name: 'Professional & more', prices: { monthly: usd(19) } },
}
type P = typeof plans

const ada: Owner = { id: 'user_ada', email: 'ada@example.com' }
const member = { cancelling: () => true, toJSON: () => ({ plan: 'pro' }) }

/** The handler over concerns that only say that they were called. */
function open(changes: Partial<HttpOptions<P>> = {}) {
  const calls: unknown[][] = []
  const called =
    (name: string, answer: unknown) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args])
      return answer
    }
  const logged: [level: string, fields: object][] = []
  const logger = {
    debug: (fields: object) => logged.push(['debug', fields]),
    info: (fields: object) => logged.push(['info', fields]),
    warn: (fields: object) => logged.push(['warn', fields]),
    error: (fields: object) => logged.push(['error', fields]),
  }
  const options = {
    context: {
      baseUrl: 'https://club.example',
      basePath: '/billing',
      paths: { pricing: '/pricing', account: '/account', signIn: '/sign-in' },
      catalogue: createCatalogue(plans),
      logger,
    },
    plans,
    identify: () => ada,
    pages: {},
    checkout: { start: called('start', { sessionId: 'cs_1', url: 'https://checkout.example/cs_1' }) },
    subscriptions: {
      switchTo: called('switchTo', member),
      cancel: called('cancel', member),
      resume: called('resume', member),
      portal: called('portal', { url: 'https://portal.example/1' }),
    },
    member: called('member', member),
    receive: called('receive', {}),
    ...changes,
  } as unknown as HttpOptions<P>
  return { handle: createHandler(options), calls, logged }
}

const own = { origin: 'https://club.example' }

const post = (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = own) =>
  new Request(`https://club.example/billing${path}`, { method: 'POST', body: new URLSearchParams(fields), headers })

const postJson = (path: string, body: unknown, headers: Record<string, string> = own) =>
  new Request(`https://club.example/billing${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

const get = (path: string, headers: Record<string, string> = {}) =>
  new Request(`https://club.example/billing${path}`, { headers })

const throwing = (error: unknown) => async () => {
  throw error
}

describe('addresses', () => {
  test.each([
    ['/webhook', 'GET', 'POST'],
    ['/checkout', 'GET', 'POST'],
    ['/switch', 'PUT', 'POST'],
    ['/cancel', 'DELETE', 'POST'],
    ['/resume', 'GET', 'POST'],
    ['/portal', 'GET', 'POST'],
    ['/success', 'POST', 'GET, HEAD'],
    ['/cancelled', 'POST', 'GET, HEAD'],
    ['/membership', 'POST', 'GET, HEAD'],
  ])('%s refuses %s and allows %s', async (path, method, allowed) => {
    const response = await open().handle(new Request(`https://club.example/billing${path}`, { method }))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allowed)
  })

  test('an unknown one is 404, as JSON to a program', async () => {
    const response = await open().handle(get('/nothing', { accept: 'application/json' }))
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: { code: 'not_found', message: expect.any(String) } })
  })

  test('a framework may have cut the base path off', async () => {
    const response = await open().handle(new Request('https://club.example/membership'))
    expect(await response.json()).toEqual({ plan: 'pro' })
  })

  test('HEAD is GET without the body', async () => {
    const response = await open().handle(new Request('https://club.example/billing/membership', { method: 'HEAD' }))
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('nothing is kept by a browser or a proxy', async () => {
    expect((await open().handle(get('/membership'))).headers.get('cache-control')).toBe('no-store')
  })
})

describe('another site', () => {
  const paths = ['/checkout', '/switch', '/cancel', '/resume', '/portal']
  const foreign: [string, Record<string, string>][] = [
    ['by its Origin', { origin: 'https://evil.example' }],
    ['by an opaque Origin', { origin: 'null' }],
    ['by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site', origin: 'https://club.example' }],
    ['from a subdomain', { 'sec-fetch-site': 'same-site', origin: 'https://blog.club.example' }],
    ['without a word, in a form', {}],
  ]
  for (const path of paths) {
    test.each(foreign)(`is refused at ${path}: known %s`, async (_, headers) => {
      const { handle, calls } = open()
      const response = await handle(post(path, { plan: 'pro', interval: 'monthly' }, headers))
      expect(response.status).toBe(403)
      expect(calls).toEqual([])
    })
  }

  test('is refused with text/plain that looks like JSON, which needs no preflight', async () => {
    const { handle, calls } = open()
    const headers = { 'content-type': 'text/plain', accept: 'application/json' }
    const response = await handle(postJson('/cancel', { when: 'now' }, headers))
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({ error: { code: 'cross_site', message: expect.any(String) } })
    expect(calls).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['our own page', { origin: 'https://club.example' }],
    [
      'our own page behind a proxy that hides https',
      { origin: 'https://other.example', 'sec-fetch-site': 'same-origin' },
    ],
  ])('is not %s', async (_, headers) => {
    expect((await open().handle(post('/resume', {}, headers))).status).toBe(303)
  })

  test('is not a program that sends JSON and no Origin', async () => {
    expect((await open().handle(postJson('/resume', {}, {}))).status).toBe(200)
  })
})

describe('somebody who is not signed in', () => {
  const identify = () => null

  test('is told so, when a program', async () => {
    const { handle, calls } = open({ identify })
    const response = await handle(postJson('/checkout', { plan: 'pro', interval: 'monthly' }))
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ error: { code: 'not_signed_in', message: expect.any(String) } })
    expect(calls).toEqual([])
  })

  test('is sent to sign in and back to the page that was wanted', async () => {
    const response = await open({ identify }).handle(get('/success?session_id=cs_1'))
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/sign-in?next=%2Fbilling%2Fsuccess%3Fsession_id%3Dcs_1')
  })

  test('is sent to sign in and back to the page with the form', async () => {
    const headers = { ...own, referer: 'https://club.example/pricing?interval=yearly' }
    const response = await open({ identify }).handle(post('/checkout', {}, headers))
    expect(response.headers.get('location')).toBe('/sign-in?next=%2Fpricing%3Finterval%3Dyearly')
  })

  test.each(['https://evil.example/x', 'https://club.example//evil.example', 'https://', 'javascript:alert(1)'])(
    'is never sent back to %s',
    async (referer) => {
      const response = await open({ identify }).handle(post('/checkout', {}, { ...own, referer }))
      expect(response.headers.get('location')).toBe('/sign-in?next=%2Fpricing')
    },
  )
})

describe('a Checkout', () => {
  const wanted = { plan: 'pro', interval: 'monthly' }

  test('is started for the owner of the session, whatever the form says', async () => {
    const { handle, calls } = open()
    await handle(post('/checkout', { ...wanted, owner: 'user_eve', price: 'price_cheap' }))
    expect(calls).toEqual([['start', { owner: ada, origin: 'https://club.example', ...wanted }]])
  })

  test('is a redirect for a form', async () => {
    const response = await open().handle(post('/checkout', wanted))
    expect([response.status, response.headers.get('location')]).toEqual([303, 'https://checkout.example/cs_1'])
  })

  test('is {sessionId, url} for a program', async () => {
    const response = await open().handle(postJson('/checkout', wanted))
    expect(await response.json()).toEqual({ sessionId: 'cs_1', url: 'https://checkout.example/cs_1' })
  })

  test.each([
    ['no JSON', 'bad_request', 'nonsense{'],
    ['a JSON array', 'bad_request', '[]'],
    ['no plan', 'bad_request', '{"interval": "monthly"}'],
    ['a plan that is no text', 'bad_request', '{"plan": {"$ne": null}, "interval": "monthly"}'],
  ])('of %s is refused as %s', async (_, code, body) => {
    const response = await open().handle(postJson('/checkout', body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code } })
  })

  test('of more than a form can hold is refused', async () => {
    const response = await open().handle(postJson('/checkout', { plan: 'p'.repeat(70_000) }))
    expect(response.status).toBe(413)
  })
})

describe('a form leads to the account page with a code for what was done', () => {
  test.each([
    ['/switch', { plan: 'pro', interval: 'monthly' }, 'switched'],
    ['/cancel', { when: 'periodEnd', feedback: '', comment: '' }, 'cancelled'],
    ['/resume', {}, 'resumed'],
  ] as const)('%s', async (path, fields, notice) => {
    const response = await open().handle(post(path, fields))
    expect([response.status, response.headers.get('location')]).toEqual([303, `/account?notice=${notice}`])
  })

  test('a membership that is over at once has ended', async () => {
    const over = { ...member, cancelling: () => false }
    const { handle } = open({ subscriptions: { cancel: async () => over } as never })
    const response = await handle(post('/cancel', { when: 'now' }))
    expect(response.headers.get('location')).toBe('/account?notice=ended')
  })
})

describe('what a form says is passed on', () => {
  test('the proration date of the preview', async () => {
    const { handle, calls } = open()
    await handle(post('/switch', { plan: 'pro', interval: 'monthly', prorationDate: '1700000000' }))
    expect(calls).toEqual([['switchTo', 'user_ada', 'pro', 'monthly', { prorationDate: 1_700_000_000 }]])
  })

  test('why somebody leaves', async () => {
    const { handle, calls } = open()
    await handle(post('/cancel', { feedback: 'too_expensive', comment: 'Sorry.' }))
    expect(calls).toEqual([['cancel', 'user_ada', { when: 'periodEnd', feedback: 'too_expensive', comment: 'Sorry.' }]])
  })

  test.each<Record<string, string>>([{ when: 'tomorrow' }, { feedback: 'bored' }, { comment: 'x'.repeat(5001) }])(
    'but not %j',
    async (fields) => {
      const { handle, calls } = open()
      expect((await handle(post('/cancel', fields))).status).toBe(400)
      expect(calls).toEqual([])
    },
  )

  test('where the portal leads back to, if that is a path of the app', async () => {
    const { handle, calls } = open()
    await handle(post('/portal', { returnTo: '/members' }))
    expect((await handle(post('/portal', { returnTo: '//evil.example' }))).status).toBe(400)
    expect(calls).toEqual([['portal', 'user_ada', { origin: 'https://club.example', returnTo: '/members' }]])
  })
})

describe('a webhook', () => {
  const deliver = (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { 'stripe-signature': 't=1,v1=x' },
  ) => new Request('https://club.example/billing/webhook', { method: 'POST', body, headers })

  test('is handed on byte for byte, with its signature, and needs neither session nor Origin', async () => {
    const bytes = new Uint8Array([123, 32, 255, 125])
    const { handle, calls } = open({ identify: throwing(new Error('no session here')) })
    const response = await handle(deliver(bytes, { 'stripe-signature': 't=1,v1=x', origin: 'https://evil.example' }))
    expect(response.status).toBe(200)
    expect(calls).toEqual([['receive', bytes, 't=1,v1=x']])
  })

  test('of more than 1 MiB is refused, though its length was not told', async () => {
    const { handle, calls } = open()
    const chunk = new Uint8Array(100_000)
    let left = 20
    const endless = new ReadableStream({ pull: (stream) => (left-- > 0 ? stream.enqueue(chunk) : stream.close()) })
    const request = new Request('https://club.example/billing/webhook', {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit)
    expect((await handle(request)).status).toBe(413)
    expect(calls).toEqual([])
  })

  test.each([
    [new DuesError('signature_invalid', 'no'), 400],
    [new DuesError('payload_invalid', 'no'), 400],
    [new DuesError('database_unavailable', 'password hunter2'), 503],
    [new Error('hunter2'), 500],
  ])('that ends in %s is never answered 2xx', async (error, status) => {
    const { handle } = open({ receive: throwing(error) })
    const response = await handle(deliver('{}'))
    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain('hunter2')
  })
})

describe('an error', () => {
  const declined = new DuesError('payment_failed', 'Your card was <declined>.', {
    details: { payUrl: 'https://invoice.example/1', declineCode: 'insufficient_funds' },
  })
  const failing = (error: unknown) => ({ subscriptions: { resume: throwing(error) } as never })

  test('is a page for a person, with its status, its message, and where to pay', async () => {
    const response = await open(failing(declined)).handle(post('/resume'))
    const page = await response.text()
    expect(response.status).toBe(402)
    expect(page).toContain('Your card was &lt;declined&gt;.')
    expect(page).toContain('href="https://invoice.example/1"')
  })

  test('is JSON for a program, with what it can go on with', async () => {
    const response = await open(failing(declined)).handle(postJson('/resume', {}))
    expect(response.status).toBe(402)
    expect(await response.json()).toEqual({
      error: { code: 'payment_failed', message: declined.message, details: declined.details },
    })
  })

  test('is shown on the app’s own page, if it has one', async () => {
    const pages = { error: ({ code, status }: { code: string; status: number }) => `<p>${code} ${status}</p>` }
    const response = await open({ ...failing(declined), pages }).handle(post('/resume'))
    expect([response.status, await response.text()]).toEqual([402, '<p>payment_failed 402</p>'])
  })

  test('is shown all the same when the app’s own page fails', async () => {
    const { handle, logged } = open({ ...failing(declined), pages: { error: throwing(new Error('broken')) } })
    expect(await (await handle(post('/resume'))).text()).toContain('Your card was')
    expect(logged).toContainEqual(['error', { error: expect.objectContaining({ message: 'broken' }) }])
  })

  test('that nobody foresaw is 500 without a word of it, and is logged', async () => {
    const { handle, logged } = open(failing(new Error('secret detail')))
    const response = await handle(postJson('/resume', {}))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret detail')
    expect(logged).toEqual([
      [
        'error',
        expect.objectContaining({
          code: 'internal',
          path: '/billing/resume',
          error: expect.objectContaining({ message: 'secret detail' }),
        }),
      ],
    ])
  })

  test.each(['settings_invalid', 'stripe_refused', 'database_unavailable'] as const)(
    '%s keeps its code and hides its words',
    async (code) => {
      const response = await open(failing(new DuesError(code, 'No such price: price_1'))).handle(
        postJson('/resume', {}),
      )
      expect(await response.json()).toEqual({ error: { code, message: expect.not.stringContaining('price_1') } })
    },
  )

  test('of identify is the app’s own, and is 500', async () => {
    expect(
      (await open({ identify: throwing(new Error('session store down')) }).handle(get('/membership'))).status,
    ).toBe(500)
    expect((await open({ identify: () => ({ id: '' }) }).handle(get('/membership'))).status).toBe(500)
  })
})

describe('the pages after a Checkout', () => {
  const checkout = {
    sessionId: 'cs_1',
    outcome: 'complete',
    plan: 'pro',
    interval: 'monthly',
    amountTotal: 1900,
    currency: 'usd',
    trialEndsAt: null,
    renewsAt: new Date('2026-12-24'),
    member,
  }
  const completing = (changes: object = {}) => ({
    checkout: { complete: async () => ({ ...checkout, ...changes }) } as never,
  })

  test('say what was bought', async () => {
    const page = await (await open(completing()).handle(get('/success?session_id=cs_1'))).text()
    expect(page).toContain('You have Professional &amp; more, by the month.')
    expect(page).toContain('$19.00 was charged. It renews on December 24, 2026.')
  })

  test('say that a trial costs nothing yet', async () => {
    const trial = completing({ amountTotal: 0, trialEndsAt: new Date('2026-12-08') })
    const page = await (await open(trial).handle(get('/success?session_id=cs_1'))).text()
    expect(page).toContain('Your trial runs until December 8, 2026. Nothing was charged today.')
  })

  test.each([
    ['processing', 'Your payment is on its way'],
    ['open', 'was not finished'],
    ['expired', 'was not finished'],
  ])('say what %s means', async (outcome, words) => {
    expect(await (await open(completing({ outcome })).handle(get('/success?session_id=cs_1'))).text()).toContain(words)
  })

  test('are JSON for a program', async () => {
    const response = await open(completing()).handle(get('/success?session_id=cs_1', { accept: 'application/json' }))
    expect(await response.json()).toMatchObject({ plan: 'pro', amountTotal: 1900, member: { plan: 'pro' } })
  })

  test('may be the app’s own', async () => {
    const pages = {
      success: ({ checkout: { plan } }: { checkout: { plan: string | null } }) =>
        new Response(`own ${plan}`, { status: 201 }),
    }
    const response = await open({ ...completing(), pages }).handle(get('/success?session_id=cs_1'))
    expect([response.status, await response.text()]).toEqual([201, 'own pro'])
  })

  test('say that nothing was charged when somebody turned back', async () => {
    const page = await (await open().handle(get('/cancelled'))).text()
    expect(page).toContain('Nothing was charged')
    expect(page).toContain('href="/pricing"')
  })
})
