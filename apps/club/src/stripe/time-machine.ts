import { setTimeout as wait } from 'node:timers/promises'
import type { StripeLocal } from 'stripe-local'

/** How far a push of the button goes. Stripe charges about an hour after a period began: a month on, the renewal is paid. */
export const steps = { day: { days: 1 }, month: { months: 1, seconds: 2 * 3600 } } as const
export type Step = keyof typeof steps
export const isStep = (text: unknown): text is Step => text === 'day' || text === 'month'

/** Stripe Local's clock, as the club's time bar works it. */
export type TimeMachine = {
  readonly dashboardUrl: string
  now(): Date
  /** Moves Stripe's time on; resolves when everything that fell due has happened and its webhooks have arrived. */
  advance(step: Step): Promise<void>
}

/** How long to wait for webhooks before the page is shown all the same. */
const patience = 15_000

export function createTimeMachine(local: StripeLocal, secretKey: string): TimeMachine {
  return {
    dashboardUrl: local.url,
    now: () => new Date(local.now(secretKey) * 1000),
    async advance(step) {
      const response = await fetch(`${local.url}/_local/clock`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(steps[step]),
      })
      if (!response.ok)
        throw new Error(`Stripe Local did not move its clock (${response.status}): ${await response.text()}`)
      await Promise.race([local.settled(secretKey), wait(patience, undefined, { ref: false })])
    },
  }
}
