import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

async function start(formula: 'sum' | 'count' | 'last' = 'sum') {
  const test = await startTestStripe()
  const { id: customer } = await test.stripe.customers.create()
  const meter = await test.stripe.billing.meters.create({
    display_name: 'Requests',
    event_name: 'requests',
    default_aggregation: { formula },
  })
  const now = Math.floor(Date.now() / 1000)
  const minute = now - (now % 60)
  const report = (value: string, more: Partial<Stripe.Billing.MeterEventCreateParams> = {}) =>
    test.stripe.billing.meterEvents.create({
      event_name: 'requests',
      payload: { stripe_customer_id: customer, value },
      ...more,
    })
  const used = async (start_time = minute - 3600, end_time = minute + 3600) => {
    const { data } = await test.stripe.billing.meters.listEventSummaries(meter.id, { customer, start_time, end_time })
    return data[0]?.aggregated_value
  }
  return { ...test, customer, meter, minute, report, used }
}

describe('a meter', () => {
  it('is complete', async () => {
    const { meter } = await start()
    const { lastResponse: _, ...shown } = meter
    expect(shown).toEqual({
      id: expect.stringMatching(/^mtr_test_/),
      object: 'billing.meter',
      created: expect.any(Number),
      customer_mapping: { event_payload_key: 'stripe_customer_id', type: 'by_id' },
      default_aggregation: { formula: 'sum' },
      display_name: 'Requests',
      event_name: 'requests',
      event_time_window: null,
      livemode: false,
      status: 'active',
      status_transitions: { deactivated_at: null },
      updated: shown.created,
      value_settings: { event_payload_key: 'value' },
    })
  })

  it('rests and comes back, and each is told', async () => {
    const { stripe, meter, eventsOf } = await start()
    const types = await eventsOf(async () => {
      await stripe.billing.meters.update(meter.id, { display_name: 'Calls' })
      expect((await stripe.billing.meters.deactivate(meter.id)).status).toBe('inactive')
      expect((await stripe.billing.meters.list({ status: 'active' })).data).toEqual([])
      expect((await stripe.billing.meters.reactivate(meter.id)).status).toBe('active')
    })
    expect(types).toEqual(['billing.meter.deactivated', 'billing.meter.reactivated', 'billing.meter.updated'])
  })

  it('is alone in counting the events of a name', async () => {
    const { stripe } = await start()
    const another = { display_name: 'R', event_name: 'requests', default_aggregation: { formula: 'sum' } } as const
    expect(await refusalOf(stripe.billing.meters.create(another))).toMatchObject({ status: 400, param: 'event_name' })
  })
})

describe('usage', () => {
  it('is summed exactly', async () => {
    const { report, used } = await start()
    for (const value of ['0.1', '0.2', '10']) await report(value)
    expect(await used()).toBe(10.3)
  })

  it('may be counted, or be the last that was reported', async () => {
    const counting = await start('count')
    await counting.report('7')
    await counting.report('8')
    expect(await counting.used()).toBe(2)
    const last = await start('last')
    await last.report('7', { timestamp: last.minute - 60 })
    await last.report('9', { timestamp: last.minute - 120 })
    expect(await last.used()).toBe(7)
  })

  it('counts in the window in which it was, from its first second to before its last', async () => {
    const { minute, report, used } = await start()
    await report('1', { timestamp: minute - 120 })
    await report('2', { timestamp: minute - 60 })
    expect(await used(minute - 120, minute - 60)).toBe(1)
    expect(await used(minute - 60, minute)).toBe(2)
  })

  it('is grouped by hours', async () => {
    const { stripe, customer, meter, report } = await start()
    const now = Math.floor(Date.now() / 1000)
    const hour = now - (now % 3600)
    await report('1', { timestamp: hour - 3600 })
    await report('2', { timestamp: hour - 7200 })
    const { data } = await stripe.billing.meters.listEventSummaries(meter.id, {
      customer,
      start_time: hour - 7200,
      end_time: hour,
      value_grouping_window: 'hour',
    })
    expect(data.map((one) => [one.start_time - hour, one.aggregated_value])).toEqual([
      [-3600, 1],
      [-7200, 2],
    ])
  })

  it('may be reported by the second version of the API', async () => {
    const { stripe, customer, used } = await start()
    const event = await stripe.v2.billing.meterEvents.create({
      event_name: 'requests',
      identifier: 'one',
      payload: { stripe_customer_id: customer, value: '4' },
    })
    expect(event).toMatchObject({
      object: 'v2.billing.meter_event',
      identifier: 'one',
      created: expect.stringMatching(/Z$/),
    })
    expect(await used()).toBe(4)
  })

  it('is told once under one identifier, and can be cancelled', async () => {
    const { stripe, report, used } = await start()
    await report('5', { identifier: 'job-1' })
    expect(await refusalOf(report('5', { identifier: 'job-1' }))).toEqual({
      status: 400,
      message: 'An event already exists with identifier job-1.',
      param: 'identifier',
    })
    const adjustment = await stripe.billing.meterEventAdjustments.create({
      event_name: 'requests',
      type: 'cancel',
      cancel: { identifier: 'job-1' },
    })
    expect(adjustment).toMatchObject({ object: 'billing.meter_event_adjustment', status: 'complete' })
    expect(await used()).toBe(0)
  })

  it('is refused for nobody, for no meter, for no number, and for long ago', async () => {
    const { stripe, customer, report, minute } = await start()
    const { meterEvents } = stripe.billing
    const send = (event_name: string, payload: Record<string, string>) => meterEvents.create({ event_name, payload })
    expect(await refusalOf(send('other', { stripe_customer_id: customer, value: '1' }))).toMatchObject({
      code: 'no_meter',
    })
    expect(await refusalOf(send('requests', { value: '1' }))).toMatchObject({ code: 'meter_event_no_customer_defined' })
    expect(await refusalOf(send('requests', { stripe_customer_id: 'cus_no', value: '1' }))).toMatchObject({
      code: 'meter_event_customer_not_found',
    })
    expect(await refusalOf(report('many'))).toMatchObject({ code: 'meter_event_invalid_value' })
    expect(await refusalOf(report('1', { timestamp: minute - 36 * 86400 }))).toMatchObject({
      code: 'timestamp_too_far_in_past',
    })
    expect(await refusalOf(report('1', { timestamp: minute + 3600 }))).toMatchObject({ code: 'timestamp_in_future' })
  })
})
