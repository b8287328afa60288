import type { Executor } from './database.ts'
import { ofOwner } from './membership.ts'
import type { InvoiceRow } from './rows.ts'

/**
 * A page of an owner's invoices, of every customer that the owner has had, the newest first. Those of one second go by their numbers.
 * Drafts are left out.
 */
export async function invoicesOfOwner(
  executor: Executor,
  owner: string,
  { limit, after }: { limit: number; after: string | null },
): Promise<InvoiceRow[]> {
  const rows = await executor.query<{ row: InvoiceRow }>(
    `select to_jsonb(i) as row from ${ofOwner('invoice', 'i')}
     where not i.deleted and i.status is distinct from 'draft'
       and ($2::text is null or (i.created, coalesce(i.number, ''), i.id) <
         (select a.created, coalesce(a.number, ''), a.id from dues.invoice a where a.id = $2))
     order by i.created desc, coalesce(i.number, '') desc, i.id desc limit $3`,
    [owner, after, limit],
  )
  return rows.map(({ row }) => row)
}

/** Whose a customer is; null while nobody knows. */
export async function ownerOfCustomer(executor: Executor, customer: string): Promise<string | null> {
  const [row] = await executor.query<{ owner: string }>('select owner from dues.owner_customer where customer = $1', [
    customer,
  ])
  return row?.owner ?? null
}
