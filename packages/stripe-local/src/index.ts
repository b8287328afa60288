import { type Account, type AccountSettings, createAccount } from './account.ts'
import { answerControl } from './control/control.ts'
import { runDue } from './engine/advance.ts'
import { createDeliveries, type Deliveries } from './events/deliver.ts'
import { type Journal, openJournal } from './journal.ts'
import { createLatest } from './latest.ts'
import { sendWith } from './protocol/answer.ts'
import { answerApi, type RequestLogEntry } from './protocol/api.ts'
import './resources/index.ts'
import { registerEndpoint } from './resources/webhook-endpoints.ts'
import { listen } from './server.ts'

export type { FaultSettings } from './control/faults.ts'
export type { AccountSettings }

/** Where to send events: every account of this Stripe Local has this endpoint from its beginning. */
export type WebhookOption = { url: string; secret: string; events?: string[] }

export type StripeLocalOptions = {
  /** 0, the default, takes any free port. */
  port?: number
  /** Loopback unless told otherwise. There is no password on anything here. */
  host?: string
  /** A file in which everything is kept; without it, everything is gone when the process ends. */
  journal?: string
  webhooks?: WebhookOption[]
  /** What every account of this Stripe Local decides for its subscriptions, where it is not the default. */
  settings?: Partial<AccountSettings>
}

/** A running Stripe Local. */
export type StripeLocal = {
  /** e.g. `http://localhost:12111` */
  url: string
  port: number
  /** Unix seconds by the clock of the account of this key. */
  now: (secretKey: string) => number
  /** Resolves when every event of this account so far was delivered once, or tried. */
  settled: (secretKey: string) => Promise<void>
  /** Everything that the account of this key is, in one call. Cheap: nothing is copied. */
  snapshot: (secretKey: string) => Snapshot
  /** Puts a snapshot in place of everything that the account of this key is. */
  restore: (secretKey: string, snapshot: Snapshot) => void
  stop: () => Promise<void>
}

/** Opaque: what `restore` takes. */
export type Snapshot = { readonly [opaque]: SnapshotContent }
declare const opaque: unique symbol
type SnapshotContent = {
  store: ReturnType<Account['store']['snapshot']>
  answers: ReturnType<Account['idempotency']['snapshot']>
  offset: number
  settings: Account['settings']
}

const requestsKept = 500

/**
 * Starts a Stripe on this machine: the API that the official SDKs talk to, the hosted pages, signed webhooks and a clock.
 *
 * Any key that begins with `sk_test_` has an account of its own, which begins empty.
 *
 * @example
 * const local = await startStripeLocal({ webhooks: [{ url: 'http://localhost:4242/billing/webhook', secret: 'whsec_local' }] })
 * const stripe = new Stripe('sk_test_mine', { host: 'localhost', port: local.port, protocol: 'http' })
 * await stripe.customers.create({ email: 'ada@example.com' })
 * await local.stop()
 */
export async function startStripeLocal(options: StripeLocalOptions = {}): Promise<StripeLocal> {
  const accounts = new Map<string, Account>()
  const deliveries = new Map<Account, Deliveries>()
  const requests = createLatest<RequestLogEntry>(requestsKept)
  const journal: Journal | undefined = options.journal === undefined ? undefined : openJournal(options.journal)
  let url = ''
  const pagesUrl = () => url

  function addAccount(key: string): Account {
    const account = createAccount({ key, pagesUrl })
    account.settings = { ...account.settings, ...options.settings }
    accounts.set(key, account)
    deliveries.set(account, createDeliveries(account))
    return account
  }

  /** The account of a key, or of an account that is connected to it. */
  function accountOf(secretKey: string, connected?: string): Account {
    const key = connected ? `${secretKey}/${connected}` : secretKey
    const known = accounts.get(key)
    if (known) return known
    const account = addAccount(key)
    journal?.follow(key, account)
    journal?.noteAccount(key, account)
    register(account)
    return account
  }

  function register(account: Account): void {
    account.work({ id: null, idempotency_key: null }, () => {
      for (const webhook of options.webhooks ?? []) registerEndpoint(account, webhook)
    })
  }

  const deliveriesOf = (account: Account): Deliveries => {
    const found = deliveries.get(account)
    if (!found) throw new Error(`The account ${account.id} is not of this Stripe Local.`)
    return found
  }

  const host = {
    accountOf,
    deliveriesOf,
    pagesUrl,
    accounts: () => [...accounts.values()],
    requests: requests.all,
    noteAccount: (account: Account) => journal?.noteAccount(account.key, account),
    tick: runDue,
    log: requests.add,
  }

  const restored = journal?.restore(addAccount) ?? []
  for (const account of restored) {
    journal?.follow(account.key, account)
    register(account)
  }

  const server = await listen(
    {
      whole: (request, send) => void answerApi(host, request, send),
      any: (request, response) => {
        const path = request.url ?? '/'
        if (path.startsWith('/v1/') || path.startsWith('/v2/')) void answerApi(host, request, sendWith(response))
        else if (isControl(request.method, path)) void answerControl(host, request, response)
        else
          void pages()
            .then(({ answerPage }) => answerPage(host, request, response))
            .catch((error: unknown) => {
              console.error(error)
              if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
              response.end('The pages of Stripe Local could not be read. What happened stands on its terminal.\n')
            })
      },
    },
    options.port ?? 0,
    options.host,
  )
  url = `http://${options.host ?? 'localhost'}:${server.port}`
  for (const account of restored) deliveriesOf(account).resume()

  // What falls due by itself while nobody asks: an open Checkout expires, a draft is finalized.
  const ticking = setInterval(() => {
    for (const account of accounts.values()) {
      try {
        runDue(account)
      } catch (error) {
        // Nobody waits for it, and the next second tries it again.
        console.error(error)
      }
    }
  }, 1000)
  ticking.unref()

  return {
    url,
    port: server.port,
    now: (secretKey) => accountOf(secretKey).clock.now(),
    settled: (secretKey) => deliveriesOf(accountOf(secretKey)).settled(),
    snapshot: (secretKey) => contentOf(accountOf(secretKey)) as unknown as Snapshot,
    restore(secretKey, snapshot) {
      const account = accountOf(secretKey)
      const before = contentOf(account)
      putBack(account, snapshot as unknown as SnapshotContent)
      try {
        journal?.startOver()
      } catch (error) {
        putBack(account, before)
        throw error
      }
    },
    async stop() {
      clearInterval(ticking)
      for (const each of deliveries.values()) each.stop()
      await server.close()
      journal?.close()
    },
  }
}

const contentOf = ({ store, idempotency, clock, settings }: Account): SnapshotContent => ({
  store: store.snapshot(),
  answers: idempotency.snapshot(),
  offset: clock.offset,
  settings,
})

function putBack(account: Account, { store, answers, offset, settings }: SnapshotContent): void {
  account.store.restore(store)
  account.idempotency.restore(answers)
  account.clock.offset = offset
  account.settings = settings
}

/** Read when the first page is asked for: they and the maker of PDFs are half of the program, and most runs answer the API alone. */
const pages = () => import('./pages/pages.ts')

/** The control API is JSON under a bearer key; the dashboard's pages are under /_local as well. */
const isControl = (method: string | undefined, path: string): boolean =>
  /^\/_local\/(clock|faults|settings|settled|resend)\b/.test(path) && (method === 'POST' || method === 'GET')
