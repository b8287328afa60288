import net from 'node:net'
import pg from 'pg'
import { expect, test } from 'vitest'
import { onEachDatabase, openPostgres } from '../../../../testing/databases.ts'
import { DuesError } from '../errors.ts'
import { openDatabase } from './database.ts'
import { migrate, statementsOf } from './migrate.ts'
import { migrations } from './migrations/index.ts'

onEachDatabase('the database', (open) => {
  test('a transaction that throws leaves nothing behind', async () => {
    const { database: source, query, close } = await open()
    const database = openDatabase(source)
    await database.query('create table kept (n int)')
    const failing = database.transaction(async (tx) => {
      await tx.query('insert into kept values (1)')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await database.transaction((tx) => tx.query('insert into kept values (2)'))
    expect(await query('select n from kept')).toEqual([{ n: 2 }])
    await database.close()
    await close()
  })

  test('a script that fails in its own transaction does not spoil the next statement', async () => {
    const { database: source, close } = await open()
    const database = openDatabase(source)
    await expect(database.script('BEGIN; select 1; select nonsense; COMMIT;')).rejects.toThrow('nonsense')
    expect(await database.query('select 1 as n')).toEqual([{ n: 1 }])
    await database.close()
    await close()
  })

  test('what is notified is heard by everybody who listens', async () => {
    const { database: source, close } = await open()
    const database = openDatabase(source)
    const heard = new Promise((resolve) => {
      void database.listen('dues_test', { onMessage: resolve }).then(() => database.notify('dues_test', 'cus_1'))
    })
    expect(await heard).toBe('cus_1')
    await database.close()
    await close()
  })

  test('a statement that is refused keeps its own error', async () => {
    const { database: source, close } = await open()
    const database = openDatabase(source)
    await expect(database.query('select * from nowhere')).rejects.toThrow('relation "nowhere" does not exist')
    await database.close()
    await close()
  })

  test('an error does not carry what the statement was given, for it travels to logs', async () => {
    const { database: source, close } = await open()
    const database = openDatabase(source)
    const statement = ['select $1::int', ['ada@example.com']] as const
    const alone = await database.query(...statement).catch((error: unknown) => error)
    const within = await database.transaction((tx) => tx.query(...statement)).catch((error: unknown) => error)
    for (const error of [alone, within]) {
      expect(error).toBeInstanceOf(Error)
      expect(Object.keys(error as Error)).not.toContain('params')
    }
    await database.close()
    await close()
  })

  test('migrating twice, and by several processes at once, runs each migration once', async () => {
    const { database: source, query, close } = await open()
    const databases = [openDatabase(source), openDatabase(source), openDatabase(source)]
    const ran = await Promise.all(databases.map((database) => migrate(database)))
    expect(ran.flat().sort()).toEqual(migrations.map(({ id }) => id).sort())
    expect(await query("select id from dues.migration where id not like 'functions%' order by id")).toEqual(
      migrations.map(({ id }) => ({ id })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    )
    await Promise.all(databases.map((database) => database.close()))
    await close()
  })

  test("functions of another version are replaced by this one's, once", async () => {
    const { database: source, query, close } = await open()
    const database = openDatabase(source)
    await migrate(database)
    const bodies = () => query("select prosrc from pg_proc where proname in ('load', 'write') order by proname")
    const ours = await bodies()
    await query(`create or replace function dues.load(events text[], customers text[], subscriptions text[], invoices text[],
      owners text[]) returns json language plpgsql as 'begin return null; end'`)
    await migrate(database)
    expect(await bodies()).not.toEqual(ours)
    await query("update dues.migration set id = 'functions_of_another_version' where id like 'functions%'")
    await migrate(database)
    expect(await bodies()).toEqual(ours)
    expect(await query("select count(*)::int as n from dues.migration where id like 'functions%'")).toEqual([{ n: 1 }])
    await database.close()
    await close()
  })

  test('a migration that fails leaves the schema as it was', async () => {
    const { database: source, query, close } = await open()
    const database = openDatabase(source)
    const broken = [
      { id: '0001_a', sql: 'create table dues.a (n int);' },
      { id: '0002_b', sql: 'create tabel dues.b (n int);' },
    ]
    await expect(migrate(database, broken)).rejects.toThrow('syntax error')
    expect(await query("select 1 as n from pg_tables where schemaname = 'dues'")).toEqual([])
    await database.close()
    await close()
  })
})

test('a pool of the app serves, and stays open when Dues closes', async () => {
  const { database: url, close } = await openPostgres()
  const pool = new pg.Pool({ connectionString: String(url) })
  const database = openDatabase(pool)
  expect(await database.query('select 1 as n')).toEqual([{ n: 1 }])
  await database.close()
  expect((await pool.query('select 2 as n')).rows).toEqual([{ n: 2 }])
  await pool.end()
  await close()
})

test('a pooler that refuses the settings of a session is given none, by many who come at once', async () => {
  const { database: url, close } = await openPostgres()
  const pooler = await openRefusing(String(url))
  const database = openDatabase(pooler.url)
  const all = await Promise.all(Array.from({ length: 30 }, (_, n) => database.query('select $1::int as n', [n])))
  expect(all.flat()).toEqual(Array.from({ length: 30 }, (_, n) => ({ n })))
  expect(await database.transaction((tx) => tx.query('select 1 as n'))).toEqual([{ n: 1 }])
  expect(pooler.refused()).toBeGreaterThan(0)
  await database.close()
  await pooler.close()
  await close()
})

/** Answers a session that brings a limit for its statements as pgbouncer does, and leads any other to the server. */
async function openRefusing(server: string) {
  const target = new URL(server)
  let refused = 0
  const listener = net.createServer((client) => {
    client.on('error', () => client.destroy())
    client.once('data', (startup) => {
      if (startup.includes('statement_timeout')) {
        refused += 1
        const fields = 'SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0'
        const head = Buffer.from('E\0\0\0\0')
        head.writeUInt32BE(4 + fields.length, 1)
        client.end(Buffer.concat([head, Buffer.from(fields)]))
        return
      }
      const onward = net.connect(Number(target.port), target.hostname)
      onward.on('error', () => client.destroy())
      onward.write(startup)
      client.pipe(onward).pipe(client)
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as net.AddressInfo
  return {
    url: Object.assign(new URL(server), { port: `${port}` }).href,
    refused: () => refused,
    close: () => new Promise<void>((resolve) => listener.close(() => resolve())),
  }
}

test('a server that is not there is named, and how to mend it, and no password', async () => {
  const database = openDatabase('postgres://dues:hunter2@127.0.0.1:1/dues')
  const error = await database.query('select 1').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(DuesError)
  expect(error).toMatchObject({ code: 'database_unavailable', status: 503, details: { sqlstate: 'ECONNREFUSED' } })
  expect((error as DuesError).message).toContain('start the PostgreSQL server')
  expect(JSON.stringify([error, (error as DuesError).cause, String((error as DuesError).stack)])).not.toContain(
    'hunter2',
  )
  await database.close()
})

test('without a connection string the error is told as it is', async () => {
  const database = openDatabase('')
  const error = (await database.query('select 1').catch((caught: unknown) => caught)) as DuesError
  expect(String(error.cause)).not.toContain('•••')
  await database.close()
})

test('a wrong password is said to be wrong, and is not repeated', async () => {
  const { database: url, close } = await openPostgres()
  const wrong = Object.assign(new URL(String(url)), { username: 'nobody_here', password: 'hunter2' }).href
  const database = openDatabase(wrong)
  const error = (await database.query('select 1').catch((caught: unknown) => caught)) as DuesError
  expect(error).toMatchObject({ code: 'database_unavailable' })
  expect(`${error.stack}${(error.cause as Error).stack}`).not.toContain('hunter2')
  await database.close()
  await close()
})

test('a connection that is killed in a transaction is not lent again', async () => {
  const { database: url, query, close } = await openPostgres()
  const database = openDatabase(String(url))
  const killed = database.transaction(async (tx) => {
    const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
    await query('select pg_terminate_backend($1)', [row?.pid])
    await tx.query('select 1')
  })
  await expect(killed).rejects.toMatchObject({ code: 'database_unavailable' })
  expect(await database.query('select 1 as n')).toEqual([{ n: 1 }])
  await database.close()
  await close()
})

test('a listener whose connection is killed listens again, and says that there was a gap', async () => {
  const { database: url, query, close } = await openPostgres()
  const database = openDatabase(String(url))
  const heard: string[] = []
  let onGap = () => {}
  const gap = new Promise<void>((resolve) => {
    onGap = resolve
  })
  let onMessage: (payload: string) => void = () => {}
  const message = new Promise<string>((resolve) => {
    onMessage = resolve
  })
  await database.listen('dues_test', { onMessage: (payload) => onMessage(payload), onGap: () => onGap() })
  await query("select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen dues_test'")
  await gap
  await database.notify('dues_test', 'again')
  heard.push(await message)
  expect(heard).toEqual(['again'])
  await database.close()
  await close()
})

test('a function body keeps its semicolons', () => {
  const body = 'create function f() returns int language plpgsql as $$\nbegin\n  return 1;\nend\n$$;'
  expect(statementsOf(`create table a (n int);\n${body}\nselect 1`)).toEqual([
    'create table a (n int);',
    body,
    'select 1',
  ])
})
