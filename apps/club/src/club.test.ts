import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPGlite, openPostgres, type TestDatabase } from '../../../testing/databases.ts'
import { createVisitor, openClub, password } from '../test/open-club.ts'
import type { RunningClub } from './club.ts'

describe.each([
  ['PGlite', openPGlite],
  ['PostgreSQL', openPostgres],
])('the club over HTTP, on %s', (_, open) => {
  let club: RunningClub
  let database: TestDatabase
  const visitor = () => createVisitor(club.url)
  let joined = 0
  const newMember = async () => {
    const member = visitor()
    await member.join(`member${++joined}@house.example`)
    return member
  }

  beforeAll(async () => {
    database = await open()
    club = await openClub({ database })
  })
  afterAll(async () => {
    await club.stop()
    await database.close()
  })

  describe('signing up, in and out', () => {
    test('a newcomer joins, is signed in, and lands in the drawing office', async () => {
      const ada = visitor()
      const response = await ada.post('/sign-up', { name: 'Ada', email: 'ada@house.example', password })
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toBe('/members')
      expect(response.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Lax/)
      expect((await ada.get('/members')).status).toBe(200)
    })

    test('signing out closes the members’ pages, signing in opens them', async () => {
      const grace = visitor()
      await grace.join('grace@house.example')
      await grace.post('/sign-out')
      expect((await grace.get('/members')).status).toBe(303)
      const response = await grace.post('/sign-in', { email: 'Grace@House.example', password })
      expect(response.status).toBe(303)
      expect((await grace.get('/members')).status).toBe(200)
    })

    test('a wrong password says nothing about who has an account', async () => {
      await visitor().join('known@house.example')
      const pages = await Promise.all(
        ['known@house.example', 'unknown@house.example'].map(async (email) => {
          const response = await visitor().post('/sign-in', { email, password: 'not the password' })
          expect(response.status).toBe(401)
          return (await response.text()).replaceAll(email, '').replace(/<aside.*/s, '')
        }),
      )
      expect(pages[0]).toBe(pages[1])
      expect(pages[0]).toContain('do not fit together')
    })

    test('guessing passwords is stopped', async () => {
      await visitor().join('guessed@house.example')
      const guess = () => visitor().post('/sign-in', { email: 'guessed@house.example', password: 'a wrong guess' })
      for (let i = 0; i < 8; i++) expect((await guess()).status).toBe(401)
      expect((await guess()).status).toBe(429)
    })

    test('what is wrong with a sign-up is said beside the field, and nothing typed is lost but the password', async () => {
      const response = await visitor().post('/sign-up', {
        name: 'Ada <b>',
        email: 'short@house.example',
        password: 'short',
      })
      expect(response.status).toBe(422)
      const page = await response.text()
      expect(page).toContain('shorter than ten characters')
      expect(page).toContain('value="Ada &lt;b&gt;"')
      expect(page).not.toContain('value="short"')
    })

    test.each(['ada@house', 'ada\0@', '@'])(
      '%j is said to be no address, though browsers let some through',
      async (email) => {
        const response = await visitor().post('/sign-up', { name: 'Ada', email, password })
        expect(response.status).toBe(422)
        expect(await response.text()).toContain('does not look like an email address')
      },
    )

    test('an address joins once', async () => {
      await visitor().join('once@house.example')
      const response = await visitor().post('/sign-up', { name: 'Other', email: 'once@house.example', password })
      expect(response.status).toBe(422)
      expect(await response.text()).toContain('Sign in instead')
    })
  })

  describe('pages for members', () => {
    test.each([
      '/members',
      '/members/pro?x=1',
      '/account',
      '/switch?plan=ent&interval=monthly',
      '/checkout?plan=pro&interval=yearly',
    ])('a stranger at %s is led to sign in and back again', async (path) => {
      const stranger = visitor()
      const led = await stranger.get(path)
      expect(led.status).toBe(303)
      const signIn = led.headers.get('location') ?? ''
      expect(signIn).toBe(`/sign-in?next=${encodeURIComponent(path)}`)
      const next = /name="next" value="([^"]*)"/.exec(await (await stranger.get(signIn)).text())?.[1] ?? ''
      const email = `back${++joined}@house.example`
      await visitor().join(email)
      const back = await stranger.post('/sign-in', { email, password, next: next.replaceAll('&amp;', '&') })
      expect(back.headers.get('location')).toBe(path)
    })

    test.each(['https://evil.example/', '//evil.example', '/\\evil.example'])(
      'a return path to %s is not followed',
      async (next) => {
        const member = await newMember()
        const already = await member.get(`/sign-in?next=${encodeURIComponent(next)}`)
        expect(already.headers.get('location')).toBe('/members')
        await member.post('/sign-out')
        const fresh = await visitor().post('/sign-up', {
          name: 'N',
          email: `n${++joined}@house.example`,
          password,
          next,
        })
        expect(fresh.headers.get('location')).toBe('/members')
      },
    )

    test('a free member sees what would open the other rooms, and cannot export', async () => {
      const member = await newMember()
      const pro = await member.get('/members/pro')
      expect(pro.status).toBe(403)
      expect(await pro.text()).toContain('This room opens with Professional')
      expect((await member.get('/members/ent')).status).toBe(403)
      expect((await member.get('/members/archive.geojson')).status).toBe(403)
      const made = await member.post('/members/projects', { name: 'Skerrow', character: 'island' })
      const project = made.headers.get('location') ?? ''
      expect(await (await member.get(project)).text()).toContain('comes with Professional')
      expect((await member.get(`${project}/export.svg`)).status).toBe(403)
      expect((await member.get(`${project}/export.geojson`)).status).toBe(403)
    })

    test('nobody sees another’s project', async () => {
      const member = await newMember()
      const made = await member.post('/members/projects', { name: 'Hidden', character: 'moor' })
      const project = made.headers.get('location') ?? ''
      expect((await member.get(project)).status).toBe(200)
      const other = await newMember()
      expect((await other.get(project)).status).toBe(404)
      expect((await other.get(`${project}/sheet.svg`)).status).toBe(404)
      await other.post(`${project}/remove`)
      expect((await member.get(project)).status).toBe(200)
    })

    test('a NUL in a name, which no database row can hold, is dropped', async () => {
      const member = await newMember()
      const made = await member.post('/members/projects', { name: 'Sker\0row', character: 'moor' })
      expect(made.status).toBe(303)
      expect(await (await member.get(made.headers.get('location') ?? '')).text()).toContain('Skerrow')
    })

    test('a plan’s limit holds, also for ten clicks at once', async () => {
      const member = await newMember()
      const clicks = Array.from({ length: 10 }, (_, i) =>
        member.post('/members/projects', { name: `Place ${i}`, character: 'vale' }),
      )
      const statuses = (await Promise.all(clicks)).map((response) => response.status)
      expect(statuses.filter((status) => status === 303)).toHaveLength(3)
      expect(statuses.filter((status) => status === 403)).toHaveLength(7)
    })
  })

  describe('prints on paper', () => {
    const orderOf = (page: string): string => /name="order" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const aProject = async () => {
      const member = await newMember()
      const made = await member.post('/members/projects', { name: 'Skerrow', character: 'island' })
      const project = made.headers.get('location') ?? ''
      return { member, project, read: async () => (await member.get(project)).text() }
    }

    test('are counted by the month: the free plan has one, and then none', async () => {
      const { member, project, read } = await aProject()
      const before = await read()
      expect(before).toMatch(/<strong>1<\/strong> of 1 print left/)
      const ordered = await member.post(`${project}/print`, { order: orderOf(before) })
      expect(ordered.headers.get('location')).toBe(`${project}?printed#print`)
      const after = await read()
      expect(after).toMatch(/<strong>0<\/strong> of 1 print left/)
      expect([after.includes('See the plans with more.'), orderOf(after)]).toEqual([true, ''])
      const again = await member.post(`${project}/print`, { order: 'another_one_' })
      expect(again.status).toBe(402)
      expect(await again.text()).toContain('This month’s prints are all ordered.')
      const membership = await (await member.get('/billing/membership')).json()
      expect(membership).toMatchObject({
        features: { prints: 1 },
        usage: { prints: { used: 1, remaining: 0 }, projects: { used: 1, remaining: 2 } },
      })
    })

    test('of one form are one, however often it is sent', async () => {
      const { member, project, read } = await aProject()
      const order = orderOf(await read())
      const clicks = await Promise.all([1, 2, 3].map(() => member.post(`${project}/print`, { order })))
      expect(clicks.map(({ status }) => status)).toEqual([303, 303, 303])
      expect((await read()).match(/Ordered <time/g)).toHaveLength(1)
    })

    test('of another’s project are nobody’s to order', async () => {
      const { project, read } = await aProject()
      const order = orderOf(await read())
      const other = await newMember()
      expect((await other.post(`${project}/print`, { order })).status).toBe(404)
      expect(await read()).toMatch(/<strong>1<\/strong> of 1 print left/)
    })
  })

  describe('what comes from elsewhere', () => {
    test.each([
      '/sign-in',
      '/sign-up',
      '/sign-out',
      '/members/projects',
      '/time',
      '/billing/cancel',
      '/billing/checkout',
    ])('a POST to %s from another site is refused', async (path) => {
      const member = await newMember()
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      expect((await member.post(path, { step: 'month' }, headers)).status).toBe(403)
    })

    test('nothing changes by GET', async () => {
      const member = await newMember()
      for (const path of ['/billing/cancel', '/billing/switch', '/billing/checkout']) {
        expect((await member.get(path)).status).toBe(405)
      }
      expect((await member.get('/sign-out')).status).toBe(404)
      expect((await member.get('/members')).status).toBe(200)
    })

    test('pages run no script and let no other site frame them', async () => {
      const { headers } = await visitor().get('/')
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('script-src')
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain(`form-action 'self' ${club.stripe?.local.url}`)
    })
  })

  describe('every page', () => {
    test.each(['/', '/pricing', '/pricing?interval=yearly', '/sign-in', '/sign-up', '/nowhere'])(
      '%s has one heading, a title, and the support address',
      async (path) => {
        const page = await (await visitor().get(path)).text()
        expect(page.match(/<h1/g)).toHaveLength(1)
        expect(page).toMatch(/<title>.+<\/title>/)
        expect(page).toContain('help@trigpoint.example')
      },
    )

    test('the plans have their prices and Enterprise its contact', async () => {
      const monthly = await (await visitor().get('/pricing')).text()
      expect(monthly).toContain('<strong>$19</strong>')
      expect(monthly).toContain('<strong>$99</strong>')
      expect(monthly).toContain('studios@trigpoint.example')
      const yearly = await (await visitor().get('/pricing?interval=yearly')).text()
      expect(yearly).toContain('<strong>$190</strong>')
      expect(yearly).toContain('<strong>$990</strong>')
    })

    test('a machine may ask whether all is well, and sees no metrics without a token', async () => {
      const health = await fetch(`${club.url}/billing/health`)
      expect(health.status).toBe(200)
      expect(await health.json()).toMatchObject({ status: 'ok', inbox: { waiting: 0, dead: 0 }, deadJobs: 0 })
      expect((await fetch(`${club.url}/billing/metrics`)).status).toBe(404)
    })

    test('a NUL in an address, which no database can look for, finds what an address without it does', async () => {
      const member = await newMember()
      expect((await member.get('/account/payments?after=%00')).status).toBe(200)
    })

    test('an address that is nowhere answers 404', async () => {
      expect((await visitor().get('/nowhere')).status).toBe(404)
      expect((await visitor().get('/sheets/nowhere.svg')).status).toBe(404)
    })
  })
})
