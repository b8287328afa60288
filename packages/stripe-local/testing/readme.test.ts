import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Stripe from 'stripe'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startStripeLocal } from '../src/index.ts'

/** What the README tells a stranger to type, a step to each block of commands; in the order of the page. */
const walk = (() => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const section = readme.split(/^## /m).find((text) => text.startsWith('A walk with nothing but curl')) ?? ''
  const steps = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands = '']) => commands)
  return { steps: steps.slice(0, -1), verification: steps.at(-1) ?? '' }
})()

/** Says what is missing, where it is: a walk that nobody went must not look like one that went well. */
const needs = `for tool in curl openssl; do
  command -v $tool > tools.txt || { echo "The walk of the README needs $tool: install it." >&2; exit 1; }
done`

/** Runs commands as a stranger's shell would; answers what each of them wrote. Fails, and says why, if one of them does. */
async function run(folder: string, steps: string[]): Promise<string[]> {
  const mark = '--- the next step ---'
  const script = ['set -eu', needs, ...steps].join(`\necho\necho '${mark}'\n`)
  const child = spawn('bash', ['-c', script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let complaint = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (complaint += chunk))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`The walk stopped with ${code}: ${complaint || output}`)
  return output.split(`\n${mark}\n`).slice(2)
}

/** A server that writes down the last `invoice.paid` it was sent, as the README says. */
async function scribe(folder: string): Promise<string> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if ((JSON.parse(body.toString()) as Stripe.Event).type === 'invoice.paid') {
        writeFileSync(join(folder, 'body.json'), body)
        writeFileSync(join(folder, 'signature.txt'), String(request.headers['stripe-signature']))
      }
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the walk of the README', () => {
  it('goes from an empty account to a paid renewal with curl alone, and tells a genuine webhook from a forged one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stripe-local-walk-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const receiver = await scribe(folder)
    const local = await startStripeLocal()
    onTestFinished(() => local.stop())
    const here = (commands: string) =>
      commands.replaceAll('http://localhost:12111', local.url).replaceAll('http://localhost:3000', receiver)

    const forgery = 'sed -i.bak "s/Ada/Eve/" body.json'
    const answers = await run(folder, [...walk.steps, walk.verification, forgery, walk.verification].map(here))
    const [, , , customer, subscription, clock, invoices, genuine, , forged] = answers.map((text) => text.trim())

    expect(JSON.parse(customer ?? '')).toMatchObject({
      object: 'customer',
      email: 'ada@example.com',
      invoice_settings: { default_payment_method: expect.stringMatching(/^pm_/) },
    })
    expect(JSON.parse(subscription ?? '')).toMatchObject({ object: 'subscription', status: 'active', currency: 'eur' })
    const { now } = JSON.parse(clock ?? '') as { now: number }
    // The clock goes on while the walk does.
    expect(local.now('sk_test_walk') - now).toBeLessThan(60)
    expect(local.now('sk_test_walk')).toBeGreaterThanOrEqual(now)
    expect(JSON.parse(invoices ?? '')).toMatchObject({
      data: [
        { status: 'paid', amount_paid: 1500, currency: 'eur', billing_reason: 'subscription_cycle' },
        { status: 'paid', amount_paid: 1500, currency: 'eur', billing_reason: 'subscription_create' },
      ],
    })
    expect([genuine, forged]).toEqual(['genuine', 'forged'])
  })
})
