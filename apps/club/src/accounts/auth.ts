import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import type { Logger } from 'pino'
import type { Database } from '../database.ts'

/** Who is signed in. */
export type User = { readonly id: string; readonly name: string; readonly email: string }

/**
 * Better Auth over the club's database: email and password, sessions in a cookie. Its own HTTP routes are not mounted: the
 * club's forms call it, so that they work without JavaScript.
 */
export function createAuth({
  sql,
  secret,
  baseUrl,
  log,
}: {
  sql: Database['sql']
  secret: string
  baseUrl: string
  log: Logger
}) {
  return betterAuth({
    appName: 'Trigpoint',
    baseURL: baseUrl,
    secret,
    database: { db: sql, type: 'postgres', transaction: true },
    emailAndPassword: { enabled: true, minPasswordLength: 10, autoSignIn: true },
    user: { modelName: 'club_user' },
    session: { modelName: 'club_session', expiresIn: 60 * 60 * 24 * 30 },
    account: { modelName: 'club_login' },
    verification: { modelName: 'club_verification' },
    advanced: { cookiePrefix: 'trigpoint' },
    telemetry: { enabled: false },
    logger: {
      // A wrong password is a warning to Better Auth; to the club it is a Tuesday.
      level: 'warn',
      log: (level, message) => log[level === 'error' ? 'error' : 'debug']({ part: 'better-auth' }, message),
    },
  })
}

export type Auth = ReturnType<typeof createAuth>

/** Makes the tables that Better Auth needs and does not find. */
export async function migrateAuth(auth: Auth): Promise<void> {
  const { runMigrations } = await getMigrations(auth.options)
  await runMigrations()
}

/** The signed-in user of a request, or null. */
export async function userOf(auth: Auth, headers: Headers): Promise<User | null> {
  const session = await auth.api.getSession({ headers })
  return session && { id: session.user.id, name: session.user.name, email: session.user.email }
}
