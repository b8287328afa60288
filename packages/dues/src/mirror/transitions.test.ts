import { describe, expect, test } from 'vitest'
import { anInvoice, anItem, aSubscription } from '../../testing/objects.ts'
import { invoiceContent, subscriptionContent } from './contents.ts'
import { invoiceTransitions, subscriptionTransitions } from './transitions.ts'

type Given = Parameters<typeof aSubscription>[0]
const content = (given: Given) => subscriptionContent(aSubscription(given), null)
const between = (before: Given | null, after: Given) =>
  subscriptionTransitions(before === null ? null : content(before), content(after), {
    mark: 'evt_9',
    at: 1_800_000_000,
  }).map(({ key }) => key)
const itemList = (...data: ReturnType<typeof anItem>[]) => ({ object: 'list' as const, data, has_more: false, url: '' })
const items = (...prices: string[]) => itemList(...prices.map((price) => anItem({ price })))
const seats = (quantity: number) => itemList(anItem({ price: 'price_a', quantity }))
const planning = (price: string, { start = 1_802_000_000 } = {}) =>
  ({
    items: items('price_a'),
    schedule: {
      id: 'sub_sched_1',
      status: 'active',
      current_phase: { start_date: 1_799_000_000, end_date: start },
      phases: [
        { start_date: 1_799_000_000, end_date: start, items: [{ price: 'price_a', quantity: 1 }] },
        { start_date: start, end_date: start + 2_592_000, items: [{ price, quantity: 1 }] },
      ],
    },
  }) as Given

describe('between two states of a subscription', () => {
  const table: [string, Given | null, Given, string[]][] = [
    ['a first sight of an active one', null, { status: 'active' }, ['started']],
    ['a first sight of a trial', null, { status: 'trialing' }, ['started']],
    [
      'a first sight of one that is set to end',
      null,
      { status: 'active', cancel_at_period_end: true },
      ['started', 'cancelling:evt_9'],
    ],
    ['a first sight of one that is past due', null, { status: 'past_due' }, ['started', 'pastDue:in_1']],
    ['a first sight of a canceled one', null, { status: 'canceled' }, ['started', 'ended']],
    ['a first payment that is awaited', null, { status: 'incomplete' }, []],
    ['a first payment that came', { status: 'incomplete' }, { status: 'active' }, ['started']],
    ['a first payment that never came', { status: 'incomplete' }, { status: 'incomplete_expired' }, ['expired']],
    ['a first sight of one that never came', null, { status: 'incomplete_expired' }, ['expired']],
    [
      'what stays expired',
      { status: 'incomplete_expired' },
      { status: 'incomplete_expired', metadata: { a: '1' } },
      [],
    ],
    [
      'a first payment and the end, seen at once',
      { status: 'incomplete' },
      { status: 'canceled' },
      ['started', 'ended'],
    ],
    ['a trial that is paid for now', { status: 'trialing' }, { status: 'active' }, []],
    ['a renewal that failed', { status: 'active' }, { status: 'past_due', latest_invoice: 'in_2' }, ['pastDue:in_2']],
    ['one that Stripe gave up collecting', { status: 'past_due' }, { status: 'unpaid' }, []],
    [
      'a late payment',
      { status: 'past_due', latest_invoice: 'in_2' },
      { status: 'active', latest_invoice: 'in_2' },
      ['recovered:in_2'],
    ],
    [
      'an end at the period’s end',
      { status: 'active' },
      { status: 'active', cancel_at_period_end: true },
      ['cancelling:evt_9'],
    ],
    [
      'an end set by the portal, which sets only cancel_at',
      { status: 'active' },
      { status: 'active', cancel_at: 1_802_000_000 },
      ['cancelling:evt_9'],
    ],
    [
      'an end that was taken back',
      { status: 'active', cancel_at: 1_802_000_000 },
      { status: 'active' },
      ['resumed:evt_9'],
    ],
    ['an end that came', { status: 'active', cancel_at_period_end: true }, { status: 'canceled' }, ['ended']],
    ['another price', { items: items('price_a') }, { items: items('price_b') }, ['switched:evt_9']],
    ['an add-on', { items: items('price_a') }, { items: items('price_a', 'price_x') }, ['addOnsChanged:evt_9']],
    ['an add-on less', { items: items('price_a', 'price_x') }, { items: items('price_a') }, ['addOnsChanged:evt_9']],
    [
      'another interval, of plan and add-on',
      { items: items('price_a', 'price_x') },
      { items: items('price_b', 'price_y') },
      ['switched:evt_9'],
    ],
    ['more seats', { items: seats(2) }, { items: seats(3) }, ['quantityChanged:evt_9']],
    ['a change that is planned', { items: items('price_a') }, planning('price_b'), ['switchScheduled:evt_9']],
    ['another plan instead', planning('price_b'), planning('price_c'), ['switchScheduled:evt_9']],
    ['a plan that stays planned', planning('price_b'), planning('price_b'), []],
    ['a schedule that changes nothing', { items: items('price_a') }, planning('price_a'), []],
    ['a plan that was dropped', planning('price_b'), { items: items('price_a') }, ['switchUndone:evt_9']],
    ['a plan that has come', planning('price_b'), { items: items('price_b') }, ['switched:evt_9']],
    ['an end of what had a plan', planning('price_b'), { status: 'canceled' }, ['ended']],
    [
      'a trial that was made longer',
      { status: 'trialing', trial_end: 1_801_000_000 },
      { status: 'trialing', trial_end: 1_802_000_000 },
      ['trialChanged:evt_9'],
    ],
    [
      'another price while a payment is late',
      { status: 'active', items: items('price_a') },
      { status: 'past_due', items: items('price_b') },
      ['switched:evt_9', 'pastDue:in_1'],
    ],
    ['a pause', { status: 'active' }, { status: 'paused' }, ['paused:evt_9']],
    [
      'a pause of collection only',
      { status: 'active' },
      { pause_collection: { behavior: 'void', resumes_at: null } },
      ['paused:evt_9'],
    ],
    ['a pause that is over', { status: 'paused' }, { status: 'active' }, ['resumed:evt_9']],
    ['nothing that a member would call a change', { metadata: { a: '1' } }, { metadata: { a: '2' } }, []],
    ['what stays ended', { status: 'canceled' }, { status: 'canceled', metadata: { note: 'x' } }, []],
  ]
  for (const [name, before, after, keys] of table) {
    test(name, () => {
      expect(between(before, after)).toEqual(keys.map((key) => `sub_1:${key}`))
    })
  }
})

