import { type PlanConfig, usd, type WithAddOns } from 'dues'

/** What Trigpoint sells. The codes are what programs say, the names what members read. */
export const plans = {
  free: {
    name: 'Free',
    description: 'For the map in the front of one book.',
    features: { projects: 3, prints: 1 },
  },
  pro: {
    name: 'Professional',
    description: 'For people whose invented country has deadlines.',
    prices: { monthly: usd(19), yearly: usd(190) },
    trial: { days: 14 },
    features: { projects: 100, prints: 5, export: true },
  },
  ent: {
    name: 'Enterprise',
    description: 'For studios and publishers who draw together.',
    prices: { monthly: usd(99), yearly: usd(990) },
    contact: 'studios@trigpoint.example',
    features: { projects: Number.POSITIVE_INFINITY, prints: 40, export: true, sso: true },
  },
} as const

/** What is bought beside a plan. */
export const addOns = {
  bundle: {
    name: 'Print bundle',
    description: 'Ten more prints on paper a month.',
    prices: { monthly: usd(6), yearly: usd(60) },
    quantity: { max: 10 },
    features: { prints: 10 },
  },
} as const

export type ClubPlans = WithAddOns<typeof plans, typeof addOns>
export type PlanCode = keyof typeof plans
export type PaidPlan = 'pro' | 'ent'
export type ClubInterval = 'monthly' | 'yearly'

export const planCodes = ['free', 'pro', 'ent'] as const satisfies readonly PlanCode[]
export const intervals = ['monthly', 'yearly'] as const satisfies readonly ClubInterval[]

export const isPaidPlan = (text: unknown): text is PaidPlan => text === 'pro' || text === 'ent'
export const isInterval = (text: unknown): text is ClubInterval => text === 'monthly' || text === 'yearly'

/** Where members write to; on every page. */
export const support = 'help@trigpoint.example'
/** Where studios write to about Enterprise. */
export const sales = plans.ent.contact

/** What each plan gives, in the words of the pricing page. */
export const selling: Record<PlanCode, readonly string[]> = {
  free: [
    '3 projects',
    '1 print on paper a month',
    'Every kind of ground: highland, island, moor, vale',
    'Sheets on screen, day and night',
  ],
  pro: [
    '100 projects',
    '5 prints on paper a month',
    'Export to SVG for print and GeoJSON for GIS',
    'The plate room: techniques and full-size plates',
    'Answers by mail within a day',
  ],
  ent: [
    'Projects without limit',
    '40 prints on paper a month',
    'Everything in Professional',
    'Single sign-on with your own directory',
    'The whole archive in one file',
    'A named surveyor who knows your atlas',
  ],
}

export const per: Record<ClubInterval, string> = { monthly: 'month', yearly: 'year' }

/** How long a plan can be tried before it is paid for; null where it cannot. */
export function trialDays(code: PaidPlan): number | null {
  const plan: PlanConfig = plans[code]
  return plan.trial?.days ?? null
}
