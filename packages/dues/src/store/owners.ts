import { randomUUID } from 'node:crypto'
import type { Owner } from '../entitlements/types.ts'
import type { Database, Executor } from './database.ts'

/** A customer that is being made at Stripe: what is asked for, and under which idempotency key. */
export type CustomerReservation = { key: string; request: Record<string, unknown>; requestedAt: number }

/** Writes an owner down, with the newest email and name that are known. */
export async function rememberOwner(executor: Executor, { id, email = null, name = null }: Owner): Promise<void> {
  await executor.query(
    `insert into dues.owner (id, email, name) values ($1, $2, $3)
     on conflict (id) do update set email = coalesce(excluded.email, owner.email), name = coalesce(excluded.name, owner.name)
     where (owner.email, owner.name) is distinct from
       (coalesce(excluded.email, owner.email), coalesce(excluded.name, owner.name))`,
    [id, email, name],
  )
}

/** What is known of an owner; only the id for one that was never seen. */
export async function findOwner(executor: Executor, id: string): Promise<Owner> {
  const [row] = await executor.query<{ email: string | null; name: string | null }>(
    'select email, name from dues.owner where id = $1',
    [id],
  )
  return { id, email: row?.email ?? null, name: row?.name ?? null }
}

/**
 * Reserves the making of an owner's customer. Whoever comes first writes down key and request; everybody after, for as long as Stripe
 * remembers the key, gets the same.
 */
export async function reserveCustomer(
  executor: Executor,
  owner: string,
  { request, now, forgottenAfter }: { request: Record<string, unknown>; now: number; forgottenAfter: number },
): Promise<CustomerReservation> {
  await executor.query(
    `update dues.owner set customer_key = $2, customer_request = $3::jsonb, customer_requested_at = $4
     where id = $1 and (customer_key is null or customer_requested_at < $5)`,
    [owner, randomUUID(), JSON.stringify(request), now, now - forgottenAfter],
  )
  const [row] = await executor.query<{ row: CustomerReservation }>(
    `select jsonb_build_object('key', customer_key, 'request', customer_request, 'requestedAt', customer_requested_at) as row
     from dues.owner where id = $1`,
    [owner],
  )
  if (!row) throw new Error(`owner ${owner} was reserved for before it was remembered`)
  return row.row
}

/** When the making of an owner's customer was begun; null when it never was. */
export async function customerRequestedAt(executor: Executor, owner: string): Promise<number | null> {
  const [row] = await executor.query<{ at: number | null }>(
    'select customer_requested_at::float8 as at from dues.owner where id = $1',
    [owner],
  )
  return row?.at ?? null
}

/** Lets go of a customer that is no more at Stripe, so that another is made. Only the first of several callers does anything. */
export async function releaseCustomer(database: Database, owner: string, customer: string): Promise<void> {
  await database.transaction(async (tx) => {
    const released = await tx.query(
      'update dues.owner_customer set current = false where owner = $1 and customer = $2 and current returning customer',
      [owner, customer],
    )
    if (released.length > 0)
      await tx.query('update dues.owner set customer_key = null, customer_requested_at = null where id = $1', [owner])
  })
}
