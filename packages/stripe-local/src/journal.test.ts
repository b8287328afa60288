import { type ChildProcess, spawn } from 'node:child_process'
import type fs from 'node:fs'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Stripe from 'stripe'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type StripeLocal, startStripeLocal } from './index.ts'
import { readEntries } from './journal.ts'

// A module of Node cannot be spied on; a copy of it can.
vi.mock('node:fs', async (original) => ({ ...(await original<typeof fs>()) }))
const disk = await import('node:fs')
afterEach(() => void vi.restoreAllMocks())

const cli = fileURLToPath(new URL('../bin/stripe-local.js', import.meta.url))

function newJournal(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stripe-local-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'journal')
}

async function start(journal: string): Promise<{ local: StripeLocal; stripe: Stripe }> {
  const local = await startStripeLocal({ journal })
  onTestFinished(() => local.stop())
  return { local, stripe: clientOf(local.port) }
}

const clientOf = (port: number): Stripe =>
  new Stripe('sk_test_journal', { host: 'localhost', port, protocol: 'http', maxNetworkRetries: 0 })

/** The next line that is written gets halfway, and then the disk is full until `free` is called. */
function fillDisk(): { free: () => void } {
  const write = disk.writeSync as (file: number, line: Buffer, from: number, length: number, at: number) => number
  let calls = 0
  const full = vi.spyOn(disk, 'writeSync').mockImplementation(((
    file: number,
    line: Buffer,
    from: number,
    length: number,
    at: number,
  ) => {
    if (calls++ % 2 === 0) return write(file, line, from, Math.floor(length / 2), at)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }) as never)
  return { free: () => full.mockRestore() }
}

const idsOf = async (stripe: Stripe): Promise<string[]> =>
  (await stripe.customers.list({ limit: 100 })).data.map(({ id }) => id)

describe('a full disk', () => {
  it('is told with every write, which is not done; what comes after it is kept', async () => {
    const journal = newJournal()
    const { local, stripe } = await start(journal)
    const before = await stripe.customers.create({ name: 'before' })
    const disk = fillDisk()
    for (let i = 0; i < 2; i++)
      await expect(stripe.customers.create({ name: 'full' }, { idempotencyKey: 'again' })).rejects.toMatchObject({
        statusCode: 500,
        message: expect.stringContaining('ENOSPC'),
      })
    expect(await idsOf(stripe)).toEqual([before.id])
    disk.free()
    const after = await stripe.customers.create({ name: 'full' }, { idempotencyKey: 'again' })
    expect(await idsOf(stripe)).toEqual([after.id, before.id])
    await local.stop()
    expect(await idsOf((await start(journal)).stripe)).toEqual([after.id, before.id])
  })

  it('does not let a declined payment half remain', async () => {
    const { stripe } = await start(newJournal())
    await stripe.customers.list()
    const disk = fillDisk()
    const declined = {
      amount: 2000,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_chargeDeclined',
      return_url: 'http://shop.test/',
    }
    await expect(stripe.paymentIntents.create(declined)).rejects.toMatchObject({ statusCode: 500 })
    disk.free()
    expect((await stripe.paymentIntents.list()).data).toEqual([])
    await expect(stripe.paymentIntents.create(declined)).rejects.toMatchObject({ statusCode: 402 })
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1)
  })
})

describe('a journal', () => {
  it('that is broken before its last line is not guessed at', async () => {
    const journal = newJournal()
    const { local, stripe } = await start(journal)
    await stripe.customers.create()
    await local.stop()
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('{', ''))
    await expect(startStripeLocal({ journal })).rejects.toThrow('line 1 of the journal cannot be read')
  })

  it('holds all that was acknowledged when the process is killed under load', async () => {
    const journal = newJournal()
    const { child, port } = await startProcess(journal)
    const stripe = clientOf(port)
    const acknowledged: string[] = []
    const worker = async (): Promise<void> => {
      for (;;) acknowledged.push((await stripe.customers.create({ email: 'ada@example.com' })).id)
    }
    const workers = Array.from({ length: 8 }, worker)
    await expect.poll(() => acknowledged.length, { timeout: 8000, interval: 5 }).toBeGreaterThan(200)
    child.kill('SIGKILL')
    for (const ended of await Promise.allSettled(workers)) expect(ended.status).toBe('rejected')
    const again = await start(journal)
    const kept = new Set<string>()
    for await (const { id } of again.stripe.customers.list({ limit: 100 })) kept.add(id)
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
  }, 20_000)
})

