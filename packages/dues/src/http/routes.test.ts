import { describe, expect, test } from 'vitest'
import { ada, get, member, openHandler, post, postJson } from '../../testing/handler.ts'

describe('a Checkout', () => {
  const wanted = { plan: 'pro', interval: 'monthly' }

  test('is started for the owner of the session, whatever the form says', async () => {
    const { handle, calls } = openHandler()
    await handle(post('/checkout', { ...wanted, owner: 'user_eve', price: 'price_cheap' }))
    expect(calls).toEqual([['start', { owner: ada, origin: 'https://club.example', ...wanted }]])
  })

  test('is a redirect for a form', async () => {
    const response = await openHandler().handle(post('/checkout', wanted))
    expect([response.status, response.headers.get('location')]).toEqual([303, 'https://checkout.example/cs_1'])
  })

  test('is {sessionId, url} for a program', async () => {
    const response = await openHandler().handle(postJson('/checkout', wanted))
    expect(await response.json()).toEqual({ sessionId: 'cs_1', url: 'https://checkout.example/cs_1' })
  })

  test.each([
    ['no JSON', 'bad_request', 'nonsense{'],
    ['a JSON array', 'bad_request', '[]'],
    ['no plan', 'bad_request', '{"interval": "monthly"}'],
    ['a plan that is no text', 'bad_request', '{"plan": {"$ne": null}, "interval": "monthly"}'],
  ])('of %s is refused as %s', async (_, code, body) => {
    const response = await openHandler().handle(postJson('/checkout', body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code } })
  })

  test('of more than a form can hold is refused', async () => {
    const response = await openHandler().handle(postJson('/checkout', { plan: 'p'.repeat(70_000) }))
    expect(response.status).toBe(413)
  })
})

describe('a form leads to the account page with a code for what was done', () => {
  test.each([
    ['/switch', { plan: 'pro', interval: 'monthly' }, 'switched'],
    ['/cancel', { when: 'periodEnd', feedback: '', comment: '' }, 'cancelled'],
    ['/resume', {}, 'resumed'],
  ] as const)('%s', async (path, fields, notice) => {
    const response = await openHandler().handle(post(path, fields))
    expect([response.status, response.headers.get('location')]).toEqual([303, `/account?notice=${notice}`])
  })

  test('a membership that is over at once has ended', async () => {
    const over = { ...member, cancelling: () => false }
    const { handle } = openHandler({ subscriptions: { cancel: async () => over } as never })
    const response = await handle(post('/cancel', { when: 'now' }))
    expect(response.headers.get('location')).toBe('/account?notice=ended')
  })
})

describe('what a form says is passed on', () => {
  test('the proration date of the preview', async () => {
    const { handle, calls } = openHandler()
    await handle(post('/switch', { plan: 'pro', interval: 'monthly', prorationDate: '1700000000' }))
    expect(calls).toEqual([['switchTo', 'user_ada', 'pro', 'monthly', { prorationDate: 1_700_000_000 }]])
  })

  test('why somebody leaves', async () => {
    const { handle, calls } = openHandler()
    await handle(post('/cancel', { feedback: 'too_expensive', comment: 'Sorry.' }))
    expect(calls).toEqual([['cancel', 'user_ada', { when: 'periodEnd', feedback: 'too_expensive', comment: 'Sorry.' }]])
  })

  test.each<Record<string, string>>([{ when: 'tomorrow' }, { feedback: 'bored' }, { comment: 'x'.repeat(5001) }])(
    'but not %j',
    async (fields) => {
      const { handle, calls } = openHandler()
      expect((await handle(post('/cancel', fields))).status).toBe(400)
      expect(calls).toEqual([])
    },
  )

  test('where the portal leads back to, if that is a path of the app', async () => {
    const { handle, calls } = openHandler()
    await handle(post('/portal', { returnTo: '/members' }))
    expect((await handle(post('/portal', { returnTo: '//evil.example' }))).status).toBe(400)
    expect(calls).toEqual([['portal', 'user_ada', { origin: 'https://club.example', returnTo: '/members' }]])
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
    const page = await (await openHandler(completing()).handle(get('/success?session_id=cs_1'))).text()
    expect(page).toContain('You have Professional &amp; more, by the month.')
    expect(page).toContain('$19.00 was charged. It renews on December 24, 2026.')
  })

  test('say that a trial costs nothing yet', async () => {
    const trial = completing({ amountTotal: 0, trialEndsAt: new Date('2026-12-08') })
    const page = await (await openHandler(trial).handle(get('/success?session_id=cs_1'))).text()
    expect(page).toContain('Your trial runs until December 8, 2026. Nothing was charged today.')
  })

  test.each([
    ['processing', 'Your payment is on its way'],
    ['open', 'was not finished'],
    ['expired', 'was not finished'],
  ])('say what %s means', async (outcome, words) => {
    expect(await (await openHandler(completing({ outcome })).handle(get('/success?session_id=cs_1'))).text()).toContain(
      words,
    )
  })

  test('are JSON for a program', async () => {
    const response = await openHandler(completing()).handle(
      get('/success?session_id=cs_1', { accept: 'application/json' }),
    )
    expect(await response.json()).toMatchObject({ plan: 'pro', amountTotal: 1900, member: { plan: 'pro' } })
  })

  test('may be the app’s own', async () => {
    const pages = {
      success: ({ checkout: { plan } }: { checkout: { plan: string | null } }) =>
        new Response(`own ${plan}`, { status: 201 }),
    }
    const response = await openHandler({ ...completing(), pages }).handle(get('/success?session_id=cs_1'))
    expect([response.status, await response.text()]).toEqual([201, 'own pro'])
  })

  test('say that nothing was charged when somebody turned back', async () => {
    const page = await (await openHandler().handle(get('/cancelled'))).text()
    expect(page).toContain('Nothing was charged')
    expect(page).toContain('href="/pricing"')
  })
})
