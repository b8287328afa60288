import type { StripeKeys } from 'dues'
import { sql } from 'kysely'
import Stripe from 'stripe'
import type { Database } from '../database.ts'
import { demoStaff } from '../staff/demo.ts'

/** The way out, where it is known which Stripe goes on without its database. */
type Where = {
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly journal: string | undefined
}

/**
 * What to tell at start when nobody has an account at the club, while Stripe charges members of it: the database was lost, or it is
 * another's. Null when all is well, or when Stripe cannot be asked just now: that keeps nobody from opening.
 */
export async function lostDatabase(database: Database, keys: StripeKeys, where: Where): Promise<string | null> {
  // The demo's own account is there in a new database, too.
  const { rows } = await sql`select 1 from club_user where email <> ${demoStaff.email} limit 1`.execute(database.sql)
  if (rows.length > 0) return null
  const live = await liveMembers(keys).catch(() => 0)
  if (live === 0) return null
  const subscriptions = live === 1 ? '1 live subscription' : `${live} live subscriptions`
  return `The database is new and nobody has an account, but Stripe holds ${subscriptions} of this club's members, who are charged and not let in.
${wayOut(where)}`
}

/** Live subscriptions that a club has made, of the hundred newest: another app on the same account has its own. */
async function liveMembers({ secretKey, apiBase }: StripeKeys): Promise<number> {
  const base = apiBase === undefined ? undefined : new URL(apiBase)
  const stripe = new Stripe(secretKey ?? '', {
    timeout: 5_000,
    maxNetworkRetries: 0,
    ...(base && {
      host: base.hostname,
      port: base.port || undefined,
      protocol: base.protocol === 'http:' ? 'http' : 'https',
    }),
  })
  // Without a status, Stripe lists those that have not ended.
  const { data } = await stripe.subscriptions.list({ limit: 100 })
  return data.filter(({ metadata }) => metadata.dues_owner !== undefined).length
}

function wayOut({ dataDir, databaseUrl, journal }: Where): string {
  const back =
    databaseUrl === undefined
      ? `Bring back the folder postgres in DATA_DIR (${dataDir})`
      : 'Check that DATABASE_URL names the right database, or bring it back from a backup'
  const anew =
    journal === undefined
      ? 'if they are to end, cancel them in the dashboard of Stripe'
      : `to begin anew, end the club and delete the journal of Stripe Local: ${journal}`
  return `${back}; or, ${anew}.`
}
