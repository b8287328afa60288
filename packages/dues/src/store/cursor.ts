import type { Executor } from './database.ts'

/** Where something that reads on has got to. Null: it has never run. */
export async function readCursor<Value extends object>(executor: Executor, name: string): Promise<Value | null> {
  const rows = await executor.query<{ value: Value }>('select value from dues.cursor where name = $1', [name])
  return rows[0]?.value ?? null
}

/** Sets a cursor that is not there yet; one that is there stays. */
export async function beginCursor(executor: Executor, name: string, value: object): Promise<void> {
  await executor.query('insert into dues.cursor (name, value) values ($1, $2::jsonb) on conflict do nothing', [
    name,
    JSON.stringify(value),
  ])
}

export async function writeCursor(executor: Executor, name: string, value: object): Promise<void> {
  await executor.query(
    `insert into dues.cursor (name, value) values ($1, $2::jsonb)
     on conflict (name) do update set value = excluded.value, updated_at = now()`,
    [name, JSON.stringify(value)],
  )
}

export async function removeCursor(executor: Executor, name: string): Promise<void> {
  await executor.query('delete from dues.cursor where name = $1', [name])
}
