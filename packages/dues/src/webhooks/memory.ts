import type { MirroredKind } from '../mirror/types.ts'
import { createRecent, type Recent } from '../recent.ts'
import type { Loaded, Needs, Write, Written } from '../store/mirror.ts'
import type { RowOf } from '../store/rows.ts'

/**
 * What this process last saw of some rows. It is a guess and never believed: a batch that was decided on it is written
 * only if every row still has the ticket that it had here, and the answer says what is there if not. So a guess that is
 * right saves a round trip, and one that is wrong costs none.
 */
export interface Memory {
  /**
   * What the database would probably answer. Rows of `fresh` that are not remembered are taken to be absent: their events tell of their
   * creation. Null where any other is not remembered: it is probably there, and asking costs less than a write that fails.
   */
  guess(needs: Needs, fresh: ReadonlySet<string>): Loaded | null
  /** What the database did answer. */
  learn(loaded: Loaded): void
  /** What has just been written, with the tickets that it has got. */
  wrote(batch: Write, written: Written): void
}

type Rows = { [Kind in MirroredKind]: Recent<RowOf[Kind]> }
const kinds = ['customer', 'subscription', 'invoice'] as const satisfies readonly MirroredKind[]

/** Makes a memory of at most `limit` rows of each kind, about a kilobyte each. */
export function createMemory({ limit = 20_000 }: { limit?: number } = {}): Memory {
  const rows: Rows = { customer: createRecent(limit), subscription: createRecent(limit), invoice: createRecent(limit) }
  const owners = createRecent<string>(limit)
  let began: number | null = null

  const found = <Value>(recent: Recent<Value>, ids: readonly string[] = []) =>
    ids.flatMap((id) => {
      const value = recent.get(id)
      return value === undefined ? [] : [value]
    })
  const keepRow = <Kind extends MirroredKind>(kind: Kind, row: RowOf[Kind]) =>
    (rows[kind] as Recent<RowOf[Kind]>).keep(row.id, row)

  return {
    guess(needs, fresh) {
      const forgotten = kinds.some((kind) =>
        needs[kind]?.some((id) => rows[kind].get(id) === undefined && !fresh.has(id)),
      )
      if (began === null || forgotten) return null
      return {
        known: [],
        customer: found(rows.customer, needs.customer),
        subscription: found(rows.subscription, needs.subscription),
        invoice: found(rows.invoice, needs.invoice),
        owners: (needs.owners ?? []).flatMap((customer) => {
          const owner = owners.get(customer)
          return owner === undefined ? [] : [{ customer, owner }]
        }),
        began,
      }
    },
    learn(loaded) {
      began = loaded.began
      for (const kind of kinds) for (const row of loaded[kind]) keepRow(kind, row)
      for (const { customer, owner } of loaded.owners) owners.keep(customer, owner)
    },
    wrote(batch, written) {
      for (const kind of kinds) {
        for (const { row } of batch[kind] ?? []) {
          const ticket = written[kind]?.[row.id]
          if (ticket !== undefined) keepRow(kind, { ...row, ticket } as RowOf[typeof kind])
        }
      }
      for (const { customer, owner } of batch.links ?? []) owners.keep(customer, owner)
    },
  }
}
