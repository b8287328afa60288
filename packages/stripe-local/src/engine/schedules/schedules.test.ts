import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { at, linesOf, openShop } from '../../../testing/business.ts'
import { refusalOf } from '../../../testing/client.ts'

/** A plan for 50 dollars a month since 1 January; on the 16th a plan for 20 dollars is wanted from February on. */
async function downgrading() {
  const shop = await openShop()
  const large = await shop.price({ unit_amount: 5000 })
  const small = await shop.price({ unit_amount: 2000 })
  const { id } = await shop.subscribe([{ price: large.id }])
  await shop.advance('2026-01-16T12:00:00')
  const now = () => shop.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
  const eventsUntil = async (date: string) =>
    (await shop.eventsOf(() => shop.advance(date))).filter((type) => !type.startsWith('test_helpers'))
  async function plan(end_behavior: 'release' | 'cancel' = 'release') {
    const schedule = await shop.stripe.subscriptionSchedules.create({ from_subscription: id })
    const [current] = schedule.phases
    if (!current) throw new Error('The schedule has no phase.')
    return shop.stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior,
      phases: [
        { items: [{ price: large.id, quantity: 1 }], start_date: current.start_date, end_date: current.end_date },
        { items: [{ price: small.id, quantity: 1 }], duration: { interval: 'month', interval_count: 1 } },
      ],
    })
  }
  return { ...shop, id, large, small, now, eventsUntil, plan }
}

