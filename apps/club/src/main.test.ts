import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { createVisitor, password, pay, type TestVisitor } from '../test/open-club.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** A start takes some seconds, and on a machine that is busy with other tests many more. */
const patience = 120_000
const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** The program as `npm start` runs it, in a folder of its own. */
function start(folder: string, env: Record<string, string>) {
  const args = ['--conditions=dues-source', '--import', import.meta.resolve('tsx'), join(root, 'apps/club/src/main.ts')]
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, args, {
    cwd: folder,
    // tsx looks for tsconfig.json where it is started, which for npm is the root.
    env: { PATH, HOME, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), PORT: '0', STRIPE_LOCAL_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const ready = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line)
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length))
    })
    ended.then(() => reject(new Error(`ended before it was ready:\n${errors}`)), reject)
  })
  return { child, ready, ended, lines, errors: () => errors }
}

/** A folder of one test's own, which goes with it. */
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'club-main-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Buys a plan as a browser would, by the form of Stripe's own page. */
async function buy(visitor: TestVisitor, plan: string): Promise<string> {
  const started = await visitor.post('/billing/checkout', { plan, interval: 'monthly' })
  const paid = await pay(started.headers.get('location') ?? '')
  const { pathname, search } = new URL(paid.headers.get('location') ?? '')
  return (await visitor.get(pathname + search)).text()
}

test(
  'opens, ends on SIGTERM with everything kept, and opens again with the same members',
  async () => {
    const data = await folder()
    const first = start(data, {})
    const ada = createVisitor(await first.ready)
    await ada.join('ada@house.example')
    const made = await ada.post('/members/projects', { name: 'Skerrow', character: 'island' })
    expect(made.status).toBe(303)
    expect(await buy(ada, 'ent')).toContain('Welcome to Enterprise')
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(first.lines.at(-1)).toMatch(/^ready http:\/\/localhost:\d+$/)

    const second = start(data, {})
    const again = createVisitor(await second.ready)
    expect((await again.post('/sign-in', { email: 'ada@house.example', password })).status).toBe(303)
    expect(await (await again.get('/members')).text()).toContain('Skerrow')
    expect((await again.get('/members/ent')).status).toBe(200)
    // The account of the demo's staff is what the start says, the second time as well.
    const [, email = '', secret = ''] =
      /^Staff pages on \S+: (\S+), password "([^"]+)"$/m.exec(second.lines.join('\n')) ?? []
    const robin = createVisitor(await second.ready)
    await robin.post('/sign-in', { email, password: secret })
    expect((await robin.get('/staff')).status).toBe(200)
    // Stripe Local has kept its side, too: it knows the customer and the subscription.
    expect(await (await again.get('/switch?plan=pro&interval=monthly&when=now')).text()).toContain(
      'Unused time on Enterprise',
    )
    // Under npm, Ctrl-C arrives twice.
    second.child.kill('SIGINT')
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(0)
  },
  patience,
)

test(
  'names what is wrong with the settings, in .env too, and ends with 1 before anything is opened',
  async () => {
    const data = await folder()
    await writeFile(join(data, '.env'), 'STRIPE_SECRET_KEY=pk_test_wrongkind\nLOG_LEVEL=loud\n')
    const { ready, ended, errors } = start(data, {})
    await expect(ready).rejects.toThrow('ended before it was ready')
    expect(await ended).toBe(1)
    expect(errors()).toContain('STRIPE_SECRET_KEY is a publishable key')
    expect(errors()).toContain('STRIPE_WEBHOOK_SECRET is missing')
    expect(errors()).toContain('LOG_LEVEL')
    expect(errors()).not.toContain('wrongkind')
  },
  patience,
)

test(
  'says which port is in use, and how to take another',
  async () => {
    const occupied = createServer()
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
    const { port } = occupied.address() as AddressInfo
    try {
      const club = start(await folder(), { PORT: String(port) })
      await expect(club.ready).rejects.toThrow()
      expect(await club.ended).toBe(1)
      expect(club.errors()).toContain(`Port ${port} is in use`)
      expect(club.errors()).toContain(`PORT=${port + 1}`)
      const stripe = start(await folder(), { STRIPE_LOCAL_PORT: String(port) })
      await expect(stripe.ready).rejects.toThrow()
      expect(await stripe.ended).toBe(1)
      expect(stripe.errors()).toContain(`STRIPE_LOCAL_PORT=${port + 1}`)
    } finally {
      await new Promise((resolve) => occupied.close(resolve))
    }
  },
  patience,
)

test(
  'a second club on the same data is refused, and the first goes on',
  async () => {
    const data = await folder()
    const first = start(data, {})
    const url = await first.ready
    const second = start(data, {})
    await expect(second.ready).rejects.toThrow()
    expect(await second.ended).toBe(1)
    expect(second.errors()).toContain(`in use by process ${first.child.pid}`)
    expect((await fetch(url)).status).toBe(200)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
  },
  patience,
)
