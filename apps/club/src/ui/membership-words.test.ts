import { expect, test } from 'vitest'
import type { ClubMember } from '../billing.ts'
import { stateLabel, stateSentence } from './membership-words.ts'

/** A member in a state, with everything else as it is for somebody without a membership. */
function member(known: Partial<Record<keyof ClubMember, unknown>>): ClubMember {
  const no = () => false
  const none = { subscribed: no, trialing: no, pastDue: no, cancelling: no, ended: no, paused: no, incomplete: no }
  const base = { plan: 'free', state: 'none', price: null, renewsAt: null, endsAt: null, trialEndsAt: null }
  return { ...base, ...none, ...known } as ClubMember
}

const yes = () => true
const price = {
  plan: 'pro',
  interval: 'monthly',
  amount: 1900,
  currency: 'usd',
  id: 'price_1',
  addOns: { bundle: 0 },
}
const day = (text: string) => new Date(`${text}T12:00:00Z`)

test.each([
  ['Free costs nothing and does not end.', member({})],
  [
    '$19 a month. It renews on 7 December 2026.',
    member({ price, plan: 'pro', subscribed: yes, renewsAt: day('2026-12-07') }),
  ],
  [
    '$31 a month, 2 print bundles included. It renews on 7 December 2026.',
    member({ price: { ...price, addOns: { bundle: 2 } }, subscribed: yes, renewsAt: day('2026-12-07') }),
  ],
  [
    'Professional goes on. From 7 December 2026 on it is with 1 print bundle.',
    member({
      price,
      interval: 'monthly',
      subscribed: yes,
      changesTo: { plan: 'pro', interval: 'monthly', addOns: { bundle: 1 }, at: day('2026-12-07') },
    }),
  ],
  [
    'You keep Enterprise until 7 December 2026. From then on it is Professional, for $31 a month, 2 print bundles included.',
    member({
      price: { ...price, plan: 'ent', amount: 9900, addOns: { bundle: 2 } },
      interval: 'monthly',
      subscribed: yes,
      changesTo: { plan: 'pro', interval: 'monthly', addOns: { bundle: 2 }, at: day('2026-12-07') },
    }),
  ],
  [
    'Your trial of Professional runs until 7 December 2026. Then it is $19 a month, unless you cancel before.',
    member({ price, plan: 'pro', subscribed: yes, trialing: yes, trialEndsAt: day('2026-12-07') }),
  ],
  [
    'Cancelled. You keep Professional until 7 December 2026; nothing more will be charged.',
    member({ price, plan: 'pro', subscribed: yes, cancelling: yes, endsAt: day('2026-12-07') }),
  ],
  [
    'The last payment did not go through. You keep Professional until 7 December 2026 while it is tried again.',
    member({ price, plan: 'pro', subscribed: yes, pastDue: yes, endsAt: day('2026-12-07') }),
  ],
  [
    'The last payment did not go through, and Professional is on hold until it does.',
    member({ price, pastDue: yes, endsAt: day('2026-12-07') }),
  ],
  [
    'Your Professional membership ended on 7 December 2026. Your projects are still here.',
    member({ price, state: 'canceled', ended: yes, endsAt: day('2026-12-07') }),
  ],
  ['Professional was given to you. Nothing is charged.', member({ plan: 'pro', state: 'granted', subscribed: yes })],
])('says: %s', (sentence, who) => {
  expect(stateSentence(who)).toBe(sentence)
})

test('a payment that is due comes before everything else that is true', () => {
  const label = stateLabel(member({ price, subscribed: yes, pastDue: yes, cancelling: yes }))
  expect(label).toEqual({ text: 'Payment due', tone: 'warn' })
})
