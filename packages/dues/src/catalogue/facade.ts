import type Stripe from 'stripe'
import { callStripe } from '../stripe/client.ts'
import type { Catalogue } from './catalogue.ts'
import { type CatalogueChange, planChanges } from './push.ts'

/** What `push` did, or with `dryRun` would do. */
export type PushResult = {
  readonly changes: readonly Omit<CatalogueChange, 'apply'>[]
  readonly applied: boolean
}

export type PushOptions = {
  /** Only say what would change. */
  readonly dryRun?: boolean
  /** Sees the changes before the first is made; `false` stops it there. */
  readonly confirm?: (changes: readonly Omit<CatalogueChange, 'apply'>[]) => boolean | Promise<boolean>
}

/** `dues.catalogue` */
export interface CatalogueFacade {
  /**
   * Makes Stripe's products and prices equal to the plans: creates, updates, archives, never deletes. Twice in a row changes nothing.
   *
   * Errors: `stripe_unavailable`, `stripe_refused`.
   *
   * @example
   * const { changes } = await dues.catalogue.push({ dryRun: true })
   * for (const { action, summary } of changes) console.log(action, summary)
   */
  push(options?: PushOptions): Promise<PushResult>
  /** Checks that every price is at Stripe as configured (`settings_invalid` otherwise). `dues.start()` does it. */
  check(): Promise<void>
}

export function catalogueFacade({
  stripe,
  catalogue,
  check,
}: {
  stripe: Stripe
  catalogue: Catalogue
  check: () => Promise<void>
}): CatalogueFacade {
  return {
    async push({ dryRun = false, confirm = () => true } = {}) {
      const planned = await callStripe(() => planChanges(stripe, catalogue))
      const changes = planned.map(({ apply: _, ...shown }) => shown)
      if (dryRun || planned.length === 0 || !(await confirm(changes))) return { changes, applied: false }
      // One after the other: a price needs its product, and an archived price its successor.
      for (const change of planned) await callStripe(change.apply)
      return { changes, applied: true }
    },
    check,
  }
}
