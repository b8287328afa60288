import { expect, test } from 'vitest'
import { onEachDatabase, openPostgres } from '../../../../testing/databases.ts'
import { until } from '../../testing/engine.ts'
import { DuesError } from '../errors.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { createJobs } from './jobs.ts'

/** A database that can be asked so many questions, and no more. */
function withQuestions(database: Database, questions: number): Database & { left: number } {
  const counted = {
    ...database,
    left: questions,
    query: (sql: string, params?: readonly unknown[]) => {
      counted.left -= 1
      if (counted.left < 0) return Promise.reject(new DuesError('database_unavailable', 'The database is gone.'))
      return database.query<never>(sql, params)
    },
  }
  return counted
}

onEachDatabase('jobs', (open) => {
  test.each([0, 1, 3, 5])(
    'that lose the database after %i questions of their start leave nothing running, and can be started later',
    async (questions) => {
      const opened = await open()
      const database = openDatabase(opened.database)
      const failing = withQuestions(database, questions)
      const jobs = createJobs({ database: failing })
      const work = { fetch: async () => undefined, endDuplicates: async () => undefined, scheduled: {} }
      await expect(jobs.start(work)).rejects.toThrow('The database is gone.')

      // Timers that were left behind fail this file: see testing/leaks.ts.
      failing.left = Infinity
      await jobs.start({ ...work, work: false })
      expect(await jobs.deadJobs()).toEqual([])
      await jobs.stop()
      await database.close()
      await opened.close()
    },
  )
})

test('all of several processes that start at once on an empty database do start', async () => {
  const opened = await openPostgres()
  const processes = Array.from({ length: 5 }, () => {
    const database = openDatabase(opened.database)
    return { database, jobs: createJobs({ database }) }
  })
  const work = { fetch: async () => undefined, endDuplicates: async () => undefined, scheduled: {} }
  const started = await Promise.allSettled(
    processes.map(async ({ database, jobs }) => {
      await migrate(database)
      await jobs.start(work)
    }),
  )
  expect(started.filter(({ status }) => status === 'rejected')).toEqual([])
  await Promise.all(processes.map(({ jobs, database }) => jobs.stop().then(() => database.close())))
  await opened.close()
})

test('a fetch that waits for its turn is not taken, and done, before what it shall serve as well can be seen', async () => {
  const opened = await openPostgres()
  const database = openDatabase(opened.database)
  const jobs = createJobs({ database, pollSeconds: 0.5, fetchAfterSeconds: 0 })
  const fetched: string[] = []
  const fetch = async ({ object }: { object: string }) => void fetched.push(object)
  const job = (object: string) => ({ name: 'fetch', kind: 'subscription', object, account: null }) as const
  await migrate(database)
  await jobs.start({ fetch, endDuplicates: async () => undefined, scheduled: {}, work: false })
  await database.transaction((tx) => jobs.outbox.enqueue(tx, [job('sub_1'), job('sub_2')]))

  const other = openDatabase(opened.database)
  const workers = createJobs({ database: other, pollSeconds: 0.5 })
  await database.transaction(async (tx) => {
    // An event of sub_1, and the job for it, which is there already.
    await jobs.outbox.enqueue(tx, [job('sub_1')])
    await workers.start({ fetch, endDuplicates: async () => undefined, scheduled: {} })
    await until(() => fetched.includes('sub_2'), 'the next in line is fetched')
    fetched.push('the event is on disk')
  })
  await until(() => fetched.indexOf('sub_1') > fetched.indexOf('the event is on disk'), 'it is fetched after that')
  await workers.stop()
  await jobs.stop()
  await Promise.all([database.close(), other.close()])
  await opened.close()
})