describe('what one request acknowledges', () => {
  const card = { payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' } }
  const declined = { amount: 2000, currency: 'usd', confirm: true, payment_method: 'pm_card_chargeDeclined' }

  /** Requests under idempotency keys, the later about what the earlier made; each answer is the object's id, or the decline's. */
  const story: ((stripe: Stripe) => Promise<string>)[] = [
    async (stripe) => (await stripe.products.create({ id: 'prod_pro', name: 'Pro – für Äpfel' }, key('product'))).id,
    async (stripe) => (await stripe.prices.create(monthly, key('price'))).id,
    async (stripe) => (await stripe.customers.create({ name: 'Ada', ...card }, key('customer'))).id,
    async (stripe) => {
      const { id: customer } = await stripe.customers.create({ name: 'Ada', ...card }, key('customer'))
      const { id: price } = await stripe.prices.create(monthly, key('price'))
      return (await stripe.subscriptions.create({ customer, items: [{ price }] }, key('subscription'))).id
    },
    (stripe) =>
      stripe.paymentIntents.create({ ...declined, return_url: 'http://shop.test/' }, key('declined')).then(
        () => 'paid',
        (error: Stripe.errors.StripeCardError) => error.payment_intent?.id ?? error.message,
      ),
    async (stripe) => (await stripe.products.update('prod_pro', { name: 'Pro' }, key('renamed'))).name,
  ]
  const key = (idempotencyKey: string): Stripe.RequestOptions => ({ idempotencyKey })
  const monthly = {
    currency: 'usd',
    unit_amount: 2500,
    product: 'prod_pro',
    recurring: { interval: 'month' },
  } as const

  it('is there as a whole or not at all, wherever the journal was cut off, so that a repeat does nothing twice', async () => {
    vi.spyOn(console, 'warn').mockReturnValue()
    const journal = newJournal()
    const { stripe } = await start(journal)
    const acknowledged: { size: number; answer: string }[] = []
    for (const ask of story) {
      const answer = await ask(stripe)
      acknowledged.push({ answer, size: readFileSync(journal).length })
    }
    const whole = readFileSync(journal)
    const ends = [...whole.entries()].flatMap(([at, byte]) => (byte === 10 ? [at + 1] : []))
    const cuts = ends.flatMap((end, i) => [Math.floor(((ends[i - 1] ?? 0) + end) / 2), end - 2, end])
    for (const cut of cuts) {
      const shortened = newJournal()
      writeFileSync(shortened, whole.subarray(0, cut))
      const again = await start(shortened)
      for (const [i, ask] of story.entries()) {
        const answer = await ask(again.stripe)
        const before = acknowledged[i]
        if (before && before.size <= cut) expect(answer).toBe(before.answer)
      }
      const { customers, subscriptions, paymentIntents, invoices, charges, products } = again.stripe
      const lists = [customers, subscriptions, paymentIntents, invoices, charges, products]
      const made = await Promise.all(lists.map(async (list) => (await list.list({})).data.length))
      expect({ cut, made }).toEqual({ cut, made: [1, 1, 2, 1, 2, 1] })
      await again.local.stop()
    }
  })

  it('is one line, the answer to a payment that was declined too', async () => {
    const journal = newJournal()
    const { stripe } = await start(journal)
    await stripe.customers.create({}, key('customer'))
    await expect(
      stripe.paymentIntents.create({ ...declined, return_url: 'http://shop.test/' }, key('declined')),
    ).rejects.toMatchObject({ statusCode: 402 })
    const lines = [...readEntries(journal)].flatMap(({ put, answer }) =>
      answer ? [{ under: answer[0], made: put?.map(([kind]) => kind) }] : [],
    )
    expect(lines).toMatchObject([
      { under: 'customer', made: expect.arrayContaining(['customer', 'event']) },
      { under: 'declined', made: expect.arrayContaining(['payment_intent', 'charge', 'event']) },
    ])
  })

  it('comes back in the words of the first time when it was refused after it was carried out', async () => {
    const journal = newJournal()
    const { local, stripe } = await start(journal)
    const { id: customer } = await stripe.customers.create({})
    const { id: price } = await stripe.prices.create({ ...monthly, product: undefined, product_data: { name: 'Pro' } })
    const card = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer })
    const refused: Stripe.SubscriptionCreateParams = {
      customer,
      items: [{ price }],
      default_payment_method: card.id,
      payment_behavior: 'error_if_incomplete',
    }
    const requestOf = (stripe: Stripe): Promise<string> =>
      stripe.subscriptions.create(refused, key('refused')).then(
        () => 'created',
        (error: Stripe.errors.StripeError) => error.headers?.['original-request'] ?? error.message,
      )
    const first = await requestOf(stripe)
    expect(await requestOf(stripe)).toBe(first)
    await local.stop()
    expect(await requestOf((await start(journal)).stripe)).toBe(first)
  })
})

