import { describe, expect, test } from 'vitest'
import { openHandler, throwing } from '../../testing/handler.ts'
import type { WithAddOns } from '../catalogue/add-ons.ts'
import { createCatalogue } from '../catalogue/catalogue.ts'
import { DuesError } from '../errors.ts'
import { usd } from '../money.ts'
import { createGuards } from './guards.ts'

const plans = {
  free: { name: 'Free', features: { projects: 3 } },
  pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { projects: 100, export: true } },
  ent: { name: 'Enterprise', prices: { monthly: usd(99) }, features: { projects: 100, export: true, sso: true } },
} as const

const addOns = {
  archive: { name: 'Archive', prices: { monthly: usd(9) }, plans: ['pro'], features: { archive: true } },
} as const

const signedIn = (plan: string, changes: object = {}) => ({
  member: async () => ({ owner: 'ada', plan, price: null, state: 'active', ...changes }) as never,
})

function open(changes: object = signedIn('pro')) {
  const { options, logged } = openHandler()
  const context = { ...options.context, catalogue: createCatalogue(plans, { addOns }) }
  return {
    ...createGuards<WithAddOns<typeof plans, typeof addOns>>({ ...options, context, plans, ...changes } as never),
    logged,
  }
}

const program = () => new Request('https://club.example/plates', { headers: { accept: '*/*' } })
const browser = (init: RequestInit = {}) =>
  new Request('https://club.example/plates?sort=new', { ...init, headers: { accept: 'text/html,*/*' } })

/** What a program is told, or the member who came in. */
async function told(answer: Promise<unknown>) {
  const given = await answer
  if (!(given instanceof Response)) return given
  const { error } = (await given.json()) as { error: object }
  return { status: given.status, cache: given.headers.get('cache-control'), ...error }
}

describe('a plan that is required', () => {
  test('lets in who has it, or a higher one', async () => {
    for (const plan of ['pro', 'ent']) {
      const { requirePlan } = open(signedIn(plan))
      expect(await requirePlan('pro')(browser())).toMatchObject({ owner: 'ada', plan })
    }
  })

  test('is told to a program that has a lower one, with where to get it', async () => {
    expect(await told(open(signedIn('free')).requirePlan('pro')(program()))).toEqual({
      status: 403,
      cache: 'no-store',
      code: 'plan_required',
      message: 'This is for Professional and Enterprise: see /pricing.',
      details: { plan: 'free', required: 'pro', pricing: '/pricing' },
    })
  })

  test('sends a browser to the pricing page', async () => {
    const answer = (await open(signedIn('free')).requirePlan('ent')(browser())) as Response
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/pricing?plan=ent'])
  })
})

describe('a feature that is required', () => {
  test('lets in who has the switch on, or a limit above 0', async () => {
    const { requireFeature } = open(signedIn('pro'))
    expect(await requireFeature('export')(program())).toMatchObject({ plan: 'pro' })
    expect(await requireFeature('projects')(program())).toMatchObject({ plan: 'pro' })
  })

  test('lets in who has it by an add-on, and tells who owes for that to pay', async () => {
    const having = { addOns: { archive: 1 } }
    const { requireFeature } = open(signedIn('pro', having))
    expect(await requireFeature('archive')(program())).toMatchObject(having)
    const owing = signedIn('free', { addOns: {}, state: 'unpaid', price: { plan: 'pro', ...having } })
    expect(await told(open(owing).requireFeature('archive')(program()))).toMatchObject({
      status: 402,
      code: 'payment_failed',
    })
    expect(await told(open(signedIn('pro')).requireFeature('archive')(program()))).toMatchObject({
      code: 'feature_required',
      message: 'Professional does not include archive. The add-on Archive does: see /pricing.',
    })
  })

  test('is told to a program without it, with the plans that have it', async () => {
    expect(await told(open(signedIn('pro')).requireFeature('sso')(program()))).toMatchObject({
      status: 403,
      code: 'feature_required',
      message: 'Professional does not include sso. Enterprise does: see /pricing.',
    })
  })

  test('sends a browser to the pricing page', async () => {
    const answer = (await open(signedIn('free')).requireFeature('export')(browser())) as Response
    expect(answer.headers.get('location')).toBe('/pricing?feature=export')
  })
})

describe('somebody who has the plan and owes for it', () => {
  test.each([
    ['past_due', 'payment_failed'],
    ['unpaid', 'payment_failed'],
    ['incomplete', 'action_required'],
    ['paused', 'action_required'],
  ])('%s: is told to pay, and not to buy it again', async (state, code) => {
    const { requirePlan } = open(signedIn('free', { state, price: { plan: 'pro' } }))
    expect(await told(requirePlan('pro')(program()))).toMatchObject({ status: 402, code })
    const answer = (await requirePlan('pro')(browser())) as Response
    expect(answer.headers.get('location')).toBe('/account')
  })

  test('of a lower plan than is required is told to buy it all the same', async () => {
    const { requirePlan } = open(signedIn('free', { state: 'unpaid', price: { plan: 'pro' } }))
    expect(await told(requirePlan('ent')(program()))).toMatchObject({ status: 403, code: 'plan_required' })
  })
})

describe('nobody', () => {
  const nobody = { identify: () => null }

  test('is 401 for a program', async () => {
    expect(await told(open(nobody).requirePlan('pro')(program()))).toMatchObject({ status: 401, code: 'not_signed_in' })
  })

  test('signs in first in a browser, and comes back', async () => {
    const answer = (await open(nobody).requirePlan('pro')(browser())) as Response
    expect(answer.headers.get('location')).toBe('/sign-in?next=%2Fplates%3Fsort%3Dnew')
  })
})

test.each([program, browser])('a membership that cannot be read opens nothing, and is no 500', async (request) => {
  const down = new DuesError('database_unavailable', 'connection refused at 10.0.0.7')
  const { requirePlan, logged } = open({ member: throwing(down) })
  const answer = await told(requirePlan('pro')(request()))
  expect(answer).toMatchObject({ status: 503, code: 'database_unavailable' })
  expect(answer).not.toMatchObject({ message: expect.stringContaining('10.0.0.7') })
  expect(logged).toHaveLength(1)
})
