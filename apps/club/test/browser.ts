import type { Browser, Page } from 'playwright-core'

/** Stripe's test cards, by what becomes of them. */
export const cards = {
  pays: '4242 4242 4242 4242',
  // A card has one trial, and all of one walk is at one club.
  paysToo: '5555 5555 5555 4444',
  declined: '4000 0000 0000 0002',
  failsLater: '4000 0000 0000 0341',
  failsLaterToo: '4000 0084 0000 1280',
  asksTheBank: '4000 0027 6000 3184',
  asksTheBankOnce: '4000 0025 0000 3155',
} as const

export const password = 'three short words'

/** A person at a browser, and what they do at the club and on Stripe's pages. */
export function createPerson(browser: Browser, base: string) {
  let page: Page
  return {
    get page(): Page {
      return page
    },
    /** Opens a browser of this person's own: no cookies, and a viewport of an ordinary laptop. */
    async arrive(options: { javaScriptEnabled?: boolean } = {}): Promise<void> {
      const context = await browser.newContext({ baseURL: base, viewport: { width: 1280, height: 800 }, ...options })
      page = await context.newPage()
      page.setDefaultTimeout(20_000)
    },
    leave: () => page.context().close(),

    async join(email: string, name = 'Ada Marlowe'): Promise<void> {
      await page.goto('/sign-up')
      await this.fillSignUp(email, name)
    },
    async fillSignUp(email: string, name = 'Ada Marlowe'): Promise<void> {
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Email').fill(email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Create account' }).click()
    },
    async signIn({ email, password }: { email: string; password: string }): Promise<void> {
      await page.goto('/sign-in')
      await page.getByLabel('Email').fill(email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL('**/members')
    },

    /** From the pricing page to Stripe's Checkout of a plan. */
    async choose(plan: 'pro' | 'ent', interval: 'monthly' | 'yearly' = 'monthly'): Promise<void> {
      await page.goto(interval === 'yearly' ? '/pricing?interval=yearly' : '/pricing')
      await page.locator(`[data-plan=${plan}]`).getByRole('button').click()
      await page.waitForURL('**/c/pay/**')
    },
    /** Fills the card on one of Stripe's pages and sends it. */
    async pay(number: string): Promise<void> {
      await page.getByLabel('Card number').fill(number)
      await page.getByLabel('Expires').fill('12 / 39')
      await page.getByLabel('Security code').fill('123')
      const name = page.getByLabel('Name on the card')
      if (await name.count()) await name.fill('Ada Marlowe')
      await page.locator('button[data-pay]').click()
    },
    /** Buys a plan from the pricing page to the success page. */
    async buy(
      plan: 'pro' | 'ent',
      interval: 'monthly' | 'yearly' = 'monthly',
      card: string = cards.pays,
    ): Promise<void> {
      await this.choose(plan, interval)
      await this.pay(card)
      await page.waitForURL('**/billing/success**')
    },
    /** Presses a button of the time bar and waits for the page to come back. */
    async moveTime(step: 'A day on' | 'A month on'): Promise<void> {
      const before = await page.locator('.time-bar time').getAttribute('datetime')
      await page.getByRole('button', { name: step }).click({ timeout: 60_000 })
      await page.locator(`.time-bar time:not([datetime="${before}"])`).waitFor({ timeout: 60_000 })
    },
    /** What a part of a page says when the page is opened anew. */
    async seenOn(path: string, part: string): Promise<string> {
      await page.goto(path)
      return page.locator(part).innerText()
    },
    heading: () => page.getByRole('heading', { level: 1 }).innerText(),
    /** The membership as the account page tells it. */
    async membership(): Promise<{ plan: string; label: string | null; sentence: string }> {
      await page.goto('/account')
      const panel = page.locator('.membership')
      return {
        plan: await panel.getByRole('heading').innerText(),
        label: (await panel.locator('.tag').count()) > 0 ? await panel.locator('.tag').innerText() : null,
        sentence: await panel.locator('.state').innerText(),
      }
    },
  }
}

export type Person = ReturnType<typeof createPerson>
