import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTestStripe } from '../../testing/stripe.ts'
import { createDues } from '../dues.ts'
import { silentLogger } from '../logger.ts'
import { usd } from '../money.ts'
import { run } from './run.ts'

const plans = { pro: { name: 'Professional', prices: { monthly: usd(19) } } } as const

/** Runs command lines in the surroundings of an app whose Stripe is empty. */
async function open({ answer }: { answer?: boolean } = {}) {
  const { local, secretKey, stripe } = await openTestStripe()
  const out: string[] = []
  const err: string[] = []
  const load = async () =>
    createDues({
      stripe: { secretKey, webhookSecret: 'whsec_1', apiBase: local.url },
      database: 'postgres://localhost:1/none',
      plans,
      identify: () => null,
      logger: silentLogger,
    })
  const command = (...args: string[]) =>
    run(args, {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      ask: answer === undefined ? null : async () => answer,
      progress: () => undefined,
      signal: new AbortController().signal,
      load,
      version: '1.2.3',
    })
  return { command, out, err, stripe }
}

describe('dues', () => {
  test('without a command says what there is', async () => {
    const { command, out } = await open()
    expect(await command()).toBe(0)
    expect(out.join('\n')).toMatch(/push +Make Stripe's products and prices equal to your plans/)
  })

  test('says its version', async () => {
    const { command, out } = await open()
    await command('--version')
    expect(out).toEqual(['1.2.3'])
  })

  test.each([['nonsense'], ['toString']])('%s is no command', async (name) => {
    const { command, err } = await open()
    expect(await command(name)).toBe(2)
    expect(err.join('\n')).toContain(`There is no command "${name}".`)
  })

  test('a wrong option is named, with the help of its command', async () => {
    const { command, err } = await open()
    expect(await command('push', '--force')).toBe(2)
    expect(err.join('\n')).toMatch(/^Unknown option '--force'\.\n\n[\s\S]*Usage: dues push/)
  })
})

describe('dues push', () => {
  test('shows what will change, asks, and changes it', async () => {
    const { command, out, stripe } = await open({ answer: true })
    expect(await command('push')).toBe(0)
    expect(out).toEqual([
      '  + product dues_pro "Professional"',
      '  + price dues_pro_monthly: 19.00 USD monthly',
      'Plan: 2 to create, 0 to update, 0 to archive, 0 to delete.',
      'Made 2 changes.',
    ])
    expect((await stripe.prices.list()).data).toHaveLength(1)
    expect(await command('push')).toBe(0)
    expect(out.at(-1)).toBe('Stripe has your plans as they are. Nothing to change.')
  })

  test('changes nothing when the answer is no', async () => {
    const { command, out, stripe } = await open({ answer: false })
    expect(await command('push')).toBe(1)
    expect(out.at(-1)).toBe('Nothing was changed.')
    expect((await stripe.products.list()).data).toEqual([])
  })

  test('changes nothing when nobody is there to ask, unless told to', async () => {
    const { command, out, stripe } = await open()
    expect(await command('push')).toBe(1)
    expect(out.at(-1)).toContain('Pass --yes')
    expect(await command('push', '--yes')).toBe(0)
    expect((await stripe.prices.list()).data).toHaveLength(1)
  })

  test('with --dry-run only shows', async () => {
    const { command, out, stripe } = await open({ answer: true })
    expect(await command('push', '--dry-run')).toBe(0)
    expect(out.at(-1)).toBe('Plan: 2 to create, 0 to update, 0 to archive, 0 to delete.')
    expect((await stripe.products.list()).data).toEqual([])
  })

  test('shows old and new of what changes, and who goes on paying what is not sold any more', async () => {
    const { command, out, stripe } = await open({ answer: true })
    await stripe.products.create({ id: 'dues_pro', name: 'Pro', metadata: { dues_plan: 'pro' } })
    const old = await stripe.prices.create({
      product: 'dues_pro',
      currency: 'usd',
      unit_amount: 1500,
      recurring: { interval: 'month' },
      lookup_key: 'dues_pro_monthly',
      metadata: { dues_plan: 'pro' },
    })
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    })
    await stripe.subscriptions.create({ customer: customer.id, items: [{ price: old.id }] })
    expect(await command('push')).toBe(0)
    expect(out).toEqual([
      '  ~ product dues_pro: name',
      '      name: "Pro" → "Professional"',
      '  + price dues_pro_monthly: 19.00 USD monthly',
      '      amount: "15.00 USD" → "19.00 USD"',
      `  - price ${old.id}, which is not sold any more; who pays it goes on paying it`,
      `  = price ${old.id}, 15.00 USD monthly (pro): 1 member goes on paying it`,
      'Plan: 1 to create, 1 to update, 1 to archive, 0 to delete.',
      'Made 3 changes.',
    ])
  })
})

describe('dues pull', () => {
  test('prints a configuration, and says beside it what it found', async () => {
    const { command, out, err } = await open({ answer: true })
    await command('push')
    out.length = 0
    expect(await command('pull')).toBe(0)
    expect(out.join('\n')).toContain("  pro: {\n    name: 'Professional',\n    prices: {\n      monthly: usd(19),")
    expect(err).toEqual(['Found 1 plan.'])
  })

  test('of an account that sells nothing prints no configuration, and says what to do', async () => {
    const { command, out, err } = await open()
    expect(await command('pull')).toBe(1)
    expect(out).toEqual([])
    expect(err.join('\n')).toMatch(/^There is nothing to pull: .*[\s\S]*run `dues push`/)
  })
})

describe('the program', () => {
  const bin = fileURLToPath(new URL('../../bin/dues.js', import.meta.url))
  const dues = (cwd: string, ...args: string[]) => promisify(execFile)(process.execPath, [bin, ...args], { cwd })

  async function folder(files: Record<string, string>) {
    const path = await mkdtemp(join(tmpdir(), 'dues-cli-'))
    onTestFinished(() => rm(path, { recursive: true }))
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content)
    return path
  }

  test('finds the app’s dues, reads its .env, and pushes', async () => {
    const { local, secretKey, stripe } = await openTestStripe()
    const source = new URL('../index.ts', import.meta.url).href
    const cwd = await folder({
      '.env': `STRIPE_SECRET_KEY=${secretKey}\nSTRIPE_WEBHOOK_SECRET=whsec_1\nSTRIPE_API_BASE=${local.url}\n`,
      'dues.config.ts': `
        import { createDues, readSettings, usd } from '${source}'
        const { stripe } = readSettings(process.env)
        const plans = { pro: { name: 'Professional', prices: { monthly: usd(19) as { amount: number; currency: 'usd' } } } }
        export const dues = createDues({ stripe, database: 'postgres://localhost:1/none', plans, identify: () => null })`,
    })
    const { stdout } = await dues(cwd, 'push', '--yes')
    expect(stdout).toContain('Made 2 changes.')
    expect((await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })).data).toHaveLength(1)
  })

  test.each([
    [{}, 'Say where it is: --config'],
    [{ 'dues.config.mjs': 'export const nothing = 1' }, 'dues.config.mjs exports no dues'],
  ])('says how to be found: %j', async (files, message) => {
    const cwd = await folder(files)
    await expect(dues(cwd, 'push')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
  })
})
