import type { MirroredSubscription } from '../mirror/types.ts'
import type { Answers } from './membership.ts'
import type { SubscriptionStatus } from './types.ts'

/** The questions that a member answers with yes or no, in the order they are printed. */
export const questions = [
  'subscribed',
  'active',
  'trialing',
  'onGracePeriod',
  'pastDue',
  'cancelling',
  'ended',
  'paused',
  'incomplete',
  'canResume',
] as const satisfies readonly (keyof Answers)[]

export type Question = (typeof questions)[number]

/** What each of them asks, for the documentation. */
export const meanings: { readonly [question in Question]: string } = {
  subscribed: 'Has access by a subscription or a grant, whatever its state is called.',
  active: 'Is in a paid period (Stripe’s `active`), also when it is going to end.',
  trialing: 'Is on trial.',
  onGracePeriod:
    'Has access on borrowed time: cancelled with some period left, or past due and within the days of grace.',
  pastDue: 'The last renewal was not paid, and Stripe goes on trying.',
  cancelling: 'Is live, with an end already set.',
  ended: 'There was a subscription, and it is over.',
  paused: 'Stripe’s `paused`: a trial that ended without a card, or a pause by the API.',
  incomplete: 'The first payment has not gone through yet.',
  canResume: '`resume()` would take the end back.',
}

/** A situation, and everything that is true in it. What is not listed is false. */
export type TruthRow = {
  readonly situation: string
  /** What Stripe says: null for somebody who never subscribed. */
  readonly subscription: (Partial<MirroredSubscription> & { readonly status: SubscriptionStatus }) | null
  readonly granted?: { readonly endsAt: number | null }
  readonly yes: readonly Question[]
  readonly state: Answers['state']
  /** Whether the features of the plan are there, or only those of the free plan. */
  readonly can: boolean
  /** Whether an add-on that is paid for beside the plan counts: wherever the subscription itself gives access, and nowhere else. */
  readonly addOns: boolean
  readonly renewsAt: 'period end' | null
  readonly endsAt: 'period end' | 'another day' | 'end of grace' | 'ended' | null
}

/** The moments that the table speaks of, in Unix seconds. The question is asked at `now`, with 7 days of grace. */
export const moments = {
  longAgo: 1_699_000_000,
  periodStart: 1_700_000_000,
  now: 1_701_000_000,
  anotherDay: 1_702_000_000,
  periodEnd: 1_702_592_000,
  graceDays: 7,
} as const

const { longAgo, now, anotherDay, periodEnd } = moments
const recently = now - 86_400
const cancelledByApi = { cancelAtPeriodEnd: true, cancelAt: periodEnd, canceledAt: now }
const item = { id: 'si_1', price: 'price_pro', product: 'dues_pro', quantity: 1 }
const beside = { id: 'si_2', price: 'price_storage', product: 'dues_addon_storage', quantity: 2 }
/** A renewal that failed so long ago that the grace period is over. */
const failedLongAgo = itemsOf(now - 8 * 86_400)
const failedYesterday = itemsOf(recently)

/** A plan with an add-on beside it. */
function itemsOf(currentPeriodStart: number) {
  return [item, beside].map((one) => ({ ...one, currentPeriodStart, currentPeriodEnd: periodEnd }))
}

/**
 * Every state that a membership can be in, and the answer to every question: the one definition. The test compares the code with it and
 * the documentation is printed from it.
 */