describe('a downgrade that is scheduled', () => {
  it('causes the events of its flow, and changes nothing yet', async () => {
    const { plan, eventsOf, now, large } = await downgrading()
    const events = await eventsOf(() => plan())
    expect(events).toEqual([
      'customer.subscription.updated',
      'subscription_schedule.created',
      'subscription_schedule.updated',
    ])
    const subscription = await now()
    expect(subscription.schedule).toMatch(/^sub_sched_/)
    expect(subscription.items.data[0]?.price.id).toBe(large.id)
  })

  it('happens with the renewal, which charges the new price without prorations', async () => {
    const { plan, eventsUntil, now, small, invoices } = await downgrading()
    await plan()
    await eventsUntil('2026-01-31')
    const events = await eventsUntil('2026-02-01')
    expect(events).toEqual(['customer.subscription.updated', 'customer.subscription.updated', 'invoice.created'])
    expect((await now()).items.data[0]?.price.id).toBe(small.id)
    expect((await invoices()).map(linesOf).at(-1)).toEqual(['2000 1 × Pro (at $20.00 / month)'])
  })

  it('brings a second item, which the renewal charges from its first day', async () => {
    const { stripe, id, small, large, price, now, advance, invoices } = await downgrading()
    const extra = await price({ unit_amount: 500 })
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id })
    const [current] = schedule.phases
    if (!current) throw new Error('The schedule has no phase.')
    await stripe.subscriptionSchedules.update(schedule.id, {
      phases: [
        { items: [{ price: large.id }], start_date: current.start_date, end_date: current.end_date },
        { items: [{ price: small.id }, { price: extra.id, quantity: 2 }], duration: { interval: 'month' } },
      ],
    })
    await advance('2026-02-01T02:00:00')
    const ends = (await now()).items.data.map((item) => item.current_period_end)
    expect(ends).toEqual([at('2026-03-01'), at('2026-03-01')])
    expect((await invoices()).map(linesOf).at(-1)?.toSorted()).toEqual([
      '1000 2 × Pro (at $5.00 / month)',
      '2000 1 × Pro (at $20.00 / month)',
    ])
  })

  it('is shown by the preview of the renewal', async () => {
    const { plan, id, stripe } = await downgrading()
    await plan()
    const preview = await stripe.invoices.createPreview({ subscription: id })
    expect(linesOf(preview)).toEqual(['2000 1 × Pro (at $20.00 / month)'])
  })

  it('is shown by the preview of the schedule, and of what the schedule might be', async () => {
    const { plan, stripe, large, small } = await downgrading()
    const schedule = await plan()
    expect(linesOf(await stripe.invoices.createPreview({ schedule: schedule.id }))).toEqual([
      '2000 1 × Pro (at $20.00 / month)',
    ])
    const { start_date = 0, end_date = 0 } = schedule.phases[0] ?? {}
    const phases: Stripe.InvoiceCreatePreviewParams.ScheduleDetails.Phase[] = [
      { items: [{ price: large.id }], start_date, end_date },
      { items: [{ price: small.id, quantity: 4 }] },
    ]
    const preview = await stripe.invoices.createPreview({ schedule: schedule.id, schedule_details: { phases } })
    expect(linesOf(preview)).toEqual(['8000 4 × Pro (at $20.00 / month)'])
    expect((await stripe.subscriptionSchedules.retrieve(schedule.id)).phases[1]?.items[0]?.quantity).toBe(1)
  })

  it('lets the subscription go when its last phase is over', async () => {
    const { plan, eventsUntil, now } = await downgrading()
    await plan()
    await eventsUntil('2026-02-28')
    expect(await eventsUntil('2026-03-01')).toContain('subscription_schedule.released')
    expect(await now()).toMatchObject({ status: 'active', schedule: null })
  })

  it('ends the subscription instead when it was told to', async () => {
    const { plan, eventsUntil, now } = await downgrading()
    await plan('cancel')
    await eventsUntil('2026-02-28')
    expect(await eventsUntil('2026-03-01')).toEqual([
      'customer.subscription.deleted',
      'subscription_schedule.completed',
    ])
    expect((await now()).status).toBe('canceled')
  })

  it('is taken back by a release', async () => {
    const { plan, stripe, eventsUntil, invoices, large, now } = await downgrading()
    const schedule = await plan()
    expect(await stripe.subscriptionSchedules.release(schedule.id)).toMatchObject({
      status: 'released',
      subscription: null,
      released_subscription: expect.stringMatching(/^sub_/),
    })
    await eventsUntil('2026-02-02')
    expect((await now()).items.data[0]?.price.id).toBe(large.id)
    expect((await invoices()).at(-1)).toMatchObject({ total: 5000 })
  })

  it('is shown with its subscription, in a list as well', async () => {
    const { plan, stripe, id, customer } = await downgrading()
    const schedule = await plan()
    const shown = expect.objectContaining({ id: schedule.id, object: 'subscription_schedule' })
    expect((await stripe.subscriptions.retrieve(id, { expand: ['schedule'] })).schedule).toEqual(shown)
    const { data } = await stripe.subscriptions.list({ customer: customer.id, expand: ['data.schedule'] })
    expect(data.map((one) => one.schedule)).toEqual([shown])
  })

  it('keeps the end of the subscription to itself', async () => {
    const { plan, stripe, id } = await downgrading()
    const schedule = await plan()
    expect((await refusalOf(stripe.subscriptions.update(id, { cancel_at_period_end: true }))).message).toBe(
      `The subscription is managed by the subscription schedule \`${schedule.id}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
    )
  })

  it('ends with its subscription', async () => {
    const { plan, stripe, id, eventsOf } = await downgrading()
    const schedule = await plan()
    const events = await eventsOf(() => stripe.subscriptions.cancel(id))
    expect(events).toEqual(['customer.subscription.deleted', 'subscription_schedule.canceled'])
    expect((await stripe.subscriptionSchedules.retrieve(schedule.id)).status).toBe('canceled')
  })
})

describe('a schedule for later', () => {
  it('has no trial that its subscription could not have', async () => {
    const { stripe, customer, price } = await openShop()
    const { id } = await price({ unit_amount: 2000 })
    for (const trial of [{ trial_end: at('2032-01-01') }, { trial: true }]) {
      const created = stripe.subscriptionSchedules.create({
        customer: customer.id,
        start_date: at('2026-02-01'),
        phases: [{ items: [{ price: id }], end_date: at('2033-01-01'), ...trial }],
      })
      await expect(created).rejects.toMatchObject({
        message: 'Invalid timestamp: can be no more than five years in the future.',
        param: 'phases[0][trial_end]',
      })
    }
  })

  it('begins its subscription on its date', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 2000 })
    const schedule = await shop.stripe.subscriptionSchedules.create({
      customer: shop.customer.id,
      start_date: at('2026-02-01'),
      phases: [{ items: [{ price: price.id }], duration: { interval: 'month', interval_count: 12 } }],
    })
    expect(schedule).toMatchObject({ status: 'not_started', subscription: null, current_phase: null })
    await shop.advance('2026-02-02')
    expect(await shop.stripe.subscriptionSchedules.retrieve(schedule.id)).toMatchObject({
      status: 'active',
      current_phase: { start_date: at('2026-02-01'), end_date: at('2027-02-01') },
    })
    expect(await shop.invoices()).toMatchObject([
      { status: 'paid', total: 2000, billing_reason: 'subscription_create' },
    ])
  })

  it('tells of a subscription that has its schedule from the beginning, and of it once', async () => {
    const { stripe, customer, price, eventsOf, lastEvent } = await openShop()
    const { id } = await price({ unit_amount: 5000 })
    const phases = [{ items: [{ price: id }], duration: { interval: 'month', interval_count: 3 } }]
    const begin = () => stripe.subscriptionSchedules.create({ customer: customer.id, start_date: 'now', phases })
    const events = (await eventsOf(begin)).filter((type) => type.startsWith('customer.sub'))
    expect(events).toEqual(['customer.subscription.created'])
    const { data } = await lastEvent('customer.subscription.created')
    expect(data.object).toMatchObject({ schedule: expect.stringMatching(/^sub_sched_/) })
  })

  it('has a preview of its first invoice before it is made, and before it begins', async () => {
    const { stripe, customer, price } = await openShop({ card: null })
    const { id } = await price({ unit_amount: 5000 })
    const phases = [{ items: [{ price: id, quantity: 2 }], start_date: at('2026-03-01') }]
    const preview = await stripe.invoices.createPreview({ customer: customer.id, schedule_details: { phases } })
    expect(linesOf(preview)).toEqual(['10000 2 × Pro (at $50.00 / month)'])
    expect(preview.lines.data[0]?.period.start).toBe(at('2026-03-01'))
    expect((await stripe.subscriptionSchedules.list({ customer: customer.id })).data).toEqual([])
    const { id: schedule } = await stripe.subscriptionSchedules.create({
      customer: customer.id,
      start_date: at('2026-03-01'),
      phases: [{ items: [{ price: id }], duration: { interval: 'month', interval_count: 1 } }],
    })
    expect(linesOf(await stripe.invoices.createPreview({ schedule }))).toEqual(['5000 1 × Pro (at $50.00 / month)'])
  })
})

describe('the invoices of a schedule', () => {
  const says = ({ description, footer, custom_fields }: Stripe.Invoice) => [description, footer, custom_fields]

  it('say what its settings say, or what the phase says in their place', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 5000 })
    const custom_fields = [{ name: 'Order', value: '7' }]
    const phase = { items: [{ price: price.id }], duration: { interval: 'month', interval_count: 1 } as const }
    const schedule = await shop.stripe.subscriptionSchedules.create({
      customer: shop.customer.id,
      start_date: 'now',
      default_settings: { invoice_settings: { description: 'Thank you', footer: 'Ltd.', custom_fields } },
      phases: [{ ...phase, invoice_settings: { footer: 'First month' } }, phase],
    })
    expect(schedule.phases.map(({ invoice_settings }) => invoice_settings)).toEqual([
      {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: 'First month',
        issuer: null,
      },
      null,
    ])
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).map(says)).toEqual([
      ['Thank you', 'First month', custom_fields],
      ['Thank you', 'Ltd.', custom_fields],
    ])
  })

  it('say something else from the next one on, when the settings change, and the subscription tells of it', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 5000 })
    const { id } = await shop.subscribe([{ price: price.id }], { invoice_settings: { footer: 'Old' } })
    const schedule = await shop.stripe.subscriptionSchedules.create({ from_subscription: id })
    expect(schedule.default_settings.invoice_settings.footer).toBe('Old')
    const types = await shop.eventsOf(() =>
      shop.stripe.subscriptionSchedules.update(schedule.id, {
        default_settings: { invoice_settings: { footer: 'New' } },
      }),
    )
    expect(types).toEqual(['customer.subscription.updated', 'subscription_schedule.updated'])
    await shop.advance('2026-02-02')
    expect((await shop.invoices()).map(({ footer }) => footer)).toEqual(['Old', 'New'])
  })

  it('name only tax ids that are there', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 5000 })
    const taxId = await shop.stripe.taxIds.create({ type: 'eu_vat', value: 'DE123456789' })
    const create = (id: string) =>
      shop.stripe.subscriptionSchedules.create({
        customer: shop.customer.id,
        start_date: 'now',
        default_settings: { invoice_settings: { account_tax_ids: [id] } },
        phases: [{ items: [{ price: price.id }] }],
      })
    expect((await refusalOf(create('txi_no'))).param).toBe('default_settings[invoice_settings][account_tax_ids][0]')
    await create(taxId.id)
    expect((await shop.invoices()).map(({ account_tax_ids }) => account_tax_ids)).toEqual([[taxId.id]])
  })
})
