import type { PGlite } from '@electric-sql/pglite'
import { pino } from 'pino'
import type { FaultSettings } from 'stripe-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPGlite, type TestDatabase } from '../../../../testing/databases.ts'
import { createVisitor, openClub, password, pay, type TestVisitor } from '../../test/open-club.ts'
import { createAuth, migrateAuth } from '../accounts/auth.ts'
import type { RunningClub } from '../club.ts'
import { fromPglite } from '../database.ts'
import { readClubSettings } from '../settings.ts'
import { demoStaff } from './demo.ts'
import { staffOf } from './staff.ts'

let club: RunningClub
let database: TestDatabase
let robin: TestVisitor
let joined = 0

beforeAll(async () => {
  database = await openPGlite()
  club = await openClub({ database })
  robin = createVisitor(club.url)
  await robin.post('/sign-in', { email: demoStaff.email, password: demoStaff.password })
})
afterAll(async () => {
  await club.stop()
  await database.close()
})

const stripe = () => {
  if (!club.stripe) throw new Error('the club of these tests has a Stripe of its own')
  return club.stripe.client
}

/** Somebody who has joined, and where staff see them. */
async function aMember(name = 'Ada Marlowe') {
  const visitor = createVisitor(club.url)
  const email = `staffed${++joined}@house.example`
  await visitor.join(email, name)
  const [user] = await database.query<{ id: string }>('select id from club_user where email = $1', [email])
  return { visitor, email, id: user?.id ?? '', path: `/staff/members/${user?.id}` }
}

/** The same with Enterprise, which has no trial: $99 are paid. */
async function aPayingMember(name?: string) {
  const member = await aMember(name)
  const started = await member.visitor.post('/billing/checkout', { plan: 'ent', interval: 'monthly' })
  const paid = await pay(started.headers.get('location') ?? '')
  const { pathname, search } = new URL(paid.headers.get('location') ?? '')
  await member.visitor.get(pathname + search)
  await pageThatSays(member.path, /\/invoices\/in_/)
  const invoice = /\/invoices\/(in_\w+)/.exec(await read(member.path))?.[1] ?? ''
  return { ...member, invoice: `${member.path}/invoices/${invoice}`, invoiceId: invoice }
}

const read = async (path: string): Promise<string> => (await robin.get(path)).text()

/** A page, once it says what a webhook has to bring. */
async function pageThatSays(path: string, words: RegExp): Promise<string> {
  await expect.poll(() => read(path), { timeout: 20_000 }).toMatch(words)
  return read(path)
}

