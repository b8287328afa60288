import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { onEachDatabase } from '../../../testing/databases.ts'
import { openTestStripe } from '../testing/stripe.ts'
import { createDues } from './dues.ts'
import type { DuesError } from './errors.ts'
import { silentLogger } from './logger.ts'
import { usd } from './money.ts'
import type { DuesOptions } from './options.ts'

const plans = { free: { name: 'Free' }, pro: { name: 'Professional', prices: { monthly: usd(19) } } } as const
type P = typeof plans

const options: DuesOptions<P> = {
  stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' },
  database: 'postgres://localhost:1/none',
  plans,
  identify: () => null,
  logger: silentLogger,
}

const refusal = (changes: object): string => {
  try {
    createDues({ ...options, ...changes })
  } catch (error) {
    expect(error).toMatchObject({ code: 'settings_invalid' })
    return (error as DuesError).message
  }
  return ''
}

describe('a wrong option is named at once', () => {
  test.each([
    [{ stripe: { secretKey: undefined, webhookSecret: 'whsec_1' } }, 'stripe.secretKey is missing'],
    [{ stripe: { secretKey: 'sk_test_1', webhookSecret: undefined } }, 'stripe.webhookSecret is missing'],
    [{ stripe: { secretKey: 'sk_test_1', webhookSecret: [] } }, 'stripe.webhookSecret is missing'],
    [
      { stripe: { secretKey: 'sk_test_1', webhookSecret: ['whsec_1', 'sk_test_1'] } },
      'stripe.webhookSecret is no signing secret',
    ],
    [{ stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1', apiBase: 'nowhere' } }, 'stripe.apiBase is no URL'],
    [{ database: undefined }, 'database is missing'],
    [{ database: 'localhost/club' }, 'database is no PostgreSQL URL'],
    [{ plans: {} }, 'plans is empty'],
    [{ identify: undefined }, 'identify is missing'],
    [{ baseUrl: 'club.example' }, 'baseUrl is no URL'],
    [{ basePath: 'billing' }, 'basePath is no path'],
    [{ basePath: '/billing/' }, 'basePath ends in a slash'],
    [{ paths: { account: 'https://evil.example' } }, 'paths.account is no path'],
    [{ pastDue: { graceDays: -1 } }, 'pastDue.graceDays'],
    [{ prefix: 'My App' }, 'prefix'],
    [{ usage: { projects: { resets: 'month' } } }, 'usage.projects: no plan has a limit of this name'],
  ])('%j', (changes, message) => {
    expect(refusal(changes)).toContain(message)
  })

  test('and all of them together', () => {
    expect(refusal({ database: undefined, baseUrl: 'x', plans: {} })).toMatch(/^3 settings are wrong/)
  })
})

onEachDatabase('start', (openDatabase) => {
  /** An app on a database and a Stripe of its own, which starts and stops as often as it likes. */
  async function openApp() {
    const { database, close } = await openDatabase()
    const { local, secretKey } = await openTestStripe()
    const stopping: (() => Promise<void>)[] = []
    onTestFinished(async () => {
      for (const stop of stopping) await stop()
      await close()
    })
    const open = (changes: Partial<DuesOptions<P>> = {}) => {
      const stripe = { secretKey, webhookSecret: 'whsec_1', apiBase: local.url }
      const dues = createDues({ ...options, stripe, database, ...changes })
      stopping.push(dues.stop)
      return dues
    }
    return { open, local, secretKey }
  }
  const nowhere = { secretKey: 'sk_test_1', webhookSecret: 'whsec_1', apiBase: 'http://localhost:1' }

  test('refuses prices that are not at Stripe, and says how to put them there', async () => {
    const { open } = await openApp()
    await expect(open().start()).rejects.toThrow('- pro monthly (dues_pro_monthly) is not there.\nRun `dues push`')
  })

  test('can be called again when what was wrong is mended', async () => {
    const { open } = await openApp()
    const dues = open()
    await expect(dues.start()).rejects.toMatchObject({ code: 'settings_invalid' })
    await dues.catalogue.push()
    await dues.start()
    expect((await dues.member('user_1')).plan).toBe('free')
  })

  test('tells a Stripe that is not reached from a database that is not reached', async () => {
    const { open } = await openApp()
    await expect(open({ stripe: nowhere }).start()).rejects.toMatchObject({ code: 'stripe_unavailable' })
    await expect(open({ database: options.database }).start()).rejects.toMatchObject({ code: 'database_unavailable' })
  })

  test('goes on without Stripe once it has seen the prices, and buying waits', async () => {
    const { open } = await openApp()
    const before = open()
    await before.catalogue.push()
    await before.start()
    const dues = open({ stripe: nowhere, baseUrl: 'https://club.example' })
    await dues.start()
    expect((await dues.member('user_1')).plan).toBe('free')
    const buying = dues.checkout.start({ owner: { id: 'user_1' }, plan: 'pro', interval: 'monthly' })
    await expect(buying).rejects.toMatchObject({ code: 'stripe_unavailable' })
  })

  test('says that Stripe does not accept the key, without printing it', async () => {
    const { open, local } = await openApp()
    const stripe = { secretKey: 'sk_live_notforlocal', webhookSecret: 'whsec_1', apiBase: local.url }
    const error = await open({ stripe })
      .start()
      .catch((refused: unknown) => refused)
    expect(error).toMatchObject({ code: 'settings_invalid', message: expect.not.stringContaining('notforlocal') })
  })
})

test('a pg Pool that was handed in stays open', async () => {
  const pool = new pg.Pool({ connectionString: 'postgres://localhost:1/none' })
  const dues = createDues({ ...options, database: pool })
  await dues.stop()
  expect(pool.ended).toBe(false)
  await pool.end()
})