export const truthTable: readonly TruthRow[] = [
  {
    situation: 'never subscribed',
    subscription: null,
    yes: [],
    state: 'none',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: null,
  },
  {
    situation: 'first payment not through yet',
    subscription: { status: 'incomplete' },
    yes: ['incomplete'],
    state: 'incomplete',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: null,
  },
  {
    situation: 'first payment never came through',
    subscription: { status: 'incomplete_expired', endedAt: longAgo },
    yes: ['ended'],
    state: 'incomplete_expired',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: 'ended',
  },
  {
    situation: 'on trial',
    subscription: { status: 'trialing', trialEnd: periodEnd },
    yes: ['subscribed', 'trialing'],
    state: 'trialing',
    can: true,
    addOns: true,
    renewsAt: 'period end',
    endsAt: null,
  },
  {
    situation: 'on trial, cancelled',
    subscription: { status: 'trialing', trialEnd: periodEnd, ...cancelledByApi },
    yes: ['subscribed', 'trialing', 'onGracePeriod', 'cancelling', 'canResume'],
    state: 'trialing',
    can: true,
    addOns: true,
    renewsAt: null,
    endsAt: 'period end',
  },
  {
    situation: 'paid',
    subscription: { status: 'active' },
    yes: ['subscribed', 'active'],
    state: 'active',
    can: true,
    addOns: true,
    renewsAt: 'period end',
    endsAt: null,
  },
  {
    situation: 'paid, collection paused (`pause_collection`)',
    subscription: { status: 'active', pauseCollection: true },
    yes: ['subscribed', 'active'],
    state: 'active',
    can: true,
    addOns: true,
    renewsAt: 'period end',
    endsAt: null,
  },
  {
    situation: 'paid, cancelled at period end (`cancel_at_period_end`)',
    subscription: { status: 'active', ...cancelledByApi },
    yes: ['subscribed', 'active', 'onGracePeriod', 'cancelling', 'canResume'],
    state: 'active',
    can: true,
    addOns: true,
    renewsAt: null,
    endsAt: 'period end',
  },
  {
    situation: 'paid, cancelled in the customer portal (`cancel_at` alone)',
    subscription: { status: 'active', cancelAt: anotherDay, canceledAt: now },
    yes: ['subscribed', 'active', 'onGracePeriod', 'cancelling', 'canResume'],
    state: 'active',
    can: true,
    addOns: true,
    renewsAt: null,
    endsAt: 'another day',
  },
  {
    situation: 'renewal failed, inside the grace period',
    subscription: { status: 'past_due', items: failedYesterday },
    yes: ['subscribed', 'onGracePeriod', 'pastDue'],
    state: 'past_due',
    can: true,
    addOns: true,
    renewsAt: null,
    endsAt: 'end of grace',
  },
  {
    situation: 'renewal failed, grace period over',
    subscription: { status: 'past_due', items: failedLongAgo },
    yes: ['pastDue'],
    state: 'past_due',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: 'end of grace',
  },
  {
    situation: 'renewal failed, cancelled, inside the grace period',
    subscription: { status: 'past_due', items: failedYesterday, cancelAt: periodEnd, cancelAtPeriodEnd: true },
    yes: ['subscribed', 'onGracePeriod', 'pastDue', 'cancelling', 'canResume'],
    state: 'past_due',
    can: true,
    addOns: true,
    renewsAt: null,
    endsAt: 'end of grace',
  },
  {
    situation: 'renewal failed, Stripe has stopped trying',
    subscription: { status: 'unpaid' },
    yes: [],
    state: 'unpaid',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: null,
  },
  {
    situation: 'renewal failed, Stripe has stopped trying, cancelled',
    subscription: { status: 'unpaid', ...cancelledByApi },
    yes: ['cancelling', 'canResume'],
    state: 'unpaid',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: 'period end',
  },
  {
    situation: 'paused (a trial that ended without a card)',
    subscription: { status: 'paused' },
    yes: ['paused'],
    state: 'paused',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: null,
  },
  {
    situation: 'paused, cancelled',
    subscription: { status: 'paused', ...cancelledByApi },
    yes: ['cancelling', 'paused', 'canResume'],
    state: 'paused',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: 'period end',
  },
  {
    situation: 'over',
    subscription: { status: 'canceled', endedAt: longAgo, canceledAt: longAgo },
    yes: ['ended'],
    state: 'canceled',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: 'ended',
  },
  {
    situation: 'given by hand',
    subscription: null,
    granted: { endsAt: null },
    yes: ['subscribed'],
    state: 'granted',
    can: true,
    addOns: false,
    renewsAt: null,
    endsAt: null,
  },
  {
    situation: 'given by hand until a day',
    subscription: null,
    granted: { endsAt: anotherDay },
    yes: ['subscribed'],
    state: 'granted',
    can: true,
    addOns: false,
    renewsAt: null,
    endsAt: 'another day',
  },
  {
    situation: 'given by hand, and that day is past',
    subscription: null,
    granted: { endsAt: longAgo },
    yes: [],
    state: 'none',
    can: false,
    addOns: false,
    renewsAt: null,
    endsAt: null,
  },
  {
    situation: 'over, then given by hand',
    subscription: { status: 'canceled', endedAt: longAgo, canceledAt: longAgo },
    granted: { endsAt: null },
    yes: ['subscribed', 'ended'],
    state: 'granted',
    can: true,
    addOns: false,
    renewsAt: null,
    endsAt: null,
  },
]

/** A whole mirrored subscription out of the few fields that a row names. */
export const subscriptionOf = (row: TruthRow): MirroredSubscription | null =>
  row.subscription && {
    id: 'sub_1',
    customer: 'cus_1',
    owner: 'owner_1',
    items: itemsOf(moments.periodStart),
    created: longAgo,
    startDate: longAgo,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    trialStart: null,
    trialEnd: null,
    pauseCollection: false,
    collectionMethod: 'charge_automatically',
    latestInvoice: null,
    schedule: null,
    scheduled: null,
    metadata: {},
    ...row.subscription,
  }

/** The table as Markdown, for the documentation. */
export function printTruthTable(): string {
  const header = ['situation', 'state', ...questions, 'can', 'addOns', 'renewsAt', 'endsAt']
  const rows = truthTable.map((row) => [
    row.situation,
    `\`${row.state}\``,
    ...questions.map((question) => (row.yes.includes(question) ? 'yes' : '')),
    row.can ? 'yes' : '',
    row.addOns ? 'yes' : '',
    row.renewsAt ?? '',
    row.endsAt ?? '',
  ])
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
