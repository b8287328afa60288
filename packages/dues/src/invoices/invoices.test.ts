import { describe, expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

onEachApp('invoices', (app) => {
  /** A member whose first invoice is paid. */
  const paying = async (more: object = {}) => {
    const { subscribe, dues } = app()
    const { id } = anOwner()
    const made = await subscribe(id, more)
    const { data } = await dues.invoices.list(id)
    return { owner: id, ...made, invoice: String(data[0]?.id) }
  }

  /** A member whose renewal was not paid. */
  const owing = async (card = 'pm_card_chargeCustomerFail') => {
    const { payWith, advance, dues } = app()
    const made = await paying()
    await payWith(made.customer, card)
    await advance({ months: 1, days: 1 })
    const open = await dues.invoices.open(made.owner)
    return { ...made, open: String(open?.id) }
  }

  describe('of an owner', () => {
    test('are listed a page at a time, each once, the newest first', async () => {
      const { dues, stripe, settled } = app()
      const { owner, customer } = await paying()
      for (let n = 1; n <= 5; n++) {
        await stripe.invoiceItems.create({ customer, amount: n * 100, currency: 'usd' })
        const { id } = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' })
        await stripe.invoices.finalizeInvoice(id)
      }
      await settled()
      const totals: number[] = []
      let after: string | undefined
      for (let page = 0; page < 5; page++) {
        const { data, hasMore } = await dues.invoices.list(owner, { limit: 2, ...(after && { after }) })
        expect(data).toHaveLength(2)
        totals.push(...data.map(({ total }) => total))
        after = data.at(-1)?.id
        if (!hasMore) break
      }
      expect(totals).toEqual([500, 400, 300, 200, 100, 1900])
    })

    test('are none of somebody who never bought anything', async () => {
      const { dues } = app()
      const { id } = anOwner()
      expect(await dues.invoices.list(id)).toEqual({ data: [], hasMore: false })
      expect(await dues.invoices.upcoming(id)).toBeNull()
      expect(await dues.invoices.open(id)).toBeNull()
      expect(await dues.invoices.balance(id)).toEqual({ currency: null, credit: 0, owed: 0 })
    })

    test.each([0, 101, 1.5])('a page of %d is refused', async (limit) => {
      await expect(app().dues.invoices.list('nobody', { limit })).rejects.toMatchObject({ code: 'bad_request' })
    })

    test.each([
      ['credit pays a part of it', -500, { total: 1900, fromBalance: 500, carriedOver: 0, amountPaid: 1400 }],
      [
        'what is too little to charge is put on the next one',
        -1870,
        { total: 1900, fromBalance: 1870, carriedOver: 30, amountPaid: 0 },
      ],
      [
        'what was put on it by the one before is charged with it',
        30,
        { total: 1900, fromBalance: 0, carriedOver: 0, amountPaid: 1930 },
      ],
    ])('%s', async (_, balance, shown) => {
      const { stripe, dues, advance } = app()
      const { owner, customer } = await paying()
      await stripe.customers.update(customer, { balance })
      await advance({ months: 1, seconds: 2 * 3600 })
      const [newest] = (await dues.invoices.list(owner)).data
      expect(await dues.invoices.get(owner, newest?.id ?? '')).toMatchObject(shown)
    })

    test('one is shown whole: lines, tax, PDF, page and receipt', async () => {
      const { stripe, dues } = app()
      const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false })
      const { owner, invoice } = await paying({ default_tax_rates: [rate.id] })
      expect(await dues.invoices.get(owner, invoice)).toMatchObject({
        id: invoice,
        status: 'paid',
        subtotal: 1900,
        discount: 0,
        tax: 380,
        total: 2280,
        amountPaid: 2280,
        fromBalance: 0,
        carriedOver: 0,
        refunded: 0,
        lines: [{ description: '1 × Professional (at $19.00 / month)', amount: 1900, quantity: 1 }],
        url: expect.stringContaining('/i/'),
        pdfUrl: expect.stringMatching(/pdf/),
        receiptUrl: expect.stringMatching(/^http/),
      })
    })

    test('that of somebody else cannot be told from one that is not there', async () => {
      const { dues, ask } = app()
      const { invoice } = await paying()
      const eve = await paying()
      for (const id of [invoice, 'in_none', '../customers', ''])
        await expect(dues.invoices.get(eve.owner, id)).rejects.toMatchObject({ code: 'not_found' })
      await expect(dues.invoices.pay(eve.owner, invoice)).rejects.toMatchObject({ code: 'not_found' })
      expect((await ask(eve.owner, `/invoice?id=${invoice}`)).status).toBe(404)
    })

    test('the link of a page that was kept leads to the one that is good now', async () => {
      const { dues } = app()
      const { owner, invoice } = await paying()
      const open = (as: string) =>
        dues.handler(
          new Request(`${app().url}/billing/invoice?id=${invoice}&as=${as}`, {
            headers: { 'x-owner': owner, accept: 'text/html' },
          }),
        )
      const { url, pdfUrl, receiptUrl } = await dues.invoices.get(owner, invoice)
      expect((await open('page')).headers.get('location')).toBe(url)
      expect((await open('pdf')).headers.get('location')).toBe(pdfUrl)
      expect((await open('receipt')).headers.get('location')).toBe(receiptUrl)
      expect((await open('toString')).status).toBe(404)
    })

    test('the next one is foretold, with credit taken off, and none when the membership ends before', async () => {
      const { dues, stripe } = app()
      const { owner, customer } = await paying()
      await stripe.customers.createBalanceTransaction(customer, { amount: -500, currency: 'usd' })
      const renewsAt = (await dues.member(owner)).renewsAt
      expect(await dues.invoices.upcoming(owner)).toMatchObject({
        total: 1900,
        amountDue: 1400,
        tax: 0,
        currency: 'usd',
      })
      expect((await dues.invoices.upcoming(owner))?.at.getTime()).toBeGreaterThanOrEqual(
        renewsAt?.getTime() ?? Infinity,
      )
      expect(await dues.invoices.balance(owner)).toEqual({ currency: 'usd', credit: 500, owed: 0 })
      await dues.subscriptions.cancel(owner)
      expect(await dues.invoices.upcoming(owner)).toBeNull()
    })
  })

  test('the next one is that of the plan that is planned', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    expect((await dues.invoices.upcoming(id))?.total).toBe(9900)
    await dues.subscriptions.switchTo(id, 'pro', 'monthly', { when: 'periodEnd' })
    expect((await dues.invoices.upcoming(id))?.total).toBe(1900)
  })

  describe('paying now', () => {
    test('with a card that was mended makes the membership active at once', async () => {
      const { dues, payWith, settled } = app()
      const { owner, customer, open } = await owing()
      expect((await dues.member(owner)).pastDue()).toBe(true)
      await payWith(customer, 'pm_card_visa')
      expect(await dues.invoices.pay(owner)).toMatchObject({ id: open, status: 'paid', amountRemaining: 0 })
      expect((await dues.member(owner)).state).toBe('active')
      await settled()
      const types = (await dues.subscriptions.history(owner)).map(({ type }) => type)
      expect(types).toEqual(expect.arrayContaining(['recovered', 'renewed', 'pastDue']))
      expect(await dues.invoices.open(owner)).toBeNull()
    })

    test('is no refusal to the second of two clicks, and charges once', async () => {
      const { dues, other, payWith, stripe } = app()
      const { owner, customer, open } = await owing()
      await payWith(customer, 'pm_card_visa')
      const paid = await Promise.all([dues.invoices.pay(owner, open), other.invoices.pay(owner, open)])
      expect(paid.map(({ status }) => status)).toEqual(['paid', 'paid'])
      expect(await dues.invoices.pay(owner, open)).toMatchObject({ status: 'paid' })
      const { data } = await stripe.charges.list({ customer, limit: 100 })
      expect(data.filter(({ status }) => status === 'succeeded')).toHaveLength(2)
    })

    test('with a card that is refused says so, with the decline code and where to pay', async () => {
      const { dues } = app()
      const { owner, open } = await owing()
      await expect(dues.invoices.pay(owner)).rejects.toMatchObject({
        code: 'payment_failed',
        details: { invoice: open, payUrl: expect.stringContaining('/i/'), declineCode: 'generic_decline' },
      })
      expect((await dues.member(owner)).pastDue()).toBe(true)
    })

    test('with a card whose bank wants to be asked leads to the page where it is', async () => {
      const { dues, ask } = app()
      const { owner, open } = await owing('pm_card_threeDSecure2Required')
      await expect(dues.invoices.pay(owner)).rejects.toMatchObject({
        code: 'action_required',
        details: { invoice: open },
      })
      const form = await dues.handler(
        new Request(`${app().url}/billing/pay`, {
          method: 'POST',
          headers: { 'x-owner': owner, origin: app().url, 'content-type': 'application/x-www-form-urlencoded' },
          body: '',
        }),
      )
      expect(form.status).toBe(303)
      expect(form.headers.get('location')).toContain('/i/')
      expect(await (await ask(owner, '/confirm')).json()).toEqual({ payUrl: form.headers.get('location') })
    })

    test('the bank’s wish at a renewal is a transition with the page to send the member to', async () => {
      const { dues, settled } = app()
      const { owner } = await owing('pm_card_threeDSecure2Required')
      await settled()
      const history = await dues.subscriptions.history(owner)
      const asked = history.find(({ type }) => type === 'actionRequired')
      expect(asked?.detail).toMatchObject({ amount: 1900, currency: 'usd', url: expect.stringContaining('/i/') })
    })

    test('without a card says that there is none', async () => {
      const { dues, stripe } = app()
      const { owner } = await owing()
      const [card] = await dues.paymentMethods.list(owner)
      await dues.paymentMethods.remove(owner, String(card?.id), { confirm: true })
      for (const { id } of await dues.paymentMethods.list(owner)) await stripe.paymentMethods.detach(id)
      await expect(dues.invoices.pay(owner)).rejects.toMatchObject({
        code: 'payment_failed',
        message: expect.stringContaining('no card'),
      })
    })

    test('with nothing open is refused; so is an invoice that is void', async () => {
      const { dues } = app()
      const { owner } = await paying()
      await expect(dues.invoices.pay(owner)).rejects.toMatchObject({ code: 'nothing_to_pay' })
      const { owner: debtor, open } = await owing()
      await dues.invoices.void(open)
      await expect(dues.invoices.pay(debtor, open)).rejects.toMatchObject({ code: 'invoice_not_open' })
    })
  })

  describe('voiding', () => {
    test('makes an open one that nobody can pay, twice is once; a paid one is refused', async () => {
      const { dues } = app()
      const { owner, open, invoice } = await owing()
      expect(await dues.invoices.void(open)).toMatchObject({ status: 'void' })
      expect(await dues.invoices.void(open)).toMatchObject({ status: 'void' })
      expect((await dues.invoices.list(owner)).data[0]).toMatchObject({ id: open, status: 'void' })
      await expect(dues.invoices.void(invoice)).rejects.toMatchObject({ code: 'invoice_not_open' })
    })
  })

  describe('a refund', () => {
    const refunded = async (customer: string) =>
      (await app().stripe.charges.list({ customer })).data.reduce((sum, charge) => sum + charge.amount_refunded, 0)

    test('of the whole happens once, whoever clicks how often', async () => {
      const { dues, other } = app()
      const { invoice, customer, owner } = await paying()
      const clicks = [dues, other, dues].map(({ invoices }) => invoices.refund(invoice))
      for (const click of await Promise.all(clicks)) expect(click).toMatchObject({ amount: 1900, currency: 'usd' })
      expect(await dues.invoices.refund(invoice)).toMatchObject({ amount: 1900 })
      expect(await refunded(customer)).toBe(1900)
      expect(await dues.invoices.get(owner, invoice)).toMatchObject({ refunded: 1900 })
    })

    test('of a part happens once for each key', async () => {
      const { dues, advance } = app()
      const { invoice, customer } = await paying()
      await dues.invoices.refund(invoice, { amount: 500 })
      await dues.invoices.refund(invoice, { amount: 500 })
      expect(await refunded(customer)).toBe(500)
      await advance({ seconds: 120 })
      // Later it may be meant: it is not paid, and not said to be.
      await expect(dues.invoices.refund(invoice, { amount: 500 })).rejects.toMatchObject({
        code: 'already_refunded',
        details: { amount: 500, currency: 'usd' },
      })
      expect(await refunded(customer)).toBe(500)
      await dues.invoices.refund(invoice, { amount: 500, key: 'again, on purpose' })
      expect(await refunded(customer)).toBe(1000)
      expect(await dues.invoices.refund(invoice)).toMatchObject({ amount: 900 })
      expect(await refunded(customer)).toBe(1900)
      await expect(dues.invoices.refund(invoice, { amount: 1 })).rejects.toMatchObject({ code: 'nothing_to_refund' })
    })

    test.each([
      [1901, 'refund_too_large'],
      [0, 'bad_request'],
      [-5, 'bad_request'],
      [1.5, 'bad_request'],
    ])('of %d is refused as %s', async (amount, code) => {
      const { dues } = app()
      const { invoice, customer } = await paying()
      await expect(dues.invoices.refund(invoice, { amount })).rejects.toMatchObject({ code })
      expect(await refunded(customer)).toBe(0)
    })

    test('of an invoice that was paid from credit has nothing to give back', async () => {
      const { dues, stripe } = app()
      const { invoice } = await paying({ trial_period_days: 7 })
      await expect(dues.invoices.refund(invoice)).rejects.toMatchObject({ code: 'nothing_to_refund' })
      await expect(dues.invoices.refund('in_none')).rejects.toMatchObject({ code: 'not_found' })
      expect((await stripe.invoices.retrieve(invoice)).status).toBe('paid')
    })

    test('does not end the membership, and is told as a transition', async () => {
      const { dues, settled } = app()
      const { invoice, owner } = await paying()
      await dues.invoices.refund(invoice, { reason: 'requested_by_customer' })
      await settled()
      expect((await dues.member(owner)).on('pro')).toBe(true)
      const [latest] = await dues.subscriptions.history(owner)
      expect(latest).toMatchObject({ type: 'refunded', detail: { amountRefunded: 1900, currency: 'usd' } })
    })

    test.each([1, 2, 3, 4])('whose answer was lost after the write is not made twice (seed %i)', async (seed) => {
      const { dues, faults } = app()
      const { invoice, customer } = await paying()
      await faults({ seed, api: { resetAfterWrite: 0.4, status500: 0.1 } })
      for (let click = 0; click < 4; click++)
        await dues.invoices.refund(invoice, { amount: 700 }).catch(() => undefined)
      await faults({})
      expect(await dues.invoices.refund(invoice, { amount: 700 })).toMatchObject({ amount: 700 })
      expect(await refunded(customer)).toBe(700)
    })

    test('while Stripe is down changes nothing and says so', async () => {
      const { dues, faults } = app()
      const { invoice, customer } = await paying()
      await faults({ api: { status500: 1 } })
      await expect(dues.invoices.refund(invoice)).rejects.toMatchObject({ code: 'stripe_unavailable' })
      await faults({})
      expect(await refunded(customer)).toBe(0)
    })
  })

  describe('a credit note', () => {
    test('lowers what an open invoice asks for', async () => {
      const { dues } = app()
      const { open, owner } = await owing()
      const note = await dues.invoices.creditNote(open, {
        amount: 900,
        reason: 'product_unsatisfactory',
        memo: 'Sorry',
      })
      expect(note).toMatchObject({
        amount: 900,
        currency: 'usd',
        number: expect.any(String),
        pdfUrl: expect.stringMatching(/^http/),
      })
      expect((await dues.invoices.list(owner)).data[0]).toMatchObject({ amountRemaining: 1000 })
    })

    test.each([
      ['balance', { credit: 500, refunded: 0 }],
      ['refund', { credit: 0, refunded: 500 }],
      ['outside', { credit: 0, refunded: 0 }],
    ] as const)('of a paid one gives the money to %s, once', async (to, { credit, refunded }) => {
      const { dues, stripe } = app()
      const { invoice, owner } = await paying()
      const first = await dues.invoices.creditNote(invoice, { amount: 500, to })
      expect(await dues.invoices.creditNote(invoice, { amount: 500, to })).toEqual(first)
      expect((await dues.invoices.balance(owner)).credit).toBe(credit)
      expect((await dues.invoices.get(owner, invoice)).refunded).toBe(refunded)
      expect((await stripe.creditNotes.list({ invoice })).data).toHaveLength(1)
    })

    test('of more than there is is refused', async () => {
      const { dues } = app()
      const { invoice } = await paying()
      await expect(dues.invoices.creditNote(invoice, { amount: 5000 })).rejects.toMatchObject({
        code: 'stripe_refused',
      })
      await expect(dues.invoices.creditNote(invoice, { amount: 1, to: 'toString' as 'refund' })).rejects.toMatchObject({
        code: 'bad_request',
      })
    })
  })
})
