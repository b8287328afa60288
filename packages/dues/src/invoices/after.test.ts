import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'
import { until } from '../../testing/engine.ts'

onEachApp('when a membership has ended', (app) => {
  const owing = async (more: object = {}) => {
    const { subscribe, payWith, advance, dues } = app()
    const { id } = anOwner()
    const made = await subscribe(id, more)
    await payWith(made.customer, 'pm_card_chargeCustomerFail')
    await advance({ months: 1, days: 1 })
    const [invoice] = (await dues.invoices.list(id)).data
    return { owner: id, ...made, open: String(invoice?.id) }
  }
  const statusOf = async (invoice: string) => (await app().stripe.invoices.retrieve(invoice)).status

  test('its open invoice cannot be paid any more, also in the mirror', async () => {
    const { dues } = app()
    const { owner, open } = await owing()
    expect(await statusOf(open)).toBe('open')
    await dues.subscriptions.cancel(owner, { when: 'now' })
    await until(async () => (await statusOf(open)) === 'void', 'the invoice is void')
    await until(async () => (await dues.invoices.list(owner)).data[0]?.status === 'void', 'the mirror shows it')
  })

  test('also when Stripe gave up by itself, and was down when it was to be voided', async () => {
    const { stripe, faults, settled, dues } = app()
    const { owner, subscription, open } = await owing()
    await stripe.subscriptions.cancel(subscription)
    await settled()
    await faults({ api: { status500: 0.5 }, seed: 3 })
    await until(async () => (await dues.member(owner)).ended(), 'it has ended')
    await faults({})
    await until(async () => (await statusOf(open)) === 'void', 'the invoice is void')
  })

  test('an invoice that staff sent stays owed', async () => {
    const { stripe, dues, settled, subscribe } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { collection_method: 'send_invoice', days_until_due: 30 })
    const invoice = String((await stripe.subscriptions.retrieve(subscription)).latest_invoice)
    await stripe.invoices.finalizeInvoice(invoice)
    await settled()
    await dues.subscriptions.cancel(id, { when: 'now' })
    const other = await owing()
    await dues.subscriptions.cancel(other.owner, { when: 'now' })
    // Jobs are done in their order: what came later has been done.
    await until(async () => (await statusOf(other.open)) === 'void', 'a later one is void')
    expect(await statusOf(invoice)).toBe('open')
  })
})

onEachApp(
  'with endedInvoices: keep',
  (app) => {
    test('an open invoice stays as it is', async () => {
      const { stripe, subscribe, dues, payWith, advance, query } = app()
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      await payWith(customer, 'pm_card_chargeCustomerFail')
      await advance({ months: 1, days: 1 })
      const [invoice] = (await dues.invoices.list(id)).data
      await dues.subscriptions.cancel(id, { when: 'now' })
      const waiting = "select 1 from dues_jobs.job where name = 'follow-up' and state in ('created', 'active', 'retry')"
      await until(async () => (await query(waiting)).length === 0, 'the job has run')
      expect((await stripe.invoices.retrieve(String(invoice?.id))).status).toBe('open')
    })
  },
  { endedInvoices: 'keep' },
)
