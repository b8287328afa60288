import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import type { Catalogue } from './catalogue.ts'
import type { CatalogueChange, ShownChange } from './change.ts'
import type { KeptPrice } from './kept.ts'
import { type Pulled, pullConfiguration } from './pull.ts'
import { planChanges } from './push.ts'

/** What `push` did, or with `dryRun` would do. */
export type PushResult = {
  readonly changes: readonly ShownChange[]
  /** Prices that are not sold any more and that members go on paying. */
  readonly kept: readonly KeptPrice[]
  readonly applied: boolean
}

export type PushOptions = {
  /** Only say what would change. */
  readonly dryRun?: boolean
  /** Sees the changes before the first is made; `false` stops it there. */
  readonly confirm?: (changes: readonly ShownChange[], kept: readonly KeptPrice[]) => boolean | Promise<boolean>
}

/** `dues.catalogue` */
export interface CatalogueFacade {
  /**
   * Makes Stripe's products, prices, meters and entitlement features equal to the plans: creates, updates, archives, never deletes. Twice in
   * a row changes nothing. Stopped half way it goes on there the next time.
   *
   * Errors: `stripe_unavailable`, `stripe_refused`; `details.made` says how many changes had been made by then.
   *
   * @see https://docs.stripe.com/products-prices/manage-prices
   * @example
   * const { changes, kept } = await dues.catalogue.push({ dryRun: true })
   * for (const { action, summary } of changes) console.log(action, summary)
   * for (const { charges, members } of kept) console.log(`${members} members still pay ${charges}`)
   */
  push(options?: PushOptions): Promise<PushResult>
  /**
   * Writes what the Stripe account sells as a configuration: the text of a `plans.ts`. A push of it changes nothing. What cannot be said in
   * a configuration is left out, and the text says so.
   *
   * Errors: `stripe_unavailable`, `stripe_refused`.
   *
   * @example
   * await writeFile('src/plans.ts', (await dues.catalogue.pull()).text)
   */
  pull(): Promise<Pulled>
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
      const { changes: planned, kept } = await callStripe(() => planChanges(stripe, catalogue))
      const changes = planned.map(({ apply: _, ...shown }) => shown)
      if (dryRun || planned.length === 0 || !(await confirm(changes, kept))) return { changes, kept, applied: false }
      await applyAll(planned)
      return { changes, kept, applied: true }
    },
    pull: () => callStripe(() => pullConfiguration(stripe, catalogue.prefix)),
    check,
  }
}

/** One after the other: a price needs its product, and an archived price its successor. */
async function applyAll(planned: readonly CatalogueChange[]): Promise<void> {
  for (const [made, { apply, summary }] of planned.entries()) {
    try {
      await callStripe(apply)
    } catch (error) {
      if (!(error instanceof DuesError)) throw error
      throw new DuesError(
        error.code,
        `Made ${made} of ${planned.length} changes. ${why(error)} at "${summary}". Run it again: it goes on there.`,
        { cause: error, details: { ...error.details, made } },
      )
    }
  }
}

/** An unreachable Stripe says that nothing was changed, which is true of the last change alone. */
const why = ({ code, message }: DuesError): string =>
  code === 'stripe_unavailable' ? 'Then Stripe could not be reached' : `Then: ${message} That was`
