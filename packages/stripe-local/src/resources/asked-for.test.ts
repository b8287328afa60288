import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, openShop } from '../../testing/business.ts'
import { refusalOf } from '../../testing/client.ts'

const monthly = {
  currency: 'usd',
  unit_amount: 2000,
  recurring: { interval: 'month' },
  product_data: { name: 'Pro' },
} as const

describe('what a request asks for', () => {
  it('is done or refused, and never left out in silence: Connect and trial offers are not here', async () => {
    const { stripe, customer, subscribe, price } = await openShop()
    const { id, items } = await subscribe([{ price: (await price({ unit_amount: 2000 })).id }])
    const first = items.data[0]?.id ?? ''
    const { id: other } = await price({ unit_amount: 900 })
    const issuer = { type: 'account', account: 'acct_1' } as const
    const refused = [
      stripe.invoices.create({ customer: customer.id, issuer }),
      stripe.invoices.createPreview({ subscription: id, issuer }),
      stripe.subscriptions.update(id, { invoice_settings: { issuer } }),
      stripe.webhookEndpoints.create({ url: 'https://shop.test', enabled_events: ['*'], connect: true }),
      subscribe([{ price: other, current_trial: { trial_offer: 'to_1' } }]),
      stripe.subscriptions.update(id, { items: [{ id: first, current_trial: { trial_offer: 'to_1' } }] }),
      stripe.paymentIntents.create({ amount: 2000, currency: 'usd', confirm: true, mandate: 'mandate_1' }),
    ]
    for (const { status } of await Promise.all(refused.map(refusalOf))) expect(status).toBe(501)
    expect(await refusalOf(stripe.customers.update(customer.id, { default_source: 'card_1' }))).toMatchObject({
      message: "No such source: 'card_1'",
      code: 'resource_missing',
    })
  })

  it('is done as late as when a setup is confirmed, and refused where it contradicts itself', async () => {
    const { stripe, customer } = await openShop()
    const { id } = await stripe.setupIntents.create({ customer: customer.id, allowed_payment_method_types: ['card'] })
    expect(
      await stripe.setupIntents.confirm(id, {
        payment_method: 'pm_card_visa',
        payment_method_options: { card: { request_three_d_secure: 'any' } },
      }),
    ).toMatchObject({ payment_method_options: { card: { request_three_d_secure: 'any' } } })
    expect(
      await refusalOf(
        stripe.v2.core.eventDestinations.create({
          name: 'Thin',
          type: 'webhook_endpoint',
          enabled_events: ['*'],
          event_payload: 'thin',
          snapshot_api_version: '2024-06-20',
          webhook_endpoint: { url: 'https://shop.test' },
        }),
      ),
    ).toMatchObject({ status: 400, param: 'snapshot_api_version' })
    const stranger = await stripe.customers.create()
    const schedule = await stripe.subscriptionSchedules.create({
      customer: customer.id,
      start_date: 'now',
      phases: [{ items: [{ price: (await stripe.prices.create(monthly)).id }], duration: { interval: 'month' } }],
    })
    expect(
      await refusalOf(stripe.invoices.createPreview({ customer: stranger.id, schedule: schedule.id })),
    ).toMatchObject({ status: 400, param: 'schedule' })
  })

  it('is refused where it cannot be done: forgiveness, risk sessions, the tax of an address, another way to pay, another currency', async () => {
    const { stripe, customer, subscribe, price } = await openShop()
    const { id, latest_invoice } = await subscribe([{ price: (await price({ unit_amount: 2000 })).id }])
    const intent = { amount: 2000, currency: 'usd' }
    const refused = [
      stripe.invoices.pay(String(latest_invoice), { forgive: true }),
      stripe.paymentIntents.create({ ...intent, radar_options: { session: 'rse_1' } }),
      stripe.customers.update(customer.id, { tax: { validate_location: 'immediately' } }),
      stripe.customers.create({ tax: { ip_address: '192.0.2.1' } }),
      stripe.invoices.createPreview({ subscription: id, currency: 'eur' }),
      stripe.invoices.create({
        customer: customer.id,
        payment_settings: { payment_method_options: { card: { request_three_d_secure: 'any' } } },
      }),
      stripe.checkout.sessions.create({
        mode: 'payment',
        success_url: 'https://example.com',
        line_items: [
          { quantity: 1, price_data: { currency: 'usd', unit_amount: 900, product_data: { name: 'Book' } } },
        ],
        payment_intent_data: { application_fee_amount: 10 },
      }),
      stripe.subscriptions.list({ customer_account: 'acct_1' }),
    ]
    for (const { status } of await Promise.all(refused.map(refusalOf))) expect(status).toBe(501)
    const payment_method_configuration = 'pmc_1'
    const unknown = [
      stripe.paymentIntents.create({ ...intent, payment_method_configuration }),
      stripe.setupIntents.create({ payment_method_configuration }),
    ]
    for (const error of await Promise.all(unknown.map(refusalOf)))
      expect(error).toMatchObject({ status: 400, message: "No such payment_method_configuration: 'pmc_1'" })
    const [configuration] = (await stripe.paymentMethodConfigurations.list()).data
    const own = configuration?.id ?? ''
    expect(await stripe.paymentIntents.create({ ...intent, payment_method_configuration: own })).toMatchObject({
      payment_method_configuration_details: { id: own },
    })
  })

  it('is done for schedules: when what a phase invoices is due, and what the settings say later; the rest is refused', async () => {
    const { stripe, customer, price } = await openShop()
    const { id: price1 } = await price({ unit_amount: 2000 })
    const items = [{ price: price1 }]
    const phase = { items, collection_method: 'send_invoice', invoice_settings: { days_until_due: 9 } } as const
    const { id, phases } = await stripe.subscriptionSchedules.create({
      customer: customer.id,
      start_date: at('2026-02-01'),
      phases: [phase],
    })
    expect(phases[0]?.invoice_settings?.days_until_due).toBe(9)
    const update = (default_settings: Stripe.SubscriptionScheduleUpdateParams.DefaultSettings) =>
      stripe.subscriptionSchedules.update(id, { default_settings })
    expect(await update({ invoice_settings: { footer: 'Thanks' } })).toMatchObject({
      default_settings: { invoice_settings: { footer: 'Thanks' } },
    })
    const refused = [
      update({ billing_thresholds: { amount_gte: 1000 } }),
      update({ automatic_tax: { enabled: true } }),
      ...[
        { items: [{ price: price1, billing_thresholds: { usage_gte: 9 } }] },
        { items, add_invoice_items: [{ price: price1, tax_rates: ['txr_1'] }] },
      ].map((asked) =>
        stripe.subscriptionSchedules.create({ customer: customer.id, start_date: 'now', phases: [asked] }),
      ),
    ]
    for (const { status } of await Promise.all(refused.map(refusalOf))) expect(status).toBe(501)
  })

  it('is done for customers: how their cash is reconciled, and what a preview says of them instead', async () => {
    const { stripe, customer, subscribe, price } = await openShop()
    const changed = await stripe.customers.update(customer.id, {
      cash_balance: { settings: { reconciliation_mode: 'manual' } },
      expand: ['cash_balance'],
    })
    expect(changed.cash_balance?.settings.reconciliation_mode).toBe('manual')
    await subscribe([{ price: (await price({ unit_amount: 2000 })).id }])
    const preview = await stripe.invoices.createPreview({
      customer: customer.id,
      currency: 'usd',
      customer_details: {
        address: { country: 'DE', city: 'Ulm' },
        tax_exempt: 'reverse',
        tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
      },
    })
    expect(preview).toMatchObject({
      customer_address: { country: 'DE', city: 'Ulm' },
      customer_tax_exempt: 'reverse',
      customer_tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
    })
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ address: null, tax_exempt: 'none' })
  })

  it('is when a draft is to be finalized, and how it is to look', async () => {
    const { stripe, customer, advance } = await openShop()
    await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: 'usd' })
    const draft = await stripe.invoices.create({
      customer: customer.id,
      pending_invoice_items_behavior: 'include',
      automatically_finalizes_at: at('2026-01-05'),
      rendering: { amount_tax_display: 'include_inclusive_tax' },
    } satisfies Stripe.InvoiceCreateParams)
    expect(draft).toMatchObject({
      automatically_finalizes_at: at('2026-01-05'),
      auto_advance: true,
      rendering: { amount_tax_display: 'include_inclusive_tax', pdf: null, template: null },
    })
    await stripe.invoices.update(draft.id, { automatically_finalizes_at: at('2026-01-07') })
    await advance('2026-01-06')
    expect((await stripe.invoices.retrieve(draft.id)).status).toBe('draft')
    await advance('2026-01-08')
    expect((await stripe.invoices.retrieve(draft.id)).status).toBe('paid')
    const late = stripe.invoices.create({ customer: customer.id, automatically_finalizes_at: at('2025-01-05') })
    expect((await refusalOf(late)).param).toBe('automatically_finalizes_at')
  })

  it('is the changes of a balance that one invoice made', async () => {
    const { stripe, customer } = await openShop()
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -300, currency: 'usd' })
    await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: 'usd' })
    const { id } = await stripe.invoices.create({
      customer: customer.id,
      pending_invoice_items_behavior: 'include',
    })
    await stripe.invoices.finalizeInvoice(id)
    const { data } = await stripe.customers.listBalanceTransactions(customer.id, { invoice: id })
    expect(data.map(({ type, amount }) => [type, amount])).toEqual([['applied_to_invoice', 300]])
  })
})
