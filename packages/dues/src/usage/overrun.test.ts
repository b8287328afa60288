import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '../../../../testing/databases.ts'
import { openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'

const program = fileURLToPath(new URL('../../testing/use-many.ts', import.meta.url))

/** A process that is about to use a feature; `go` lets it, and tells what came of it. */
async function aProcess(database: string, owner: string, times: number) {
  const child = spawn(process.execPath, ['--conditions=dues-source', program, database, owner, `${times}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child.stdout, 'data')
  return async (): Promise<{ counted: number; refused: string[] }> => {
    child.stdin.write('go\n')
    await once(child, 'close')
    return JSON.parse(said.trim().split('\n').at(-1) ?? '')
  }
}

test('a thousand uses at once, by two processes, are counted up to the limit and not one more', async () => {
  const { database: url, query, close } = await openPostgres()
  onTestFinished(close)
  const database = openDatabase(url as string)
  await migrate(database)
  await database.close()

  const processes = await Promise.all([1, 2].map(() => aProcess(url as string, 'owner_1', 500)))
  const outcomes = await Promise.all(processes.map((go) => go()))

  expect(outcomes.map(({ counted }) => counted).reduce((sum, one) => sum + one)).toBe(100)
  expect(outcomes.map(({ refused }) => refused)).toEqual([['limit_reached'], ['limit_reached']])
  expect(await query('select used::int from dues.usage')).toEqual([{ used: 100 }])
}, 60_000)
