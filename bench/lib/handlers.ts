/**
 * The webhook handlers that are measured and tried against each other: Dues and its peers, each as its documentation sets it
 * up, each in a process of its own. The tables are read beside them, each in its own way.
 */
import { join } from 'node:path'
import type pg from 'pg'
import type { Belief, Need } from '../../packages/dues/testing/scenarios/types.ts'
import { startContestant } from './contestant.ts'
import { versionsOfPeers } from './peers.ts'

/** What a handler is started with. */
export type Start = {
  database: string
  webhookSecret: string
  /** Where Stripe is; port 9 of this machine, where nobody listens, for handlers that need not ask it. */
  stripe?: string
  secretKey?: string
  /** Price ids by the name of the plan. */
  prices?: Record<string, string>
  /** Where the app's own code is told of a change. */
  hookUrl?: string
  /** Without the noise of errors that are provoked. */
  quiet?: boolean
}

type Sql = Pick<pg.Pool, 'query'>

export type WebhookHandler = {
  name: string
  version: string
  /** The program, from the folder of the benchmarks. */
  program: string
  env?: Record<string, string>
  webhook: string
  /** Where it is asked to find what was lost; without it, it has nothing of the kind. `start`: it does so when it starts. */
  repair?: string | 'start'
  /** What it says of a subscription; null where it knows none. */
  belief(sql: Sql, subscription: string, prices: Record<string, string>): Promise<Belief | null>
  /** Lets it know somebody who is about to buy, as its own sign-up and Checkout would. Answers metadata for what is bought. */
  enrol?(sql: Sql, customer: string, owner: string, by: 'checkout' | 'api'): Promise<Record<string, string>>
  without: Partial<Record<Need, string>>
}

type Row = { status: string; price: string | null; period_end: string | number | null }
const asBelief = (row: Row | undefined): Belief | null =>
  row === undefined ? null : { status: row.status, price: row.price ?? '', periodEnd: Number(row.period_end ?? 0) }

const peers = versionsOfPeers()
const mirrorOnly = {
  hooks: 'it is a mirror: it runs no code of the app',
  'thin events': 'it takes snapshot events alone',
} as const
/** As the sync engines are set up unless told otherwise. */
const believing = { ...mirrorOnly, 'questions to Stripe': 'it believes the event and asks nothing' } as const

const stripeSyncEngine = {
  version: peers['@stripe/sync-engine'] ?? '',
  program: 'peers/sync-engine.js',
  webhook: '/webhook',
  repair: '/repair',
  without: mirrorOnly,
  async belief(sql: Sql, id: string) {
    const { rows } = await sql.query<Row>(
      `select _raw_data ->> 'status' as status, _raw_data #>> '{items,data,0,price,id}' as price,
         coalesce(_raw_data #>> '{items,data,0,current_period_end}', _raw_data ->> 'current_period_end') as period_end
       from stripe.subscriptions where id = $1`,
      [id],
    )
    return asBelief(rows[0])
  },
}

const supabaseSyncEngine = {
  version: peers['@supabase/stripe-sync-engine'] ?? '',
  program: 'peers/supabase-sync-engine.js',
  webhook: '/webhook',
  repair: '/repair',
  without: mirrorOnly,
  async belief(sql: Sql, id: string) {
    const { rows } = await sql.query<Row>(
      `select status::text, items #>> '{data,0,price,id}' as price,
         coalesce(items #>> '{data,0,current_period_end}', to_jsonb(s) ->> 'current_period_end') as period_end
       from stripe.subscriptions s where id = $1`,
      [id],
    )
    return asBelief(rows[0])
  },
}

