import { describe, expect, test } from 'vitest'
import { hasStripeSettings, readSettings } from './settings.ts'

const good = {
  STRIPE_SECRET_KEY: 'sk_test_51Secret',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_51Public',
  STRIPE_WEBHOOK_SECRET: 'whsec_signing',
  DATABASE_URL: 'postgres://me:hunter2@localhost/club',
  BASE_URL: 'https://club.example',
}

const refusal = (changes: Record<string, string | undefined>): string => {
  try {
    readSettings({ ...good, ...changes })
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('a complete environment is read', () => {
  expect(readSettings(good)).toEqual({
    stripe: {
      secretKey: 'sk_test_51Secret',
      publishableKey: 'pk_test_51Public',
      webhookSecret: ['whsec_signing'],
      apiBase: undefined,
    },
    database: 'postgres://me:hunter2@localhost/club',
    baseUrl: 'https://club.example',
  })
})

test('what is optional may be left out or left empty', () => {
  expect(
    readSettings({ STRIPE_SECRET_KEY: 'rk_live_1', STRIPE_WEBHOOK_SECRET: ' whsec_1 ', DATABASE_URL: '' }),
  ).toEqual({
    stripe: { secretKey: 'rk_live_1', publishableKey: undefined, webhookSecret: ['whsec_1'], apiBase: undefined },
    database: undefined,
    baseUrl: undefined,
  })
})

test('several webhook secrets are read while one is rolled', () => {
  expect(readSettings({ ...good, STRIPE_WEBHOOK_SECRET: 'whsec_old, whsec_new' }).stripe.webhookSecret).toEqual([
    'whsec_old',
    'whsec_new',
  ])
})

describe('a wrong setting is named, with what is expected', () => {
  test.each([
    [{ STRIPE_SECRET_KEY: undefined }, 'STRIPE_SECRET_KEY is missing'],
    [
      { STRIPE_SECRET_KEY: 'pk_test_51Public' },
      'STRIPE_SECRET_KEY is a publishable key: expected the secret key (sk_test_…',
    ],
    [{ STRIPE_SECRET_KEY: 'whsec_1' }, 'STRIPE_SECRET_KEY is a webhook secret'],
    [{ STRIPE_SECRET_KEY: '"sk_test_1"' }, 'STRIPE_SECRET_KEY is in quotation marks'],
    [{ STRIPE_SECRET_KEY: 'sk_test_' }, 'cut short'],
    [{ STRIPE_SECRET_KEY: 'hello' }, 'of an unknown form'],
    [{ STRIPE_PUBLISHABLE_KEY: 'sk_test_51Secret' }, 'STRIPE_PUBLISHABLE_KEY is a secret key'],
    [
      { STRIPE_PUBLISHABLE_KEY: 'pk_live_1' },
      'STRIPE_SECRET_KEY is of test mode and STRIPE_PUBLISHABLE_KEY of live mode',
    ],
    [{ STRIPE_WEBHOOK_SECRET: undefined }, 'STRIPE_WEBHOOK_SECRET is missing'],
    [{ STRIPE_WEBHOOK_SECRET: 'sk_test_1' }, 'STRIPE_WEBHOOK_SECRET is no signing secret: expected whsec_'],
    [{ STRIPE_API_BASE: 'localhost:12111' }, 'STRIPE_API_BASE is no URL'],
    [{ DATABASE_URL: 'mysql://localhost' }, 'DATABASE_URL is no PostgreSQL URL'],
    [{ BASE_URL: 'club.example' }, 'BASE_URL is no URL'],
  ])('%j', (changes, message) => {
    expect(refusal(changes)).toContain(message)
  })

  test('all of them in one error', () => {
    const message = refusal({ STRIPE_SECRET_KEY: undefined, STRIPE_WEBHOOK_SECRET: undefined, DATABASE_URL: 'nowhere' })
    expect(message).toMatch(
      /^3 settings are wrong:\n- STRIPE_SECRET_KEY .*\n- STRIPE_WEBHOOK_SECRET .*\n- DATABASE_URL /,
    )
  })

  test('and no value is printed', () => {
    const secrets = {
      STRIPE_SECRET_KEY: 'sk_live_topsecret!',
      STRIPE_PUBLISHABLE_KEY: 'sk_test_alsosecret',
      STRIPE_WEBHOOK_SECRET: 'topsecretsigning',
      DATABASE_URL: 'mysql://me:hunter2@localhost/club',
    }
    expect(refusal(secrets)).not.toMatch(/topsecret|alsosecret|hunter2/)
  })
})

test('an app knows whether to bring its own Stripe', () => {
  expect(hasStripeSettings({ DATABASE_URL: 'postgres://localhost/club', STRIPE_SECRET_KEY: ' ' })).toBe(false)
  expect(hasStripeSettings({ STRIPE_WEBHOOK_SECRET: 'whsec_1' })).toBe(true)
})
