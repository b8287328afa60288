import { expect, test } from 'vitest'
import { readClubSettings, SettingsError } from './settings.ts'

const problemsOf = (env: Record<string, string>): string => {
  try {
    readClubSettings(env)
    return ''
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
}

test('needs nothing: everything embedded, on the usual ports', () => {
  const settings = readClubSettings({})
  expect(settings).toMatchObject({ port: 4242, stripeLocalPort: 12111, stripe: undefined, databaseUrl: undefined })
  expect(settings.dataDir).toMatch(/\.data$/)
})

test('takes the keys of a Stripe account', () => {
  const { stripe } = readClubSettings({
    STRIPE_SECRET_KEY: 'sk_test_abc',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_abc',
    STRIPE_WEBHOOK_SECRET: 'whsec_abc',
  })
  expect(stripe).toMatchObject({ secretKey: 'sk_test_abc', webhookSecret: ['whsec_abc'] })
})

test('names every setting that is wrong, all at once', () => {
  const problems = problemsOf({
    PORT: 'eighty',
    LOG_LEVEL: 'loud',
    SESSION_SECRET: 'short',
    METRICS_TOKEN: 'short',
    DATABASE_URL: 'mysql://x',
    STRIPE_SECRET_KEY: 'pk_test_abc',
  })
  for (const name of [
    'PORT',
    'LOG_LEVEL',
    'SESSION_SECRET',
    'METRICS_TOKEN',
    'DATABASE_URL',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
  ]) {
    expect(problems).toContain(name)
  }
})

test('names a key that is missing beside one that is there', () => {
  expect(problemsOf({ STRIPE_SECRET_KEY: 'sk_test_abc' })).toContain('STRIPE_WEBHOOK_SECRET is missing')
  expect(problemsOf({ STRIPE_WEBHOOK_SECRET: 'whsec_abc' })).toContain('STRIPE_SECRET_KEY is missing')
})

test('names staff by the addresses that they sign in with, in small letters', () => {
  expect(readClubSettings({}).staff).toBeUndefined()
  expect(readClubSettings({ CLUB_STAFF: ' Ada@club.example, grace@club.example,' }).staff).toEqual([
    'ada@club.example',
    'grace@club.example',
  ])
  expect(problemsOf({ CLUB_STAFF: 'ada' })).toContain('no e-mail address')
  expect(problemsOf({ CLUB_STAFF: 'staff@trigpoint.example' })).toContain('whose password everybody knows')
})

test('refuses one port for two', () => {
  expect(problemsOf({ PORT: '12111' })).toContain('different ports')
})

test('prints no value: it could be a secret', () => {
  const problems = problemsOf({ STRIPE_SECRET_KEY: 'sk_tset_letmein', SESSION_SECRET: 'abracadabra' })
  expect(problems).toContain('SESSION_SECRET')
  expect(problems).not.toMatch(/letmein|abracadabra/)
})
