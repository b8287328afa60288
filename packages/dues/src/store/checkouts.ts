import { randomUUID } from 'node:crypto'
import type { Executor } from './database.ts'

/** The Checkout of an owner that may be open. `session` is null while it is being made. */
export type CheckoutReservation = {
  key: string
  /** What the owner wanted, as text: two that are equal may share a session. */
  intent: string
  request: Record<string, unknown>
  requestedAt: number
  session: string | null
  /** Whether somebody has looked since that nothing else was bought; see `recordLook`. */
  looked: boolean
}

const columns = `jsonb_build_object('key', key, 'intent', intent, 'request', request, 'requestedAt', requested_at,
  'session', session, 'looked', looked)`

export async function findCheckout(executor: Executor, owner: string): Promise<CheckoutReservation | null> {
  const [row] = await executor.query<{ row: CheckoutReservation }>(
    `select ${columns} as row from dues.checkout where owner = $1`,
    [owner],
  )
  return row?.row ?? null
}

/**
 * Reserves the owner's one Checkout, or answers with the reservation that was there first. Where it `isNew`, another purchase may have been made and
 * let go of since somebody looked: whoever reserves looks once more.
 */
export async function reserveCheckout(
  executor: Executor,
  owner: string,
  { intent, request, now }: { intent: string; request: Record<string, unknown>; now: number },
): Promise<CheckoutReservation & { isNew: boolean }> {
  const key = randomUUID()
  for (;;) {
    await executor.query(
      `insert into dues.checkout (owner, key, intent, request, requested_at) values ($1, $2, $3, $4::jsonb, $5)
       on conflict (owner) do nothing`,
      [owner, key, intent, JSON.stringify(request), now],
    )
    const found = await findCheckout(executor, owner)
    // Gone again between the two statements: whoever held it has finished, so it is free.
    if (found) return { ...found, isNew: found.key === key }
  }
}

/**
 * Writes down that nothing else had been bought when this was reserved. Kept with the reservation, for whoever looks may fail or die before the end, and who comes next cannot
 * know: nothing has been bought under a reservation that was not looked after. False when it was released meanwhile.
 */
export async function recordLook(executor: Executor, owner: string, key: string): Promise<boolean> {
  const rows = await executor.query(
    'update dues.checkout set looked = true where owner = $1 and key = $2 returning owner',
    [owner, key],
  )
  return rows.length > 0
}

/** Writes down which session a reservation led to. False when the reservation was released meanwhile. */
export async function recordSession(
  executor: Executor,
  { owner, key, session }: { owner: string; key: string; session: string },
): Promise<boolean> {
  const rows = await executor.query(
    'update dues.checkout set session = $3 where owner = $1 and key = $2 returning owner',
    [owner, key, session],
  )
  return rows.length > 0
}

/** Lets go of a reservation whose session is over, or was never made. */
export async function releaseCheckout(executor: Executor, owner: string, key: string): Promise<void> {
  await executor.query('delete from dues.checkout where owner = $1 and key = $2', [owner, key])
}

/** Lets go of the reservation of a session that is over. */
export async function releaseSession(executor: Executor, session: string): Promise<void> {
  await executor.query('delete from dues.checkout where session = $1', [session])
}