describe('where the catalogue tells which items are add-ons', () => {
  const isAddOn = ({ price }: { price: string }) => price.startsWith('price_x')
  const type = (before: Given, after: Given) =>
    subscriptionTransitions(content(before), content(after), { mark: 'evt_9', at: 1_800_000_000, isAddOn }).map(
      (transition) => transition.type,
    )
  const numbers = (quantity: number, beside: number) =>
    itemList(anItem({ price: 'price_a', quantity }), anItem({ price: 'price_x', quantity: beside }))

  test.each([
    ['another number of one', { items: numbers(1, 1) }, { items: numbers(1, 2) }, ['addOnsChanged']],
    [
      'one in place of another',
      { items: items('price_a', 'price_x') },
      { items: items('price_a', 'price_x2') },
      ['addOnsChanged'],
    ],
    [
      'one that is kept by another plan',
      { items: items('price_a', 'price_x') },
      { items: items('price_b', 'price_x') },
      ['switched'],
    ],
    ['one that goes with the plan', { items: items('price_a', 'price_x') }, { items: items('price_b') }, ['switched']],
    ['more seats beside it', { items: numbers(1, 1) }, { items: numbers(2, 1) }, ['quantityChanged']],
    ['more seats and more of it', { items: numbers(1, 1) }, { items: numbers(2, 2) }, ['quantityChanged']],
    ['the same in another order', { items: items('price_x', 'price_a') }, { items: items('price_a', 'price_x') }, []],
  ] as [string, Given, Given, string[]][])('%s', (_, before, after, types) => {
    expect(type(before, after)).toEqual(types)
  })
})

test('a transition has the time of what happened, where the subscription says it', () => {
  const [created, canceled, ended] = [1_700_000_000, 1_700_100_000, 1_700_200_000]
  const times = (before: Given | null, after: Given) =>
    subscriptionTransitions(before === null ? null : content(before), content({ start_date: created, ...after }), {
      mark: 'evt_9',
      at: 1_800_000_000,
    }).map(({ type, at }) => [type, at])
  expect(times(null, { status: 'active' })).toEqual([['started', created]])
  expect(times({ status: 'incomplete' }, { status: 'active' })).toEqual([['started', 1_800_000_000]])
  expect(times({ status: 'incomplete' }, { status: 'canceled', ended_at: ended })).toEqual([
    ['started', created],
    ['ended', ended],
  ])
  expect(times({ status: 'incomplete' }, { status: 'incomplete_expired', ended_at: ended })).toEqual([
    ['expired', ended],
  ])
  expect(times({}, { cancel_at_period_end: true, canceled_at: canceled })).toEqual([['cancelling', canceled]])
  expect(times({}, { status: 'past_due' })).toEqual([['pastDue', 1_800_000_000]])
})

describe('between two states of an invoice', () => {
  const invoices = (before: Parameters<typeof anInvoice>[0] | null, after: Parameters<typeof anInvoice>[0]) => {
    const was = before === null ? null : invoiceContent(anInvoice(before), null, null)
    const is = invoiceContent(anInvoice(after), null, null)
    return is === null ? [] : invoiceTransitions(was, is, null, 1_800_000_000).map(({ key }) => key)
  }

  test('a cycle that is paid is a renewal, told by the invoice', () => {
    expect(invoices({ status: 'open' }, { status: 'paid' })).toEqual(['sub_1:renewed:in_1'])
    expect(invoices(null, { status: 'paid' })).toEqual(['sub_1:renewed:in_1'])
  })

  test('a period that began and is not paid is none, nor is the first invoice, nor one without a subscription', () => {
    expect(invoices({ status: 'draft' }, { status: 'open' })).toEqual([])
    expect(invoices({ status: 'paid' }, { status: 'paid' })).toEqual([])
    expect(invoices(null, { status: 'paid', billing_reason: 'subscription_create' })).toEqual([])
    expect(invoices(null, { status: 'paid', subscription: null })).toEqual([])
  })
})
