/**
 * `npm run screenshots`: opens a club of its own, walks through it as a visitor who becomes a member, and puts pictures of the
 * pages into docs/images. `npm run screenshots -- --every FOLDER` takes every page in both themes at two widths instead, to be
 * looked at before a change of the looks is called done.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../testing/chromium.ts'
import { root } from './sources.ts'

type Look = { name: string; colorScheme: 'light' | 'dark'; width: number; height: number }
type Shoot = (page: Page, name: string) => Promise<void>
type Club = { url: string; stripeUrl: string; stop: () => Promise<void> }

const desktop = { width: 1280, height: 860 }
const phone = { width: 390, height: 844 }
const looks: Look[] = [
  { name: '', colorScheme: 'light', ...desktop },
  { name: '-dark', colorScheme: 'dark', ...desktop },
  { name: '-phone', colorScheme: 'light', ...phone },
  { name: '-phone-dark', colorScheme: 'dark', ...phone },
]

/** The pictures that documents show; `--every` takes all others as well. */
const shown = new Set([
  'pricing',
  'pricing-dark',
  'checkout',
  'success',
  'switch',
  'account',
  'account-phone',
  'dashboard',
])

/** Through the whole site, as one visitor. */
async function walk(page: Page, club: Club, shoot: Shoot): Promise<void> {
  const open = (path: string) => page.goto(club.url + path)
  await open('/')
  await shoot(page, 'home')
  await open('/pricing')
  await shoot(page, 'pricing')
  await open('/members')
  await shoot(page, 'sign-in')
  await open('/sign-up')
  await shoot(page, 'sign-up')
  await page.getByLabel('Name').fill('Ada Lovelace')
  await page.getByLabel('Email').fill(`ada-${crypto.randomUUID().slice(0, 8)}@example.com`)
  await page.getByLabel('Password').fill('a long enough password')
  await page.locator('form[action="/sign-up"] button[type=submit]').click()
  await page.waitForURL((url) => url.pathname !== '/sign-up')
  await open('/members')
  await shoot(page, 'office')
  await open('/members/pro')
  await shoot(page, 'locked')
  await open('/billing/cancelled')
  await shoot(page, 'cancelled')
  await open('/checkout?plan=pro&interval=monthly')
  await shoot(page, 'order')
  await page.locator('form[action="/billing/checkout"] button[type=submit]').click()
  await page.waitForURL((url) => url.origin === club.stripeUrl)
  await shoot(page, 'checkout')
  await pay(page, '4000000000000002')
  await page.getByRole('alert').first().waitFor()
  await shoot(page, 'checkout-declined')
  await pay(page, '4242424242424242')
  await page.waitForURL((url) => url.pathname === '/billing/success')
  await shoot(page, 'success')
  await open('/account')
  await shoot(page, 'account')
  await open('/members/pro')
  await shoot(page, 'plate-room')
  await open('/switch?plan=ent&interval=monthly')
  await shoot(page, 'switch')
  await page.locator('form[action="/billing/switch"] button[type=submit]').click()
  await page.waitForURL((url) => url.pathname === '/account')
  await shoot(page, 'account-switched')
  await open('/members/ent')
  await shoot(page, 'studio-desk')
  await open('/cancel-now')
  await shoot(page, 'cancel-now')
  await page.goto(club.stripeUrl)
  await shoot(page, 'dashboard')
}

async function pay(page: Page, card: string): Promise<void> {
  await page.getByLabel('Card number').fill(card)
  await page.getByLabel('Expiry').fill('12 / 34')
  await page.getByLabel('CVC').fill('123')
  await page.locator('form button[type=submit]').last().click()
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { every: { type: 'string' } } })
  const folder = values.every ?? join(root, 'docs/images')
  mkdirSync(folder, { recursive: true })
  const club = await startClub()
  const browser = await launchChromium()
  try {
    for (const look of looks) {
      await withPage(browser, look, (page) =>
        walk(page, club, async (_, name) => {
          if (values.every === undefined && !shown.has(name + look.name)) return
          const path = join(folder, `${name}${look.name}.png`)
          if (values.every !== undefined) await showAll(page, look)
          await page.screenshot({ path, animations: 'disabled' })
          await page.setViewportSize(look)
          console.log(path)
        }),
      )
    }
  } finally {
    await browser.close()
    await club.stop()
  }
}

/** Makes the window as high as its page. A picture of the full page would leave a bar at the foot in its middle. */
async function showAll(page: Page, { width, height }: Look): Promise<void> {
  const whole = await page.evaluate('document.documentElement.scrollHeight')
  await page.setViewportSize({ width, height: Math.max(height, Number(whole)) })
}

async function withPage(browser: Browser, look: Look, run: (page: Page) => Promise<void>): Promise<void> {
  const { colorScheme, width, height } = look
  const context = await browser.newContext({ colorScheme, viewport: { width, height }, locale: 'en-GB' })
  try {
    await run(await context.newPage())
  } finally {
    await context.close()
  }
}

/** The club as `npm start` opens it, on free ports and with data of its own. */
async function startClub(): Promise<Club> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dues-screenshots-'))
  const args = ['--conditions=dues-source', '--import', 'tsx', 'apps/club/src/main.ts']
  const env = { ...process.env, PORT: '0', STRIPE_LOCAL_PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' }
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  // Read to the end: a club whose output nobody takes stands still.
  const lines = createInterface(child.stdout)
  let stripeUrl = ''
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      stripeUrl = /Stripe Local on ([^\s,]+)/.exec(line)?.[1] ?? stripeUrl
      const ready = /^ready (\S+)/.exec(line)?.[1]
      if (ready) resolve(ready)
    })
    lines.on('close', () => reject(new Error('The club ended before it was ready; what it said is above.')))
  })
  return { url, stripeUrl, stop: () => stop(child, dataDir) }
}

async function stop(child: ChildProcess, dataDir: string): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  rmSync(dataDir, { recursive: true, force: true })
}

await main()