describe('reading a journal', () => {
  const lines = [
    { key: 'sk_test_a', offset: 0 },
    { key: 'sk_test_ä€😀', put: [['customer', 'cus_1', { id: 'cus_1', object: 'customer', name: 'Zoë 😀' }]] },
    { key: 'sk_test_a', answer: ['k', { body: '{\n}' }] },
  ]
  const text = lines.map((line) => `${JSON.stringify(line)}\n`)
  const whole = Buffer.from(text.join(''))

  it('takes a piece at a time, of whatever size: the file may be longer than any string', () => {
    const journal = newJournal()
    writeFileSync(journal, whole)
    for (let size = 1; size <= whole.length + 1; size++) expect([...readEntries(journal, size)]).toEqual(lines)
  })

  it('leaves out a last line that was cut off, at whichever byte, and says so', () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue()
    const journal = newJournal()
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(journal, whole.subarray(0, cut))
      warned.mockClear()
      // A line that lacks nothing but its end has said all that it had to say.
      const kept = lines.filter((_, i) => Buffer.byteLength(text.slice(0, i + 1).join('')) - 1 <= cut)
      expect([...readEntries(journal, 7)]).toEqual(kept)
      const isCut = cut > Buffer.byteLength(text.slice(0, kept.length).join(''))
      expect(warned).toHaveBeenCalledTimes(isCut ? 1 : 0)
    }
  })
})

describe('a snapshot', () => {
  it('takes the place of the history, at once or, on a full disk, not at all', async () => {
    const journal = newJournal()
    const { local, stripe } = await start(journal)
    const kept = await stripe.customers.create()
    const snapshot = local.snapshot('sk_test_journal')
    const later = await stripe.customers.create()
    const disk = fillDisk()
    expect(() => local.restore('sk_test_journal', snapshot)).toThrow('ENOSPC')
    disk.free()
    const meanwhile = await stripe.customers.create()
    const copy = newJournal()
    writeFileSync(copy, readFileSync(journal))
    for (const one of [stripe, (await start(copy)).stripe])
      expect(await idsOf(one)).toEqual([meanwhile.id, later.id, kept.id])
    local.restore('sk_test_journal', snapshot)
    expect(readFileSync(journal, 'utf8')).not.toContain(later.id)
    const last = await stripe.customers.create()
    await local.stop()
    expect(await idsOf((await start(journal)).stripe)).toEqual([last.id, kept.id])
  })
})

/** Stripe Local by its command line, once it is ready. */
async function startProcess(journal: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['--conditions=dues-source', cli, '--port', '0', '--journal', journal], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const port = await new Promise<number>((resolve) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      const ready = /ready http:\/\/localhost:(\d+)/.exec(text)?.[1]
      if (ready) resolve(Number(ready))
    })
  })
  return { child, port }
}
