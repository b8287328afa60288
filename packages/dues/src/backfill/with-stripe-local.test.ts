import type { FaultSettings } from 'stripe-local'
import { expect, test } from 'vitest'
import { openPostgres } from '../../../../testing/databases.ts'
import { plans } from '../../testing/app.ts'
import { openTestStripe } from '../../testing/stripe.ts'
import { run } from '../cli/run.ts'
import { createDues } from '../dues.ts'
import { silentLogger } from '../logger.ts'

const members = 1_500
const atOnce = 16

/** An account with members that some other code made: whose they are is in that code's own metadata. */
async function anAccount() {
  const opened = await openTestStripe()
  const { stripe, local, secretKey } = opened
  const product = await stripe.products.create({ name: 'Gold, of the old site' })
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 900,
    recurring: { interval: 'month' },
  })
  let next = 0
  const join = async () => {
    while (next < members) {
      const n = next++
      const customer = await stripe.customers.create({ email: `m${n}@example.com`, metadata: { user_id: `user_${n}` } })
      await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], trial_period_days: 30 })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, join))
  const faults = async (settings: FaultSettings) => {
    const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' }
    const answer = await fetch(`${local.url}/_local/faults`, {
      method: 'POST',
      headers,
      body: JSON.stringify(settings),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
  return { ...opened, faults }
}

test('dues backfill takes over thousands, stopped on its way and asked to slow down, and reconcile then finds nothing', async () => {
  const { local, secretKey, stripe, faults, now } = await anAccount()
  const { database, query, close } = await openPostgres()
  const started: string[] = []
  const load = async () =>
    createDues({
      stripe: { secretKey, webhookSecret: 'whsec_1', apiBase: local.url },
      database,
      plans,
      identify: () => null,
      now: () => new Date(now() * 1000),
      on: { started: ({ owner }) => void started.push(owner.id) },
      logger: silentLogger,
    })
  const seen: string[] = []
  const command = async (args: string[], stopAt?: string) => {
    const out: string[] = []
    const stop = new AbortController()
    const code = await run(args, {
      out: (line) => out.push(line),
      err: (line) => out.push(line),
      ask: null,
      progress: (line) => {
        seen.push(line)
        if (stopAt !== undefined && line.startsWith(stopAt)) stop.abort()
      },
      signal: stop.signal,
      load,
      version: '0.0.0',
    })
    return { code, out: out.join('\n') }
  }
  const dues = await load()
  await dues.catalogue.push()
  await dues.stop()

  const args = ['backfill', '--metadata', 'user_id', '--rate', '500']
  const dry = await command([...args, '--dry-run'])
  expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/customers that would get one +1500/) })
  expect(await query('select 1 from dues.owner_customer limit 1')).toEqual([])

  const first = await command(args, 'subscription')
  expect(first).toMatchObject({ code: 1, out: expect.stringContaining('Stopped. Run it again') })
  await faults({ seed: 5, api: { status429: 0.1 } })
  const second = await command(args)
  expect(second).toMatchObject({ code: 0, out: expect.stringMatching(/of them, got one now +1500/) })
  expect(second.out).toContain('Went on where an earlier backfill was stopped.')
  expect(seen).toContain(`asking: ${members}`)

  expect(
    await query('select count(*)::int as n, count(distinct owner)::int as owners from dues.owner_customer'),
  ).toEqual([{ n: members, owners: members }])
  await faults({})
  const reconciled = await command(['reconcile', '--rate', '500'])
  expect(reconciled).toMatchObject({ code: 0, out: expect.stringContaining('of which 0 differed') })
  expect(started).toEqual([])
  expect((await stripe.subscriptions.list({ limit: 1 })).data[0]?.status).toBe('trialing')
  await close()
})
