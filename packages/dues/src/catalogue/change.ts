import { isFailure, isUndecided } from '../stripe/client.ts'

/** One field of something at Stripe that changes, as a person reads it. Null: there was, or will be, nothing. */
export type FieldChange = { readonly field: string; readonly from: string | null; readonly to: string | null }

/** One thing that `push` does, in the words it is shown in, and how it is done. */
export type CatalogueChange = {
  readonly action: 'create' | 'update' | 'archive'
  readonly kind: 'product' | 'price' | 'feature' | 'meter'
  /** The id of the product or of an archived price; the lookup key of a price or a feature; the event name of a meter. */
  readonly key: string
  readonly summary: string
  /** What an update changes, old and new. */
  readonly fields: readonly FieldChange[]
  readonly apply: () => Promise<unknown>
}

/** A change without how it is done: what is shown. */
export type ShownChange = Omit<CatalogueChange, 'apply'>

/** What an update comes to: nothing where no field differs. */
export function updateOf(
  kind: CatalogueChange['kind'],
  key: string,
  fields: readonly FieldChange[],
  apply: CatalogueChange['apply'],
): CatalogueChange[] {
  const differing = fields.filter(({ from, to }) => from !== to)
  if (differing.length === 0) return []
  const summary = `${kind} ${key}: ${differing.map(({ field }) => field).join(', ')}`
  return [{ action: 'update', kind, key, summary, fields: differing, apply }]
}

/** Another push was quicker: what it made is what we would have made. */
export function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'resource_already_exists')) throw error
}

/**
 * Makes something once, whichever of two pushes at the same time comes first. A failure of its own Stripe keeps as its answer to a key for a
 * day; then it is asked once more under another.
 */
export async function once<Made>(
  key: string,
  make: (options: { idempotencyKey?: string }) => Promise<Made>,
): Promise<Made> {
  try {
    return await make({ idempotencyKey: `dues-push:${key}` })
  } catch (error) {
    if (!isFailure(error) || isUndecided(error)) throw error
    return make({})
  }
}
