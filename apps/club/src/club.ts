import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StripeKeys } from 'dues'
import type { Logger } from 'pino'
import { createAuth, migrateAuth, userOf } from './accounts/auth.ts'
import { createHistory, migrateHistory } from './accounts/history.ts'
import { createApp } from './app.tsx'
import { type ClubDues, createBilling } from './billing.ts'
import { type Database, openDatabase } from './database.ts'
import { type Listening, listen } from './http/listen.ts'
import { createFrame } from './http/render.tsx'
import { lockFolder } from './lock.ts'
import { billingPages } from './pages/billing-pages.tsx'
import { createPrints, migratePrints } from './prints/prints.ts'
import { createProjects, migrateProjects } from './projects/projects.ts'
import type { Settings } from './settings.ts'
import { isDemo, openDemoAccount } from './staff/demo.ts'
import { createPeople } from './staff/people.ts'
import { createIsStaff, missingStaff, staffOf } from './staff/staff.ts'
import { type EmbeddedStripe, journalOf, makePromotionCodes, startEmbeddedStripe } from './stripe/embedded.ts'
import { lostDatabase } from './stripe/lost-database.ts'
import { createTimeMachine } from './stripe/time-machine.ts'

/** A club that is open. */
export type RunningClub = {
  readonly url: string
  /** The embedded Stripe; null where the keys of another were given. */
  readonly stripe: EmbeddedStripe | null
  /** What somebody should know who has opened it; null when all is well. */
  readonly warning: string | null
  /** Finishes what is under way; everything is kept. */
  stop(): Promise<void>
}

/** Runs a part of the start, and says so. */
export type Report = <T>(what: string, work: () => Promise<T>) => Promise<T>

export type ClubOptions = {
  readonly log: Logger
  readonly report: Report
  /** A database that is open already, in place of the one that the settings name. The club closes it. */
  readonly database?: Database
}

/** Opens the club: database, Stripe, billing, pages. What was opened before a failure is closed again. */
export async function startClub(settings: Settings, { log, report, ...given }: ClubOptions): Promise<RunningClub> {
  const closing: (() => Promise<unknown>)[] = []
  let server: Listening | undefined
  const stop = async () => {
    // Nobody new comes in while the lights go out.
    await server?.close()
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    return await open()
  } catch (error) {
    await stop()
    throw error
  }

  async function open(): Promise<RunningClub> {
    const inMemory = settings.dataDir.startsWith('memory:')
    if (!inMemory) closing.push(await lockFolder(settings.dataDir))

    // The port is taken first: whoever finds it in use should learn so at once. Until everything is up, Stripe is asked to come again.
    let answer = (_: Request): Response | Promise<Response> =>
      new Response('The club is opening. Try again in a moment.', { status: 503, headers: { 'retry-after': '2' } })
    server = await listen((request) => answer(request), settings.port, settings.host)
    const url = settings.baseUrl ?? `http://localhost:${server.port}`

    const { databaseUrl, dataDir } = settings
    const database =
      given.database ?? (await report('Opening the database', () => openDatabase({ url: databaseUrl, dataDir })))
    closing.push(() => database.close())

    const webhookUrl = `http://localhost:${server.port}/billing/webhook`
    const embedded = settings.stripe
      ? null
      : await startEmbeddedStripe({ port: settings.stripeLocalPort, journal: journalOf(settings.dataDir), webhookUrl })
    if (embedded) closing.push(() => embedded.local.stop())
    const time = embedded && createTimeMachine(embedded.local, embedded.keys.secretKey)

    const keys = settings.stripe ?? embedded?.keys ?? { secretKey: undefined, webhookSecret: undefined }
    const secret = settings.sessionSecret ?? (await keptSecret(inMemory ? undefined : settings.dataDir))
    const auth = createAuth({ sql: database.sql, secret, baseUrl: url, log })
    const frame = createFrame({ time })
    const history = createHistory(database.sql)
    const projects = createProjects(database.sql)
    const people = createPeople(database.sql)
    const staff = staffOf(settings)
    const isStaff = createIsStaff(staff)
    const dues: ClubDues = createBilling({
      stripe: keys,
      database: database.shared,
      identify: (request) => userOf(auth, request.headers),
      pages: billingPages(frame, () => dues, isStaff),
      baseUrl: settings.baseUrl,
      now: time?.now,
      countProjects: projects.count,
      hooks: history.hooks,
      metricsToken: settings.metricsToken,
      log,
    })
    closing.push(() => dues.stop())
    await report('Preparing the tables', () =>
      Promise.all([
        migrateAuth(auth),
        migrateProjects(database.sql),
        migratePrints(database.sql),
        migrateHistory(database.sql),
      ]),
    )
    if (embedded) {
      await report('Telling Stripe Local the prices', () => dues.catalogue.push())
      await makePromotionCodes(embedded)
    }
    await report('Starting the billing', () => dues.start())
    const journal = embedded ? journalOf(dataDir) : undefined
    if (isDemo(settings)) await openDemoAccount(auth, people)
    const warnings = await Promise.all([
      lostDatabase(database, keys, { dataDir, databaseUrl, journal }),
      missingStaff(people, staff),
    ])
    const warning = warnings.filter((one) => one !== null).join('\n\n') || null

    const app = createApp({
      frame,
      auth,
      dues,
      projects,
      prints: createPrints(database.sql, dues.usage, time?.now),
      history,
      people,
      isStaff,
      time,
      checkoutOrigins: pagesOf(embedded?.keys ?? settings.stripe),
      log,
    })
    answer = app.fetch
    return { url, stripe: embedded, warning, stop }
  }
}

/** Where Stripe's hosted pages are: at Stripe, or beside the API of a Stripe on this machine. */
const pagesOf = (keys: StripeKeys | undefined): string[] =>
  keys?.apiBase
    ? [new URL(keys.apiBase).origin]
    : ['https://checkout.stripe.com', 'https://billing.stripe.com', 'https://invoice.stripe.com']

/** The secret that signs the sessions: made once and kept, so that a restart signs nobody out. */
async function keptSecret(folder: string | undefined): Promise<string> {
  const made = randomBytes(32).toString('base64url')
  if (folder === undefined) return made
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'session-secret')
  // Only the first to make the file writes it; everybody else reads what is there.
  await writeFile(file, made, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return (await readFile(file, 'utf8')).trim()
}