const described = {
  dues: {
    name: 'Dues',
    version: '0.1.0',
    program: 'server.ts',
    webhook: '/billing/webhook',
    repair: 'start',
    without: {},
    async belief(sql, id) {
      const { rows } = await sql.query<Row>(
        `select status, items #>> '{0,price}' as price, items #>> '{0,current_period_end}' as period_end
         from dues.subscription where id = $1`,
        [id],
      )
      return asBelief(rows[0])
    },
  },
  'better-auth': {
    name: '@better-auth/stripe',
    version: peers['@better-auth/stripe'] ?? '',
    program: 'peers/better-auth.js',
    webhook: '/api/auth/stripe/webhook',
    without: {
      'thin events': 'it takes snapshot events alone',
      'questions to Stripe': 'it believes the event and asks nothing',
    },
    async belief(sql, id, prices) {
      const { rows } = await sql.query<Row & { plan: string }>(
        `select status, plan, extract(epoch from "periodEnd") as period_end from subscription
         where "stripeSubscriptionId" = $1`,
        [id],
      )
      const [row] = rows
      return row === undefined ? null : asBelief({ ...row, price: prices[row.plan] ?? row.plan })
    },
    async enrol(sql, customer, owner, by): Promise<Record<string, string>> {
      await sql.query(
        `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt", "stripeCustomerId")
         values ($1, $1, $1 || '@example.com', true, now(), now(), $2)`,
        [owner, customer],
      )
      if (by === 'api') return {}
      // What its `subscription.upgrade` leaves before it sends somebody to the Checkout.
      const id = `row_${owner}`
      await sql.query(
        `insert into subscription (id, plan, "referenceId", "stripeCustomerId", status, seats)
         values ($1, 'pro', $2, $3, 'incomplete', 1)`,
        [id, owner, customer],
      )
      return { userId: owner, subscriptionId: id, referenceId: owner }
    },
  },
  'sync-engine': { name: '@stripe/sync-engine', ...stripeSyncEngine, without: believing },
  'sync-engine-asking': {
    name: '@stripe/sync-engine, asking Stripe each time',
    ...stripeSyncEngine,
    env: { REVALIDATE: '1' },
  },
  supabase: { name: '@supabase/stripe-sync-engine', ...supabaseSyncEngine, without: believing },
  'supabase-asking': {
    name: '@supabase/stripe-sync-engine, asking Stripe each time',
    ...supabaseSyncEngine,
    env: { REVALIDATE: '1' },
  },
} as const satisfies Record<string, WebhookHandler>

/** What Dues is measured against, and not tried with: it makes no promise that it could keep. */
export const floor: WebhookHandler = {
  name: 'the floor',
  version: '',
  program: 'floor.ts',
  webhook: '/billing/webhook',
  without: believing,
  async belief(sql, id) {
    const { rows } = await sql.query<Row>('select status, price, period_end from floor_subscription where id = $1', [
      id,
    ])
    return asBelief(rows[0])
  },
}

/** What verifying and answering alone cost here: no handler on this machine can be quicker. It believes nothing. */
export const verifyOnly: WebhookHandler = {
  name: 'verifying alone',
  version: '',
  program: 'verify-only.ts',
  webhook: '/billing/webhook',
  without: mirrorOnly,
  belief: async () => null,
}

export type HandlerName = keyof typeof described
export const handlers: Readonly<Record<HandlerName, WebhookHandler>> = described

/** Starts a handler and waits until it is ready. It makes its tables itself. */
export function startHandler(handler: WebhookHandler, start: Start) {
  const { database, webhookSecret, stripe, secretKey, prices, hookUrl, quiet = false } = start
  return startContestant({
    command: () => ['--conditions=dues-source', join(import.meta.dirname, '..', handler.program)],
    env: (port) => ({
      ...handler.env,
      PORT: `${port}`,
      DATABASE_URL: database,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_API_BASE: stripe ?? 'http://127.0.0.1:9',
      STRIPE_SECRET_KEY: secretKey ?? 'sk_test_bench',
      PRICES: JSON.stringify(prices ?? {}),
      ...(hookUrl && { HOOK_URL: hookUrl }),
    }),
    probe: { path: '/health', headers: {} },
    quiet,
  })
}
