import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
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
  ])('%j', (changes, message) => {
    expect(refusal(changes)).toContain(message)
  })

  test('and all of them together', () => {
    expect(refusal({ database: undefined, baseUrl: 'x', plans: {} })).toMatch(/^3 settings are wrong/)
  })
})

describe('start', () => {
  const stopping: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const stop of stopping.splice(0)) await stop()
  })
  const open = (changes: Partial<DuesOptions<P>>) => {
    const dues = createDues({ ...options, ...changes })
    stopping.push(dues.stop)
    return dues
  }

  test('refuses prices that are not at Stripe, and says how to put them there', async () => {
    const { local, secretKey } = await openTestStripe()
    const dues = open({ stripe: { secretKey, webhookSecret: 'whsec_1', apiBase: local.url } })
    await expect(dues.start()).rejects.toThrow('- pro monthly (dues_pro_monthly) is not there.\nRun `dues push`')
  })

  test('tells a Stripe that is not reached from a database that is not reached', async () => {
    const { local, secretKey } = await openTestStripe()
    const nowhere = open({ stripe: { secretKey, webhookSecret: 'whsec_1', apiBase: 'http://localhost:1' } })
    await expect(nowhere.start()).rejects.toMatchObject({ code: 'stripe_unavailable' })
    const dues = open({ stripe: { secretKey, webhookSecret: 'whsec_1', apiBase: local.url } })
    await dues.catalogue.push()
    await expect(dues.start()).rejects.toMatchObject({ code: 'database_unavailable' })
  })

  test('says that Stripe does not accept the key, without printing it', async () => {
    const { local } = await openTestStripe()
    const dues = open({ stripe: { secretKey: 'sk_live_notforlocal', webhookSecret: 'whsec_1', apiBase: local.url } })
    const error = await dues.start().catch((refused: unknown) => refused)
    expect(error).toMatchObject({ code: 'settings_invalid' })
    expect((error as DuesError).message).not.toContain('notforlocal')
  })

  test('takes a pg Pool and leaves it open', async () => {
    const pool = new pg.Pool({ connectionString: 'postgres://localhost:1/none' })
    const dues = createDues({ ...options, database: pool })
    await dues.stop()
    expect(pool.ended).toBe(false)
    await pool.end()
  })
})