const hidden = (page: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''

/** What is to go wrong at Stripe from now on. */
async function faults(settings: FaultSettings): Promise<void> {
  const { url } = club.stripe?.local ?? {}
  const headers = { authorization: `Bearer ${club.stripe?.keys.secretKey}`, 'content-type': 'application/json' }
  const answer = await fetch(`${url}/_local/faults`, { method: 'POST', headers, body: JSON.stringify(settings) })
  expect(answer.status).toBe(200)
}

/** What has gone back of an invoice, at Stripe. */
async function gaveBack(invoice: string): Promise<number[]> {
  const { data } = await stripe().invoicePayments.list({ invoice })
  const intent = String(data[0]?.payment.payment_intent)
  return (await stripe().refunds.list({ payment_intent: intent })).data.map(({ amount }) => amount)
}

describe('who is not staff', () => {
  const forms = ['', '/inbox/replay', '/inbox/revive']
  const pages = ['', '/inbox', '/nothing']

  test('finds nothing at any of the addresses, be it a guest or a member: the answer is that of an address that is nowhere', async () => {
    const { visitor, path } = await aPayingMember()
    const invoice = `${path}/invoices/in_1`
    for (const who of [createVisitor(club.url), visitor]) {
      const nowhere = await who.get('/nowhere')
      // The time bar shows the second and the way back.
      const shown = async (answer: Response) => (await answer.text()).replace(/<aside.*/s, '')
      const expected = await shown(nowhere)
      for (const each of [...pages.map((page) => `/staff${page}`), path, `${path}/end`, invoice, `${invoice}/refund`]) {
        const answer = await who.get(each)
        expect([each, answer.status]).toEqual([each, 404])
        expect(await shown(answer)).toBe(expected)
        expect([...answer.headers.keys()]).toEqual([...nowhere.headers.keys()])
      }
      for (const each of [
        ...forms.map((form) => `/staff${form}`),
        ...['/end', '/resume', '/undo-switch', '/grants', '/grants/end'].map((form) => path + form),
        `${invoice}/refund`,
      ])
        expect([each, (await who.post(each, { plan: 'ent', reason: 'me', ending: 'now' })).status]).toEqual([each, 404])
    }
    expect(await (await visitor.get('/account')).text()).not.toContain('/staff')
  })

  test('makes no staff’s browser do anything from another site', async () => {
    const { path, invoice, invoiceId } = await aPayingMember()
    const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    for (const each of [`${invoice}/refund`, `${path}/end`, `${path}/grants`, '/staff/inbox/replay']) {
      const fields = { amount: '9900', reason: 'duplicate', key: 'k', ending: 'now', plan: 'ent' }
      expect((await robin.post(each, fields, elsewhere)).status).toBe(403)
    }
    expect(await gaveBack(invoiceId)).toEqual([])
  })

  test('changes nothing by GET', async () => {
    const { path, invoice, invoiceId } = await aPayingMember()
    for (const each of [`${path}/resume`, `${path}/grants`, '/staff/inbox/replay'])
      expect((await robin.get(each)).status).toBe(404)
    expect((await robin.get(`${invoice}/refund?amount=5`)).status).toBe(200)
    expect(await gaveBack(invoiceId)).toEqual([])
  })
})

describe('staff', () => {
  test('have a way there in the menu, and sign in with what the demo says', async () => {
    expect(await read('/')).toContain('href="/staff"')
    expect((await robin.get('/staff')).status).toBe(200)
  })

  test('find members by plan and state, and by a part of a name or an address', async () => {
    const paying = await aPayingMember('Wilhelmina Payer')
    const { path, email } = await aMember('Frederik Free')
    expect(await read('/staff?plan=ent&state=active')).toContain(paying.path)
    expect(await read('/staff?state=canceled')).not.toContain(paying.path)
    expect(await read('/staff?q=wilhelmina')).toContain(paying.path)
    expect(await read(`/staff?q=${email}`)).toContain(path)
    expect(await read('/staff?q=%25')).toContain('Nobody has “%” in their name or address.')
    expect((await robin.get('/staff?plan=gold&state=happy&q=%00')).status).toBe(200)
  })

  test('see one member whole: membership, invoices, card, and what happened', async () => {
    const { path } = await aPayingMember('Ada <b>')
    const page = await pageThatSays(path, /Enterprise \(monthly\) began/)
    for (const words of ['Ada &lt;b&gt;', 'sub_', '$99.00 a month', 'Visa', 'Refund', '<code>started</code>'])
      expect(page).toContain(words)
    expect((await robin.get('/staff/members/nobody')).status).toBe(404)
    expect((await robin.get('/staff/members/%00')).status).toBe(404)
    expect((await robin.get(`${path}?after=%00`)).status).toBe(200)
    expect((await robin.get(`${path}/invoices/in_nothing`)).status).toBe(404)
  })

  test('see nobody’s invoice under the name of another', async () => {
    const { invoiceId } = await aPayingMember()
    const other = await aMember()
    const borrowed = `${other.path}/invoices/${invoiceId}`
    expect((await robin.get(borrowed)).status).toBe(404)
    const fields = { amount: '500', reason: 'duplicate', key: 'k' }
    expect((await robin.post(`${borrowed}/refund`, fields)).status).toBe(404)
    expect(await gaveBack(invoiceId)).toEqual([])
  })
})

describe('a refund', () => {
  test('is shown before it is made, is made once by two clicks at once, and can be followed by another', async () => {
    const { path, invoice, invoiceId } = await aPayingMember('Ada Marlowe')
    const asked = await read(`${invoice}/refund?amount=12.50&reason=duplicate`)
    for (const words of ['Pay $12.50 back?', '$99.00', '$86.50', 'It was paid twice', 'The membership goes on.'])
      expect(asked).toContain(words)
    expect(await gaveBack(invoiceId)).toEqual([])

    const form = { amount: hidden(asked, 'amount'), reason: 'duplicate', key: hidden(asked, 'key') }
    const clicks = await Promise.all([1, 2, 3].map(() => robin.post(`${invoice}/refund`, form)))
    expect(clicks.map(({ status }) => status)).toEqual([303, 303, 303])
    expect((await robin.post(`${invoice}/refund`, form)).status).toBe(303)
    expect(await gaveBack(invoiceId)).toEqual([1250])
    expect(await read(clicks[0]?.headers.get('location') ?? '')).toMatch(/on its way back[\s\S]*\$86\.50 at most/)
    expect(await pageThatSays(path, /Money was paid back: \$12\.50 of \$99\.00/)).toContain('Active')

    // The same amount once more, asked for anew, is meant.
    const again = await read(`${invoice}/refund?amount=12.50&reason=duplicate`)
    await robin.post(`${invoice}/refund`, { ...form, key: hidden(again, 'key') })
    expect(await gaveBack(invoiceId)).toEqual([1250, 1250])
  })

  test('of the whole leaves nothing to pay back, and says so', async () => {
    const { invoice, invoiceId } = await aPayingMember()
    const asked = await read(`${invoice}/refund?amount=99&reason=requested_by_customer`)
    const form = { amount: '9900', reason: 'requested_by_customer', key: hidden(asked, 'key') }
    await robin.post(`${invoice}/refund`, form)
    expect(await gaveBack(invoiceId)).toEqual([9900])
    expect(await read(invoice)).toContain('All that was paid by card has gone back.')
    const late = await robin.post(`${invoice}/refund`, { ...form, key: 'another' })
    expect(late.status).toBe(422)
    expect(await late.text()).toContain('No money of this invoice is left to go back')
  })

  test.each(['', '0', '-5', '5,50', '1e2', 'five', '99.01', '100000000'])(
    'of %j is refused in a sentence',
    async (amount) => {
      const { invoice, invoiceId } = await shared()
      const answer = await robin.get(`${invoice}/refund?amount=${encodeURIComponent(amount)}`)
      expect(answer.status).toBe(422)
      expect(await answer.text()).toMatch(/That is no amount|That is more than can go back: \$99\.00/)
      expect(await gaveBack(invoiceId)).toEqual([])
    },
  )

  test.each([
    [{ amount: '9901', reason: 'duplicate', key: 'k' }, 'That is more than can go back: $99.00 is left.'],
    [{ amount: '5.5', reason: 'duplicate', key: 'k' }, 'that form was not whole'],
    [{ amount: '0', reason: 'duplicate', key: 'k' }, 'that form was not whole'],
    [{ amount: '-500', reason: 'duplicate', key: 'k' }, 'that form was not whole'],
    [{ amount: '500', reason: 'whim', key: 'k' }, 'that form was not whole'],
    [{ amount: '500', reason: 'duplicate' }, 'that form was not whole'],
  ])('that is sent as %j pays nothing back', async (form, words) => {
    const { invoice, invoiceId } = await shared()
    const answer = await robin.post(`${invoice}/refund`, form)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(words)
    expect(await gaveBack(invoiceId)).toEqual([])
  })

  test('whose answer was lost says that Stripe does not answer, and is made once when the form is sent again', async () => {
    const { path, invoice, invoiceId } = await aPayingMember()
    const form = { amount: '700', reason: 'duplicate', key: 'lost' }
    await faults({ api: { resetAfterWrite: 1 } })
    const lost = await robin.post(`${invoice}/refund`, form)
    expect(lost.status).toBe(503)
    expect(await lost.text()).toContain('Stripe does not answer')
    await faults({ api: { status500: 1 } })
    expect((await robin.get(invoice)).status).toBe(503)
    expect(await read(path)).toMatch(/Stripe, which does not answer just now[\s\S]*Enterprise \(monthly\) began/)
    await faults({})
    expect((await robin.post(`${invoice}/refund`, form)).status).toBe(303)
    expect(await gaveBack(invoiceId)).toEqual([700])
  })

  let one: ReturnType<typeof aPayingMember> | undefined
  /** Of whom nothing is ever given back. */
  const shared = () => {
    one ??= aPayingMember()
    return one
  }
})

describe('the end of a membership by staff', () => {
  test('at the end of its period can be taken back', async () => {
    const { path, visitor } = await aPayingMember()
    const ended = await robin.post(`${path}/end`, { ending: 'periodEnd' })
    expect(ended.headers.get('location')).toBe(`${path}?notice=ends`)
    expect(await (await visitor.get('/account')).text()).toContain('Ends soon')
    expect(await read(path)).toContain('Take the cancellation back')
    await robin.post(`${path}/resume`)
    expect(await read(path)).not.toContain('Take the cancellation back')
    const again = await robin.post(`${path}/resume`)
    expect(again.status).toBeLessThan(500)
  })

  test('now, with what was shown of it back to the card, however often it is clicked', async () => {
    const { path, invoiceId, visitor } = await aPayingMember()
    const asked = await read(`${path}/end`)
    const unused = Number(hidden(asked, 'unused'))
    expect(unused).toBeGreaterThan(9800)
    expect(asked).toContain(`Now, and $${(unused / 100).toFixed(2)} back to the card`)
    const form = { ending: 'unused', unused: String(unused), period: '9900' }
    const clicks = await Promise.all([1, 2].map(() => robin.post(`${path}/end`, form)))
    expect(clicks.map(({ headers }) => headers.get('location'))).toEqual([1, 2].map(() => `${path}?notice=ended`))
    expect(await gaveBack(invoiceId)).toEqual([unused])
    expect((await visitor.get('/members/ent')).status).toBe(403)
  })

  test('with money that has gone back meanwhile is refused in a sentence, and ends nothing', async () => {
    const { path, invoice, invoiceId } = await aPayingMember()
    const unused = hidden(await read(`${path}/end`), 'unused')
    await robin.post(`${invoice}/refund`, { amount: '9000', reason: 'duplicate', key: 'meanwhile' })
    const late = await robin.post(`${path}/end`, { ending: 'unused', unused, period: '9900' })
    expect(late.status).toBe(422)
    expect(await late.text()).toMatch(/That is more than can go back: \$9\.00 is left[\s\S]*End this membership/)
    expect(await gaveBack(invoiceId)).toEqual([9000])
  })

  test('of nothing is refused in a sentence', async () => {
    const { path } = await aMember()
    for (const answer of [await robin.get(`${path}/end`), await robin.post(`${path}/end`, { ending: 'now' })]) {
      expect(answer.status).toBe(422)
      expect(await answer.text()).toContain('There is no membership to cancel: nothing is being charged.')
    }
    expect((await robin.post(`${path}/end`, { ending: 'someday' })).status).toBe(422)
  })
})

describe('a plan that staff give', () => {
  test('opens its room until it is ended, and is given once', async () => {
    const { path, visitor } = await aMember()
    const gift = { plan: 'ent', reason: 'spoke at our meetup', until: '' }
    expect((await robin.post(`${path}/grants`, gift)).headers.get('location')).toBe(`${path}?notice=given`)
    expect((await robin.post(`${path}/grants`, gift)).headers.get('location')).toBe(`${path}?notice=givenBefore`)
    expect((await visitor.get('/members/ent')).status).toBe(200)
    expect(await read('/staff?state=granted')).toContain(path)
    expect((await read(path)).match(/spoke at our meetup/g)).toHaveLength(1)
    await robin.post(`${path}/grants/end`, { plan: 'ent' })
    expect((await visitor.get('/members/ent')).status).toBe(403)
    expect((await robin.post(`${path}/grants/end`, { plan: 'ent' })).headers.get('location')).toMatch(/gone$/)
  })

  test.each([
    [{ plan: 'ent', reason: '' }, 'Say why'],
    [{ plan: 'gold', reason: 'x' }, 'Choose a plan'],
    [{ plan: 'ent', reason: 'x'.repeat(201) }, 'in 200 characters'],
    [{ plan: 'ent', reason: 'x', until: '2020-01-01' }, 'That end is past'],
    [{ plan: 'ent', reason: 'x', until: '2031-02-31' }, 'no date'],
  ])('as %j is refused in a sentence', async (gift, words) => {
    const { path } = await aMember()
    const answer = await robin.post(`${path}/grants`, gift)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(words)
  })
})

describe('the inbox', () => {
  test('shows what failed and why, runs it again, and shows what the last comparison found', async () => {
    const { path, invoiceId } = await aPayingMember()
    expect(await read('/staff/inbox')).toMatch(/All is well\.[\s\S]*None yet\. It is made every night/)
    await database.query(
      `update dues.inbox set state = 'dead', error = 'no such thing' where id =
         (select id from dues.inbox where type = 'invoice.paid' and object = $1)`,
      [invoiceId],
    )
    const sick = await read('/staff/inbox')
    expect(sick).toMatch(/1 event could not be applied[\s\S]*invoice\.paid[\s\S]*no such thing/)
    const id = /value="(evt_\w+)"/.exec(sick)?.[1] ?? ''
    expect((await robin.post('/staff/inbox/replay', { id })).headers.get('location')).toMatch(/replayed$/)
    expect(await read('/staff/inbox')).toContain('Everything that Stripe sent has been applied.')
    expect((await robin.post('/staff/inbox/replay', { id: 'evt_none' })).headers.get('location')).toMatch(/gone$/)
    expect((await robin.post('/staff/inbox/revive', { id: 'none' })).headers.get('location')).toMatch(/gone$/)
    expect((await robin.post('/staff/inbox/replay', { id: 'evt_\0' })).headers.get('location')).toMatch(/gone$/)
    expect((await robin.get(path)).status).toBe(200)
  })
})

describe('an address that the settings name', () => {
  test.each([
    ['where nobody but its visitor can reach the club', {}, [demoStaff.email]],
    ['never where other machines can', { HOST: '0.0.0.0' }, []],
    ['never where it has a name of its own', { BASE_URL: 'https://club.example' }, []],
    ['never beside staff who are named', { CLUB_STAFF: 'ada@club.example' }, ['ada@club.example']],
    ['never with keys of Stripe', { STRIPE_SECRET_KEY: 'sk_test_abc', STRIPE_WEBHOOK_SECRET: 'whsec_abc' }, []],
  ])('takes the place of the demo’s, which is staff %s', (_, env, staff) => {
    expect(staffOf(readClubSettings(env))).toEqual(staff)
  })

  test('is staff’s where its account was there before, and nobody can have another by joining', async () => {
    const own = await openPGlite()
    const { sql } = fromPglite(own.database as PGlite)
    const log = pino({ level: 'silent' })
    const auth = createAuth({ sql, secret: 'x'.repeat(32), baseUrl: 'http://localhost', log })
    await migrateAuth(auth)
    await auth.api.signUpEmail({ body: { name: 'Grace', email: 'grace@club.example', password } })
    const env = { CLUB_STAFF: 'Grace@club.example, nobody@club.example' }
    const running = await openClub({ database: own, env })
    try {
      expect(running.warning).toContain('names nobody@club.example, with whom nobody has joined')
      const grace = createVisitor(running.url)
      await grace.post('/sign-in', { email: 'grace@club.example', password })
      expect((await grace.get('/staff')).status).toBe(200)
      const thief = createVisitor(running.url)
      const refused = await thief.post('/sign-up', { name: 'T', email: 'NOBODY@club.example', password })
      expect(refused.status).toBe(422)
      expect(await refused.text()).toContain('There is an account with this address already')
      // The demo's account, which everybody knows, is nobody here.
      await thief.post('/sign-up', demoStaff)
      expect((await thief.get('/members')).status).toBe(200)
      expect((await thief.get('/staff')).status).toBe(404)
    } finally {
      await running.stop()
      await own.close()
    }
  })
})
