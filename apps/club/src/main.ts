import { existsSync } from 'node:fs'
import { DuesError } from 'dues'
import { startClub } from './club.ts'
import { StartError } from './lock.ts'
import { createLog } from './log.ts'
import { report } from './report.ts'
import { readClubSettings, SettingsError } from './settings.ts'

/** The whole program: settings, start, and an end that keeps everything. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const settings = readClubSettings(process.env)
  const log = createLog(settings.logLevel)
  const club = await startClub(settings, { log, report })

  // `once`: whoever presses Ctrl-C a second time wants it over, kept or not.
  const end = () => club.stop().then(() => process.exit(0), fail)
  process.once('SIGINT', end)
  process.once('SIGTERM', end)

  if (club.stripe)
    console.log(`Stripe Local on ${club.stripe.local.url}, nothing leaves this machine. Promotion code: WELCOME20`)
  console.log(`ready ${club.url}`)
}

function fail(error: unknown): never {
  const expected = error instanceof SettingsError || error instanceof StartError || error instanceof DuesError
  console.error(expected ? error.message : error)
  process.exit(1)
}

main().catch(fail)
