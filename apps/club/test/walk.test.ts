import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from '../../../testing/chromium.ts'
import type { RunningClub } from '../src/club.ts'
import { demoStaff } from '../src/staff/demo.ts'
import { cards, createPerson, type Person } from './browser.ts'
import { openClub } from './open-club.ts'

/** For what a webhook brings. */
const patient = { timeout: 10_000, interval: 250 }

/** The main job, in a real browser: a visitor becomes a member, and everything that a membership goes through. */
describe('the walk', { timeout: 90_000 }, () => {
  let club: RunningClub
  let browser: Browser
  let ada: Person
  let arrived = 0
  const email = () => `ada${++arrived}@house.example`

  beforeAll(async () => {
    club = await openClub()
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await club.stop()
  })
  beforeEach(async () => {
    ada = createPerson(browser, club.url)
    await ada.arrive()
  })
  afterEach(() => ada.leave())

  test('a visitor becomes a member: plans, sign-up, Checkout, success, members’ pages, without a line of JavaScript', async () => {
    await ada.leave()
    await ada.arrive({ javaScriptEnabled: false })
    const { page } = ada
    await page.goto('/')
    await page.getByRole('link', { name: 'See the plans' }).click()
    await page.getByRole('link', { name: 'Try 14 days free' }).click()
    await ada.fillSignUp(email())
    expect(await ada.heading()).toBe('Professional, monthly')
    expect(await page.locator('.receipt .total').innerText()).toContain('$0.00')
    await page.getByRole('button', { name: 'Continue to payment' }).click()

    await page.waitForURL('**/c/pay/**')
    expect(await ada.heading()).toBe('Try Professional')
    await ada.pay(cards.declined)
    expect(await page.getByRole('alert').innerText()).toContain('Your card was declined.')
    await ada.pay(cards.pays)

    await page.waitForURL('**/billing/success**')
    expect(await ada.heading()).toBe('Welcome to Professional')
    await page.goto('/members/pro')
    expect(await ada.heading()).toBe('Plate room')
    await page.goto('/members/ent')
    expect(await page.locator('main').innerText()).toContain('This room opens with Enterprise')
    expect(await ada.membership()).toMatchObject({ plan: 'Professional', label: 'Trial' })
  })

  test('what was bought is shown to its owner alone, and opens what the plan grants', async () => {
    const { page } = ada
    await ada.join(email())
    await page.goto('/members')
    await page.getByRole('button', { name: 'Survey Skerrow' }).click()
    const project = page.url()
    expect(await page.locator('main').innerText()).toContain('comes with Professional')
    await ada.buy('pro')
    const success = page.url()
    await page.goto(project)
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download SVG' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('skerrow.svg')

    const eve = createPerson(browser, club.url)
    await eve.arrive()
    await eve.page.goto(success)
    expect(eve.page.url()).toContain('/sign-in?next=')
    await eve.join(email(), 'Eve Adams')
    await eve.page.goto(success)
    expect(await eve.heading()).not.toContain('Welcome')
    expect((await eve.membership()).plan).toBe('Free')
    await eve.leave()
  })

  test('prints are counted: one a month for nothing, five with Professional, and five again with the next month', async () => {
    const { page } = ada
    const left = () => page.locator('#prints-left').innerText()
    const order = async () => {
      await page.getByRole('button', { name: 'Order a print' }).click()
      await page.waitForURL('**?printed**')
      expect(await page.getByRole('status').innerText()).toContain('Skerrow is in the press')
    }
    await ada.join(email())
    await page.goto('/members')
    await page.getByRole('button', { name: 'Survey Skerrow' }).click()
    const project = page.url()
    expect(await left()).toContain('1 of 1 print left until')
    await order()
    expect(await left()).toBe('0 of 1 print left')
    expect(await page.getByRole('button', { name: 'Order a print' }).count()).toBe(0)
    await page.getByRole('link', { name: 'See the plans with more.' }).click()
    await ada.buy('pro')
    await page.goto(project)
    expect(await left()).toContain('5 of 5 prints left until')
    await order()
    await page.goto('/account')
    expect(await left()).toContain('4 of 5 prints left')
    await ada.moveTime('A month on')
    await page.goto('/account')
    expect(await left()).toContain('5 of 5 prints left')
  })

  test('the keyboard alone is enough to join', async () => {
    const { page } = ada
    await page.goto('/')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').innerText()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.locator('main:focus').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/sign-up')
    // The first field has the focus already.
    for (const text of ['Ada Marlowe', email(), 'three short words']) {
      await page.keyboard.type(text)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL('**/members')
  })

  test('a promotion code changes the total, a number that is no test card is refused, and leaving costs nothing', async () => {
    const { page } = ada
    await ada.join(email())
    await ada.choose('ent')
    expect(await page.locator('.totals.due').innerText()).toContain('$99.00')
    await page.getByLabel('Promotion code').fill('WELCOME20')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('$79.20').first().waitFor()
    expect(await page.locator('.totals.due').innerText()).toContain('$79.20')

    await ada.pay('4111 1111 1111 1234')
    expect(await page.locator('#number-problem').innerText()).toContain('not the number of a test card')
    await page.getByRole('link', { name: /Back to/ }).click()
    await page.waitForURL('**/billing/cancelled**')
    expect(await ada.heading()).toBe('Nothing was charged')
    expect(await ada.membership()).toMatchObject({ plan: 'Free' })

    await ada.choose('ent')
    await ada.pay(cards.pays)
    await page.waitForURL('**/billing/success**')
    expect(await page.locator('main').innerText()).toContain('$79.20')
    expect(await ada.membership()).toMatchObject({ plan: 'Enterprise', label: 'Active' })
  })

  test('a bank that asks first: refused, nothing is bought; approved, it is', async () => {
    const { page } = ada
    await ada.join(email())
    await ada.choose('ent')
    await ada.pay(cards.asksTheBank)
    await page.getByRole('button', { name: /Refuse|Fail/ }).click()
    await page.waitForURL('**/c/pay/**')
    expect(await page.getByRole('alert').innerText()).toContain('unable to authenticate')
    await ada.pay(cards.asksTheBank)
    await page.getByRole('button', { name: /Approve|Complete/ }).click()
    await page.waitForURL('**/billing/success**')
    expect(await ada.heading()).toBe('Welcome to Enterprise')
  })

  test('somebody who is subscribed switches, after seeing what it costs today', async () => {
    const { page } = ada
    await ada.join(email())
    await ada.buy('ent')
    await page.goto('/pricing')
    expect(await page.locator('[data-plan=ent]').innerText()).toContain('Your plan')
    await page.goto('/pricing?interval=yearly')
    await page.locator('[data-plan=ent]').getByRole('link', { name: 'Switch to yearly' }).click()
    expect(await ada.heading()).toMatch(/Switch to\s+Enterprise, yearly/)
    const due = (await page.locator('.receipt .total td').innerText()).trim()
    expect(due).toMatch(/^\$89\d\.\d\d$/)
    await page.getByRole('button', { name: `Pay ${due} and switch` }).click()
    await page.waitForURL('**/account?notice=switched')
    expect(await page.locator('.notice').innerText()).toBe('Your membership was changed.')
    expect(await page.locator('.membership .state').innerText()).toContain('$990 a year')
    // The invoice comes by webhook, a moment after the switch itself.
    await expect.poll(() => ada.seenOn('/account', '.ledger'), patient).toContain(due)
  })

  test('a switch that cannot be paid keeps the old plan, and says so', async () => {
    const { page } = ada
    await ada.join(email())
    await ada.buy('ent')
    await changeCard(ada, cards.failsLater)
    await page.goto('/switch?plan=ent&interval=yearly')
    await page.getByRole('button', { name: /and switch/ }).click()
    await page.getByRole('heading', { name: 'The payment did not go through' }).waitFor()
    const { sentence } = await ada.membership()
    expect(sentence).toContain('$99 a month')
  })

  test('print bundles are added after seeing what they cost, and fewer come with the next period', async () => {
    const { page } = ada
    const change = async (number: string) => {
      await page.goto('/account')
      await page.getByLabel('How many').fill(number)
      await page.getByRole('button', { name: 'See what it costs' }).click()
    }
    await ada.join(email())
    await ada.buy('ent')
    await change('2')
    expect(await ada.heading()).toBe('2 print bundles')
    const due = (await page.locator('.receipt .total td').innerText()).trim()
    expect(due).toMatch(/^\$1[12]\.\d\d$/)
    await page.getByRole('button', { name: `Pay ${due}` }).click()
    await page.waitForURL('**/account?notice=switched')
    expect(await page.locator('.membership .state').innerText()).toContain('$111 a month, 2 print bundles included')
    expect(await page.locator('#prints-left').innerText()).toContain('of 60 prints left')
    await change('1')
    await page.getByRole('button', { name: /^Change on \d/ }).click()
    await page.waitForURL('**/account?notice=planned')
    expect(await page.locator('.membership .state').innerText()).toMatch(
      /^Enterprise goes on\. From .* with 1 print bundle/,
    )
    await ada.moveTime('A month on')
    expect((await ada.membership()).sentence).toMatch(/^\$105 a month, 1 print bundle included/)
  })

  test('a smaller plan is planned for the end of the period, can be taken back, and else comes when it is over', async () => {
    const { page } = ada
    const planned = async () => {
      await page.goto('/pricing')
      await page.locator('[data-plan=pro]').getByRole('link', { name: 'Switch' }).click()
      expect(await page.locator('.receipt .total td').innerText()).toBe('$0.00')
      await page.getByRole('button', { name: /^Switch on \d/ }).click()
      await page.waitForURL('**/account?notice=planned')
    }
    await ada.join(email())
    await ada.buy('ent')
    await planned()
    expect(await page.locator('.membership .state').innerText()).toMatch(
      /^You keep Enterprise until .* From then on it is Professional, for \$19 a month\.$/,
    )
    expect(await page.locator('.membership .facts').innerText()).toMatch(/Changes to\s+Professional, monthly, on/)
    expect((await ada.membership()).label).toBe('Changes soon')

    await page.getByRole('button', { name: 'Keep Enterprise' }).click()
    await page.waitForURL('**/account?notice=undone')
    expect(await page.locator('.notice').innerText()).toBe('Taken back: your plan goes on as it is.')
    expect(await ada.membership()).toMatchObject({ plan: 'Enterprise', label: 'Active' })
    expect(await page.locator('.membership .facts').innerText()).not.toContain('Changes to')
    await expect.poll(() => ada.seenOn('/account', '.history'), patient).toContain('The planned change was taken back')
    await ada.moveTime('A month on')
    expect(await ada.membership()).toMatchObject({ plan: 'Enterprise', label: 'Active' })

    await planned()
    await ada.moveTime('A month on')
    const { plan, sentence } = await ada.membership()
    expect(plan).toBe('Professional')
    expect(sentence).toMatch(/^\$19 a month\. It renews on/)
    await expect.poll(() => ada.seenOn('/account', '.ledger'), patient).toMatch(/\$19\.00[^$]*\$99\.00[^$]*\$99\.00/)
    await page.goto('/members/ent')
    expect(await page.locator('main').innerText()).toContain('This room opens with Enterprise')
  })

  test('a pause costs nothing and opens nothing, and what was paid for and not used pays for the time after it', async () => {
    const { page } = ada
    await ada.join(email())
    await ada.buy('ent')
    await page.goto('/account')
    await page.getByText('Pause my membership').click()
    await page.getByRole('button', { name: 'Pause Enterprise today' }).click()
    await page.waitForURL('**/account?notice=paused')
    expect(await page.locator('.notice').innerText()).toContain('Nothing is charged until you go on')
    expect(await page.locator('.membership .state').innerText()).toMatch(/^Enterprise is paused/)
    expect((await ada.membership()).label).toBe('Paused')
    await page.goto('/members/ent')
    expect(await page.locator('.banner').innerText()).toMatch(
      /^Enterprise is paused\. Nothing is charged[\s\S]*Go on with Enterprise$/,
    )
    expect(await page.locator('main').innerText()).toContain('This room opens with Enterprise')

    await page.goto('/account')
    const invoices = page.locator('.ledger li')
    const before = await invoices.count()
    await ada.moveTime('A month on')
    expect(await ada.membership()).toMatchObject({ label: 'Paused' })
    expect(await invoices.count()).toBe(before)

    await page.getByRole('button', { name: 'Go on with Enterprise' }).click()
    await page.waitForURL('**/account?notice=unpaused')
    expect(await page.locator('.notice').innerText()).toContain('your membership goes on from today')
    expect(await ada.membership()).toMatchObject({ plan: 'Enterprise', label: 'Active' })
    expect(await page.locator('.ledger').innerText()).not.toMatch(/(\$99\.00[^$]*){2}/)
    await page.goto('/members/ent')
    expect(await ada.heading()).toBe('Studio desk')
  })

  test('a part that goes back is told on the account page and stands on the receipt, and the membership goes on', async () => {
    const { page } = ada
    const address = email()
    await ada.join(address)
    await ada.buy('ent')
    const robin = createPerson(browser, club.url)
    await robin.arrive({ javaScriptEnabled: false })
    await robin.signIn(demoStaff)
    await robin.page.goto(`/staff?q=${encodeURIComponent(address)}`)
    await robin.page.getByRole('link', { name: 'Ada Marlowe' }).click()
    await robin.page.locator('.ledger').getByText('Refund').click()
    await robin.page.getByLabel('Amount').fill('40')
    await robin.page.getByRole('button', { name: 'See what it does' }).click()
    expect(await robin.page.locator('main').innerText()).toMatch(
      /Goes back now\s+\$40\.00\s+Stays with the club\s+\$59\.00/,
    )
    // A double click is one refund.
    await robin.page.getByRole('button', { name: 'Pay $40.00 back' }).dblclick()
    await robin.page.getByText('The money is on its way back').waitFor()
    await robin.leave()
    await expect.poll(() => ada.seenOn('/account', '.history'), patient).toContain('Money was paid back')
    expect(await ada.membership()).toMatchObject({ plan: 'Enterprise', label: 'Active' })
    await expect.poll(() => ada.seenOn('/account/payments', '.ledger'), patient).toContain('$99.00')
    await page.getByRole('link', { name: /^Receipt for invoice/ }).click()
    await page.waitForURL(`${club.stripe?.local.url}/**`)
    expect(await page.locator('body').innerText()).toMatch(/Refunded\s+-\$40\.00/)
  })

  test('cancelling, with a reason; resuming; and ending it today after being asked once more', async () => {
    const { page } = ada
    await ada.join(email())
    await ada.buy('ent')
    await page.goto('/account')
    await page.getByText('Cancel my membership').click()
    await page.getByLabel(/Why are you leaving/).selectOption('too_expensive')
    await page.getByLabel(/Anything that we should know/).fill('Back in spring.')
    await page.getByRole('button', { name: 'Cancel at the end of the period' }).click()
    await page.waitForURL('**/account?notice=cancelled')
    expect(await page.locator('.membership .state').innerText()).toMatch(/^Cancelled\. You keep Enterprise until \d/)
    await page.goto('/members/ent')
    expect(await ada.heading()).toBe('Studio desk')

    await page.goto('/account')
    await page.getByRole('button', { name: 'Keep Enterprise' }).click()
    await page.waitForURL('**/account?notice=resumed')
    expect(await page.locator('.membership .state').innerText()).toMatch(/It renews on/)

    await page.getByText('Cancel my membership').click()
    await page.getByRole('link', { name: 'End it today instead' }).click()
    expect(await ada.heading()).toBe('End Enterprise today?')
    await page.getByRole('button', { name: 'End it today' }).click()
    await page.waitForURL('**/account?notice=ended')
    expect(await page.locator('.membership .state').innerText()).toMatch(/^Your Enterprise membership ended/)
    await page.goto('/members/ent')
    expect(await page.locator('main').innerText()).toContain('This room opens with Enterprise')
  })

  test('the portal shows card and invoices, and leads back', async () => {
    const { page } = ada
    await ada.join(email())
    await ada.buy('ent')
    await page.goto('/account')
    await page.getByRole('button', { name: 'Card and billing details' }).click()
    await page.waitForURL(`${club.stripe?.local.url}/**`)
    expect(await page.locator('body').innerText()).toContain('4242')
    expect(await page.locator('body').innerText()).toContain('$99.00')
    await page.getByRole('link', { name: /Back to|Return/ }).click()
    await page.waitForURL('**/account')
  })

  describe('time', () => {
    test('a trial ends, and the plan is paid for from then on', async () => {
      await ada.join(email())
      await ada.buy('pro', 'monthly', cards.paysToo)
      await ada.page.goto('/account')
      await ada.moveTime('A month on')
      const { label, sentence } = await ada.membership()
      expect(label).toBe('Active')
      expect(sentence).toMatch(/^\$19 a month\. It renews on/)
      await expect.poll(() => ada.seenOn('/account', '.ledger'), patient).toContain('$19.00')
    })

    test('a month passes, and the membership renews', async () => {
      await ada.join(email())
      await ada.buy('ent')
      const { sentence: before } = await ada.membership()
      await ada.moveTime('A month on')
      const { label, sentence } = await ada.membership()
      expect(label).toBe('Active')
      expect(sentence).not.toBe(before)
      await expect.poll(() => ada.seenOn('/account', '.ledger'), patient).toMatch(/(\$99\.00[^$]*){2}/)
    })

    test('a cancelled membership ends with its period; a switch before says that it does not change that', async () => {
      const { page } = ada
      await ada.join(email())
      await ada.buy('ent')
      await page.goto('/account')
      await page.getByText('Cancel my membership').click()
      await page.getByRole('button', { name: 'Cancel at the end of the period' }).click()
      await page.waitForURL('**/account?notice=cancelled')
      await page.goto('/switch?plan=pro&interval=monthly')
      expect(await page.locator('.lead').innerText()).toContain('Your membership is cancelled and still ends on')
      expect(await page.locator('.receipt').innerText()).toContain('Credit, should you come back')
      await ada.moveTime('A month on')
      expect(await ada.membership()).toMatchObject({ plan: 'Free' })
      expect((await ada.membership()).sentence).toMatch(/^Your Enterprise membership ended on/)
    })

    test('nobody is asked to pay for a membership that ended because its payments failed', async () => {
      const { page } = ada
      await ada.join(email())
      await ada.buy('pro', 'monthly', cards.failsLater)
      await page.goto('/account')
      await ada.moveTime('A month on')
      expect((await ada.membership()).label).toBe('Payment due')
      await ada.moveTime('A month on')
      expect((await ada.membership()).sentence).toMatch(/^Your Professional membership ended/)
      await expect.poll(() => ada.seenOn('/account', '.ledger'), patient).toContain('Void')
      expect(await page.getByRole('link', { name: /^Pay invoice/ }).count()).toBe(0)
    })

    test('a renewal that cannot be paid: told on every page, mended with another card, recovered', async () => {
      const { page } = ada
      await ada.join(email())
      await ada.buy('pro', 'monthly', cards.failsLaterToo)
      await page.goto('/members')
      await ada.moveTime('A month on')
      expect(await page.locator('.banner').innerText()).toContain('Your last payment did not go through.')
      expect((await ada.membership()).label).toBe('Payment due')
      await page.goto('/switch?plan=ent&interval=monthly')
      expect(await ada.heading()).toBe('The payment did not go through')
      expect(await page.getByRole('link', { name: 'Pay with another card' }).getAttribute('href')).toContain('/i/')

      await page.locator('.banner').getByRole('button', { name: 'Update your card' }).click()
      await page.waitForURL('**/c/pay/**')
      await ada.pay(cards.pays)
      await page.waitForURL('**/account?notice=paid')
      expect(await page.locator('.notice').innerText()).toContain('it is paid')
      expect((await ada.membership()).label).toBe('Active')
      expect(await page.locator('.banner').count()).toBe(0)
    })

    test('a renewal whose bank wants to be asked is confirmed on Stripe’s page, and the membership goes on', async () => {
      const { page } = ada
      await ada.join(email())
      await ada.buy('ent')
      await changeCard(ada, cards.asksTheBank, { asksTheBank: true })
      await page.goto('/account')
      await ada.moveTime('A month on')
      expect((await ada.membership()).label).toBe('Payment due')
      await page.locator('.banner').getByRole('button', { name: 'Try it again now' }).click()
      await page.waitForURL('**/i/**')
      await page.getByRole('button', { name: /^Pay .* with/ }).click()
      await page.getByRole('button', { name: 'Approve' }).click()
      await expect.poll(async () => (await ada.membership()).label, patient).toBe('Active')
    })
  })

  describe('cards and invoices', () => {
    const listed = (part: string) => ada.seenOn('/account/payments', part)

    test('a card is added, chosen and removed; the last one is asked about', async () => {
      const { page } = ada
      await ada.join(email())
      await ada.buy('ent')
      expect(await listed('.cards')).toMatch(/Visa •••• 4242[\s\S]*Pays your membership[\s\S]*Good until December 2039/)
      await page.getByRole('button', { name: 'Add a card' }).click()
      await page.waitForURL('**/c/pay/**')
      await ada.pay(cards.paysToo)
      await page.waitForURL('**/account/payments?notice=cardAdded')
      expect(await page.locator('.cards li').first().innerText()).toMatch(
        /Mastercard •••• 4444[\s\S]*Pays your membership/,
      )
      await page.getByRole('button', { name: 'Pay with Visa •••• 4242' }).click()
      await page.waitForURL('**/account/payments?notice=cardDefault')
      expect(await page.locator('.cards li').first().innerText()).toContain('4242')
      await page.getByRole('button', { name: 'Remove Mastercard •••• 4444' }).click()
      await page.waitForURL('**/account/payments?notice=cardRemoved')
      await page.getByRole('link', { name: 'Remove' }).click()
      expect(await ada.heading()).toBe('Remove Visa •••• 4242?')
      await page.getByRole('button', { name: 'Remove it all the same' }).click()
      await page.waitForURL('**/account/payments?notice=cardRemoved')
      expect(await page.locator('main').innerText()).toContain('None yet.')
    })

    test('invoices are listed a page at a time, each with its page, PDF and receipt; the next one is foretold', async () => {
      const { page } = ada
      await ada.join(email())
      await ada.buy('ent')
      await page.goto('/account')
      for (let month = 0; month < 13; month++) await ada.moveTime('A month on')
      await expect
        .poll(async () => page.goto('/account/payments').then(() => page.locator('.ledger li').count()), patient)
        .toBe(12)
      expect(await page.getByRole('region', { name: 'Next payment' }).innerText()).toContain('$99.00')
      const [newest] = await page.locator('.ledger time').allInnerTexts()
      await page.getByRole('link', { name: 'Older invoices' }).click()
      expect(await page.locator('.ledger li').count()).toBe(2)
      expect(await page.locator('.ledger time').allInnerTexts()).not.toContain(newest)
      const pdf = page.getByRole('link', { name: /^PDF of invoice/ }).first()
      const response = await page.request.get(new URL(String(await pdf.getAttribute('href')), club.url).href)
      expect(response.headers()['content-type']).toContain('application/pdf')
      await page
        .getByRole('link', { name: /^Receipt for invoice/ })
        .first()
        .click()
      await page.waitForURL(`${club.stripe?.local.url}/**`)
      expect(await page.locator('body').innerText()).toContain('$99.00')
    })
  })

  async function changeCard(person: Person, number: string, { asksTheBank = false } = {}): Promise<void> {
    await person.page.goto('/account')
    await person.page.getByRole('button', { name: 'Card and billing details' }).click()
    await person.page.waitForURL(`${club.stripe?.local.url}/**`)
    await enterCard(person, number, asksTheBank)
  }

  /** In the portal: another card, which is used from then on. */
  async function enterCard({ page, pay }: Person, number: string, asksTheBank: boolean): Promise<void> {
    await page
      .getByRole('link', { name: /Add|Update/ })
      .first()
      .click()
    await pay(number)
    if (asksTheBank) await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText(number.slice(-4)).first().waitFor()
  }
})
