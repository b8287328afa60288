import type { ReconcileOptions } from '../reconcile/reconcile.ts'

/** A customer of Stripe's of whom Dues does not know whose it is. */
export type UnownedCustomer = {
  /** `cus_…` */
  readonly id: string
  readonly email: string | null
  readonly name: string | null
  /** The customer's metadata, and beneath it that of its newest subscription. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Finds whose a customer is: the owner's id in your app, or null where it is nobody's. */
export type OwnerOf = (customer: UnownedCustomer) => string | null | Promise<string | null>

export type BackfillOptions = {
  /**
   * How to know whose a customer is that Dues did not make: the metadata key under which your app kept it, the `client_reference_id` of
   * its Checkouts, or a function of yours. Unless told: the option `ownerOf` of `createDues`, or nothing.
   */
  readonly by?: { readonly metadata: string } | 'client_reference_id' | OwnerOf
  /** Brings the mirror up to date, which gives nobody anything, and says whose each customer would be. Nobody gets one. */
  readonly dryRun?: boolean
  /**
   * Takes over owners too who have two live subscriptions. Of two to plans Dues ends the older and gives money back, by the option
   * `duplicates`: that is why they are left out unless you say so.
   */
  readonly withDuplicates?: boolean
  /** Questions to Stripe a second at most: 20 unless told. */
  readonly perSecond?: number
  readonly onProgress?: (progress: BackfillProgress) => void
  /** Stops after the page that is being worked on; the next backfill goes on there. */
  readonly signal?: AbortSignal
}

/** What is being gone through, and how many of it are done. */
export type BackfillProgress = {
  readonly doing:
    | Parameters<NonNullable<ReconcileOptions['onProgress']>>[0]['kind']
    | 'checkouts'
    | 'asking'
    | 'linking'
  readonly done: number
}

export type BackfillReport = {
  /** False: it was stopped. Call it again, and it goes on there. */
  finished: boolean
  resumed: boolean
  /** Objects at Stripe that were looked at, and how many of them the mirror did not have as they are. */
  compared: number
  changed: number
  /** Customers that are somebody's now; in a dry run, that were before. */
  owned: number
  /** Customers that this backfill made somebody's, or would. */
  adopted: number
  /** Customers of owners who would have two live subscriptions, and the first hundred of these owners. */
  leftOut: number
  duplicates: { owner: string; customers: string[]; live: number }[]
  /** Customers that are nobody's, how many of them have a live subscription, and the first hundred, these before the others. */
  unknown: number
  unknownLive: number
  unknowns: { customer: string; email: string | null; live: number }[]
}
