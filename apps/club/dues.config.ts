import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createDues, readSettings } from 'dues'
import { addOns, plans } from './src/plans.ts'

// The commands run in this folder, and the repository's .env is two above.
const env = fileURLToPath(new URL('../../.env', import.meta.url))
if (existsSync(env)) process.loadEnvFile(env)

/** What the commands of `dues` work on: the club's plans at the Stripe of the environment, and its PostgreSQL where it has one. */
const { stripe, database } = readSettings(process.env)

export const dues = createDues({
  stripe,
  // `dues push` asks only Stripe. The others need the database, and say so.
  database: database ?? 'postgres://localhost/no-database-url-set',
  plans,
  addOns,
  identify: () => null,
})
