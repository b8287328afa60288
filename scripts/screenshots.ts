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
import type { Page } from 'playwright-core'
import { demoStaff } from '../apps/club/src/staff/demo.ts'
import { cards, createPerson, type Person } from '../apps/club/test/browser.ts'
import { launchChromium } from '../testing/chromium.ts'
import { root } from './sources.ts'

type Look = { name: string; colorScheme: 'light' | 'dark'; width: number; height: number }
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
  'home',
  'pricing',
  'pricing-dark',
  'checkout',
  'switch',
  'account',
  'account-phone',
  'dashboard',
])

/** Through the whole site, as one visitor. */
async function walk(person: Person, club: Club, shoot: (name: string) => Promise<void>): Promise<void> {
  const { page } = person
  const see = async (path: string, name: string) => {
    await page.goto(path)
    await shoot(name)
  }
  await see('/', 'home')
  await see('/pricing', 'pricing')
  await see('/members', 'sign-in')
  await see('/sign-up', 'sign-up')
  const email = `ada-${crypto.randomUUID().slice(0, 8)}@example.com`
  await person.join(email)
  await see('/members', 'office-empty')
  await survey(person, 'Skerrow', 'island')
  await survey(person, 'Aldermoor', 'highland')
  await shoot('project')
  await see('/members', 'office')
  await see('/members/pro', 'locked')
  await see('/billing/cancelled', 'cancelled')
  await see('/checkout?plan=pro&interval=monthly', 'order')
  await person.choose('pro')
  await shoot('checkout')
  await person.pay(cards.declined)
  await page.getByRole('alert').first().waitFor()
  await shoot('checkout-declined')
  await person.pay(cards.asksTheBankOnce)
  const refuse = page.getByRole('button', { name: /Refuse|Fail/ })
  await refuse.waitFor()
  await shoot('three-d-secure')
  await refuse.click()
  await page.waitForURL('**/c/pay/**')
  await person.pay(cards.pays)
  await page.waitForURL('**/billing/success**')
  await shoot('success')
  await see('/account', 'account-trial')
  await person.moveTime('A month on')
  await see('/account', 'account')
  await see('/members/pro', 'plate-room')
  await see('/account/bundles?number=3', 'bundles')
  await page.getByRole('button', { name: /^Pay/ }).click()
  await page.waitForURL('**/account?notice=switched')
  await shoot('account-bundles')
  await see('/account/bundles?number=1', 'bundles-fewer')
  await see('/switch?plan=ent&interval=monthly', 'switch')
  await page.getByRole('button', { name: /and switch/ }).click()
  await page.waitForURL('**/account?notice=switched')
  await shoot('account-switched')
  await see('/members/ent', 'studio-desk')
  await see('/switch?plan=pro&interval=monthly', 'switch-later')
  await page.getByRole('button', { name: /^Switch on/ }).click()
  await page.waitForURL('**/account?notice=planned')
  await shoot('account-planned')
  await page.getByRole('button', { name: 'Keep Enterprise' }).click()
  await page.waitForURL('**/account?notice=undone')
  await page.getByText('Pause my membership').click()
  await shoot('account-undone')
  await page.getByRole('button', { name: 'Pause Enterprise today' }).click()
  await page.waitForURL('**/account?notice=paused')
  await shoot('account-paused')
  await page.getByRole('button', { name: 'Go on with Enterprise' }).click()
  await page.waitForURL('**/account?notice=unpaused')
  await shoot('account-unpaused')
  await see('/cancel-now', 'cancel-now')
  await page.goto('/account')
  await page.getByRole('button', { name: 'Card and billing details' }).click()
  await page.waitForURL(`${club.stripeUrl}/**`)
  await shoot('portal')
  await see(club.stripeUrl, 'dashboard')
  await seeStaff(person, email, see, shoot)
}

