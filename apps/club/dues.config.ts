import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createDues, DuesError, readSettings } from 'dues'
import { addOns, plans } from './src/plans.ts'

// The commands run in this folder, and the repository's .env is two above.
const env = fileURLToPath(new URL('../../.env', import.meta.url))
if (existsSync(env)) process.loadEnvFile(env)

/** What the commands of `dues` work on: the club's plans at the Stripe of the environment, and its PostgreSQL where it has one. */
const { stripe, database } = readSettings(process.env)

export const dues = createDues({
  stripe,
  database: database ?? withoutDatabase(),
  plans,
  addOns,
  identify: () => null,
})

/** In the place of a database: `push` and `pull` ask only Stripe and never come here; the others learn what they lack. */
function withoutDatabase() {
  const refuse = async (): Promise<never> => {
    const which = 'The database of a club that runs without one is its own alone: start it with DATABASE_URL, too.'
    throw new DuesError('settings_invalid', `DATABASE_URL is missing, and this command needs it. ${which}`)
  }
  return { connect: refuse, query: refuse, end: async () => {}, on: () => {} }
}
