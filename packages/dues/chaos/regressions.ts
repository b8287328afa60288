import type { Action, Program, Step } from './program.ts'

const noFaults = { duplicate: 0, truncate: 0, drop: 0, statement: 0, call: 0, slow: 0, hook: 0 }
const step = (action: Action, deliver = 1): Step => ({ action, wait: true, deliver })

/** A whole life in few steps, to crash at each boundary of: bought, come back, switched, cancelled, resumed, renewed, ended. */
export const everyCrash: Program = {
  seed: 1,
  owners: 1,
  thin: false,
  found: 'reconcile',
  faults: noFaults,
  steps: [
    step({ do: 'checkout', owner: 0, plan: 'pro monthly', twice: true }),
    step({ do: 'pay', owner: 0, card: 'good', back: 0, twice: false }),
    step({ do: 'success', owner: 0 }),
    step({ do: 'switch', owner: 0, plan: 'pro yearly', twice: true }),
    step({ do: 'cancel', owner: 0, when: 'periodEnd' }),
    step({ do: 'resume', owner: 0 }),
    step({ do: 'cancel', owner: 0, when: 'now' }),
    step({ do: 'checkout', owner: 0, plan: 'ent monthly', twice: false }),
    step({ do: 'pay', owner: 0, card: 'good', back: 0, twice: false }),
  ],
}

/** Programs that broke a promise once, by what went wrong. */
export const regressions: Readonly<Record<string, Program>> = {
  'invoices that were made and paid while every delivery was lost are brought by a reconcile': {
    seed: 0,
    owners: 2,
    thin: false,
    found: 'reconcile',
    faults: { ...noFaults, drop: 1 },
    steps: [
      step({ do: 'checkout', owner: 0, plan: 'pro monthly', twice: false }, 0),
      step({ do: 'pay', owner: 0, card: 'good', back: 0, twice: false }, 0),
      step({ do: 'checkout', owner: 1, plan: 'pro monthly', twice: false }, 0),
      step({ do: 'pay', owner: 1, card: 'good', back: 0, twice: false }, 0),
      step({ do: 'advance', seconds: 40 * 86_400 }, 0),
    ],
  },
  'a hook whose process died twice is run by the next': {
    seed: 3,
    owners: 1,
    thin: false,
    found: 'reconcile',
    faults: { ...noFaults, hook: 0.3 },
    steps: [
      step({ do: 'checkout', owner: 0, plan: 'pro monthly', twice: false }),
      step({ do: 'pay', owner: 0, card: 'good', back: 0, twice: false }),
      step({ do: 'crash', process: 0, after: 3 }),
      step({ do: 'crash', process: 1, after: 3 }),
      step({ do: 'switch', owner: 0, plan: 'ent monthly', twice: false }),
      step({ do: 'crash', process: 0, after: 3 }),
      step({ do: 'cancel', owner: 0, when: 'now' }),
    ],
  },
  'what a job does at Stripe after the last delivery is delivered, too: a trial that the card has had': {
    seed: 1,
    owners: 2,
    thin: false,
    found: 'reconcile',
    faults: noFaults,
    steps: [
      step({ do: 'checkout', owner: 0, plan: 'ent monthly', twice: false }),
      step({ do: 'pay', owner: 0, card: 'good', back: 0, twice: false }),
      step({ do: 'checkout', owner: 1, plan: 'ent monthly', twice: false }, 0),
      step({ do: 'pay', owner: 1, card: 'good', back: 0, twice: false }, 0),
    ],
  },
  'whoever comes back while their customer is deleted at Stripe is told to subscribe by Checkout': {
    seed: 0,
    owners: 1,
    thin: false,
    found: 'reconcile',
    faults: noFaults,
    steps: [
      step({ do: 'checkout', owner: 0, plan: 'pro monthly', twice: false }, 0),
      step({ do: 'pay', owner: 0, card: 'good', back: 0, twice: false }, 0),
      step({ do: 'success', owner: 0 }, 0),
      step({ do: 'cancel', owner: 0, when: 'now' }, 0),
      { ...step({ do: 'atStripe', owner: 0, what: 'deleteCustomer' }, 0), wait: false },
      step({ do: 'comeBack', owner: 0, plan: 'pro monthly', twice: false }, 0),
      step({ do: 'checkout', owner: 0, plan: 'ent monthly', twice: false }, 0),
    ],
  },
  'a plan is switched, and a membership cancelled, in the moment in which it is ended at Stripe': {
    seed: 5,
    owners: 2,
    thin: false,
    found: 'readEvents',
    faults: noFaults,
    steps: ([0, 1] as const).flatMap((owner) => [
      step({ do: 'checkout', owner, plan: 'pro monthly', twice: false }, 0),
      step({ do: 'pay', owner, card: 'good', back: 0, twice: false }, 0),
      step({ do: 'success', owner }, 0),
      { ...step({ do: 'atStripe', owner, what: 'cancelNow' }, 0), wait: false },
      owner === 0
        ? step({ do: 'switch', owner, plan: 'ent monthly', twice: true }, 0)
        : step({ do: 'cancel', owner, when: 'periodEnd' }, 0),
    ]),
  },
}