/** What staff see of the member who has walked here. */
async function seeStaff(
  person: Person,
  email: string,
  see: (path: string, name: string) => Promise<void>,
  shoot: (name: string) => Promise<void>,
): Promise<void> {
  const { page } = person
  await page.goto('/account')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL('**/')
  await person.signIn(demoStaff)
  await see('/staff', 'staff')
  await page.goto(`/staff?q=${encodeURIComponent(email)}`)
  await page.locator('.roster a').first().click()
  await page.waitForURL('**/staff/members/**')
  const member = page.url()
  await page.getByText('Give a plan').click()
  await shoot('staff-member')
  await page.locator('.ledger').getByText('Refund').first().click()
  await page.waitForURL('**/invoices/**')
  await shoot('staff-invoice')
  await page.getByLabel('Amount').fill('12.50')
  await page.getByRole('button', { name: 'See what it does' }).click()
  await page.waitForURL('**/refund?**')
  await shoot('staff-refund')
  await page.getByRole('button', { name: /^Pay/ }).click()
  await page.waitForURL('**?notice=refunded')
  await shoot('staff-refunded')
  await page.goto(member)
  await page.getByRole('link', { name: 'End this membership' }).click()
  await page.waitForURL('**/end')
  await shoot('staff-end')
  await see('/staff/inbox', 'staff-inbox')
}

/** Begins a project, and ends on its page. */
async function survey({ page }: Person, name: string, ground: string): Promise<void> {
  await page.goto('/members')
  await page.getByLabel('Name of the place').fill(name)
  await page.getByRole('radio', { name: ground }).check()
  await page.getByRole('button', { name: 'Survey it' }).click()
  await page.waitForURL('**/members/projects/**')
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { every: { type: 'string' } } })
  const folder = values.every ?? join(root, 'docs/images')
  mkdirSync(folder, { recursive: true })
  const browser = await launchChromium()
  const club = await startClub().catch(async (error: unknown) => {
    await browser.close()
    throw error
  })
  try {
    for (const look of looks) {
      const person = createPerson(browser, club.url)
      const { colorScheme, width, height } = look
      const context = { javaScriptEnabled: true, colorScheme, viewport: { width, height } }
      await person.arrive(context)
      await walk(person, club, async (name) => {
        if (values.every === undefined && !shown.has(name + look.name)) return
        const path = join(folder, `${name}${look.name}.png`)
        if (values.every !== undefined) await showAll(person.page, look)
        await drawn(person.page)
        await person.page.screenshot({ path, animations: 'disabled' })
        await person.page.setViewportSize(look)
        console.log(path)
      })
      await person.leave()
    }
  } finally {
    await browser.close()
    await club.stop()
  }
}

/** Waits for every picture on the page, those below its fold too: browsers fetch them only when somebody scrolls there. */
const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(`Promise.all([...document.images].map((image) => {
    image.loading = 'eager'
    return image.decode()
  }))`)

/** Makes the window as high as its page. A picture of the full page would leave a bar at the foot in its middle. */
async function showAll(page: Page, { width, height }: Look): Promise<void> {
  const whole = await page.evaluate('document.documentElement.scrollHeight')
  await page.setViewportSize({ width, height: Math.max(height, Number(whole)) })
}

/** The club as `npm start` opens it, on free ports and with data of its own. */
async function startClub(): Promise<Club> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dues-screenshots-'))
  const args = ['--conditions=dues-source', '--import', 'tsx', 'apps/club/src/main.ts']
  // Set and empty: neither the shell nor a `.env` leads to a real Stripe or somebody's database.
  const names = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY', 'STRIPE_WEBHOOK_SECRET', 'DATABASE_URL', 'BASE_URL']
  const unset = Object.fromEntries(names.map((name) => [name, '']))
  const own = { PORT: '0', STRIPE_LOCAL_PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' }
  const env = { ...process.env, ...unset, ...own }
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
    lines.on('close', () => {
      rmSync(dataDir, { recursive: true, force: true })
      reject(new Error('The club ended before it was ready; what it said is above.'))
    })
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
