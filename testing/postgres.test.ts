import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from './postgres.ts'

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  // A server that is killed says so on the connection as well as in the answer.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('a server that crashes comes back with everything that was committed', async () => {
  const server = await startPostgres()
  await ask(server.url, "create table members (id text); insert into members values ('ada')")
  await server.crash()
  await expect(ask(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
  await server.restart()
  expect(await ask(server.url, 'select id from members')).toEqual([{ id: 'ada' }])
  await server.stop()
  await expect(ask(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
})

test('settings reach the server, and its data are gone when it has ended', async () => {
  const server = await startPostgres({ settings: { work_mem: '7MB' } })
  const [setting] = await ask(server.url, "select current_setting('work_mem') as memory")
  const [folder] = await ask(server.url, "select current_setting('data_directory') as data")
  expect(setting).toEqual({ memory: '7MB' })
  expect(existsSync(String(folder?.data))).toBe(true)
  await server.stop()
  expect(existsSync(String(folder?.data))).toBe(false)
})

test('the server ends when the process that started it is killed', async () => {
  const script =
    "import('./testing/postgres.ts').then((m) => m.startPostgres()).then((server) => console.log(server.url))"
  const starter = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed] = await once(starter.stdout, 'data')
  const url = String(printed).trim()
  expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }])
  starter.kill('SIGKILL')
  await expect
    .poll(
      () =>
        ask(url, 'select 1').then(
          () => 'runs',
          () => 'ended',
        ),
      { timeout: 10_000 },
    )
    .toBe('ended')
})
