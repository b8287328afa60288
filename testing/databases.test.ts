import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { expect, test } from 'vitest'
import { onEachDatabase, openPostgres } from './databases.ts'

onEachDatabase('a test database', (open) => {
  test('is empty, and nobody else sees what is written to it', async () => {
    const [mine, theirs] = await Promise.all([open(), open()])
    await mine.query('create table members (id text)')
    await mine.query('insert into members values ($1)', ['ada'])
    expect(await mine.query('select id from members')).toEqual([{ id: 'ada' }])
    await expect(theirs.query('select id from members')).rejects.toThrow('does not exist')
    await Promise.all([mine.close(), theirs.close()])
  })

  test('is reached by the code under test through what createDues takes', async () => {
    const { database, query, close } = await open()
    await query('create table members (id text)')
    if (database instanceof PGlite) {
      await database.query("insert into members values ('grace')")
    } else {
      const client = new pg.Client({ connectionString: database })
      await client.connect()
      await client.query("insert into members values ('grace')")
      await client.end()
    }
    expect(await query('select id from members')).toEqual([{ id: 'grace' }])
    await close()
  })
})

test('a connection that is left open fails its test, and the database is removed all the same', async () => {
  const { database, close, query } = await openPostgres()
  const forgotten = new pg.Client({ connectionString: String(database), application_name: 'forgetful' })
  forgotten.on('error', () => undefined)
  await forgotten.connect()
  await forgotten.query('select 42')
  await expect(close()).rejects.toThrow('forgetful, idle: select 42')
  await expect(query('select 1')).rejects.toThrow('does not exist')
})
