import type { PGlite } from '@electric-sql/pglite'
import { pino } from 'pino'
import { openPGlite, type TestDatabase } from '../../../testing/databases.ts'
import { type RunningClub, startClub } from '../src/club.ts'
import { fromPglite } from '../src/database.ts'
import { readClubSettings } from '../src/settings.ts'

/** Opens a whole club on free ports, with its own Stripe Local, over a database of the test's own. Stop it when done. */
export async function openClub(
  options: { database?: TestDatabase; env?: Record<string, string> } = {},
): Promise<RunningClub> {
  const { database } = options.database ?? (await openPGlite())
  const url = typeof database === 'string' ? { DATABASE_URL: database } : {}
  const settings = readClubSettings({
    PORT: '0',
    STRIPE_LOCAL_PORT: '0',
    DATA_DIR: 'memory://',
    ...url,
    ...options.env,
  })
  return startClub(inMemory(settings), {
    log: pino({ level: 'silent' }),
    report: (_, work) => work(),
    ...(typeof database !== 'string' && { database: fromPglite(database as PGlite) }),
  })
}

/** `DATA_DIR` is made a full path when it is read; a club in memory has none. */
const inMemory = <T>(settings: T): T => ({ ...settings, dataDir: 'memory://' })

/** A browser without a face: keeps cookies, follows nothing, and says where it comes from as browsers do. */
export function createVisitor(base: string) {
  const cookies = new Map<string, string>()

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = new Headers(init.headers)
    if (cookie) headers.set('cookie', cookie)
    const response = await fetch(new URL(path, base), { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  return {
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    post: (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { 'sec-fetch-site': 'same-origin', origin: new URL(base).origin, ...headers },
      }),
    /** Joins the club, and is signed in. */
    async join(email: string, name = 'Ada Marlowe'): Promise<void> {
      const response = await this.post('/sign-up', { name, email, password })
      if (response.status !== 303) throw new Error(`sign-up answered ${response.status}`)
    },
  }
}

export const password = 'three short words'
export type TestVisitor = ReturnType<typeof createVisitor>

/** Fills in Stripe's page, as a browser would send it. */
export function pay(url: string): Promise<Response> {
  const card = { method: 'card', number: '4242 4242 4242 4242', expiry: '12 / 39', cvc: '123' }
  const body = new URLSearchParams({ ...card, name: 'Ada Marlowe', billing_country: 'US' })
  return fetch(url, { method: 'POST', body, redirect: 'manual' })
}
