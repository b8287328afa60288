import { type ChildProcess, spawn } from 'node:child_process'
import type fs from 'node:fs'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Stripe from 'stripe'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type StripeLocal, startStripeLocal } from './index.ts'

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
