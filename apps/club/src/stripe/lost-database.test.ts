import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createVisitor } from '../../test/open-club.ts'
import { type RunningClub, startClub } from '../club.ts'
import { readClubSettings } from '../settings.ts'

const open = (folder: string) =>
  startClub(readClubSettings({ PORT: '0', STRIPE_LOCAL_PORT: '0', DATA_DIR: folder }), {
    log: pino({ level: 'silent' }),
    report: (_, work) => work(),
  })

/** Subscribes somebody who has an account at the club, as its Checkout would. */
async function subscribe({ url, stripe }: RunningClub) {
  await createVisitor(url).join('ada@house.example')
  const client = stripe?.client
  const metadata = { dues_owner: 'ada' }
  const card = 'pm_card_visa'
  const customer = await client?.customers.create({
    payment_method: card,
    invoice_settings: { default_payment_method: card },
    metadata,
  })
  const prices = await client?.prices.list({ lookup_keys: ['dues_ent_monthly'] })
  await client?.subscriptions.create({
    customer: customer?.id ?? '',
    items: [{ price: prices?.data[0]?.id ?? '' }],
    metadata,
  })
}

test('a club whose database is lost, while its Stripe goes on, says so at start, and what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'club-lost-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const first = await open(folder)
  expect(first.warning).toBeNull()
  await subscribe(first)
  await first.stop()

  const again = await open(folder)
  expect(again.warning).toBeNull()
  await again.stop()

  await rm(join(folder, 'postgres'), { recursive: true })
  const lost = await open(folder)
  expect(lost.warning).toContain('Stripe holds 1 live subscription')
  expect(lost.warning).toContain(`Bring back the folder postgres in DATA_DIR (${folder})`)
  expect(lost.warning).toContain(`delete the journal of Stripe Local: ${join(folder, 'stripe-local.journal')}`)
  await lost.stop()

  // As long as nobody has joined, nobody can have read it.
  const still = await open(folder)
  expect(still.warning).toContain('Stripe holds 1 live subscription')
  await still.stop()
}, 120_000)
