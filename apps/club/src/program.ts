import { existsSync } from 'node:fs'
import { DuesError } from 'dues'
import { startClub } from './club.ts'
import { StartError } from './lock.ts'
import { createLog } from './log.ts'
import { report } from './report.ts'
import { readClubSettings, SettingsError } from './settings.ts'
import { demoStaff, isDemo } from './staff/demo.ts'

/** The whole program: settings, start, and an end that keeps everything. What keeps it from starting is said, and it ends with 1. */
export const run = (): Promise<void> => open().catch(fail)

async function open(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const settings = readClubSettings(process.env)
  const log = createLog(settings.logLevel)
  const club = await startClub(settings, { log, report })

  // Ctrl-C under npm arrives twice, from the terminal and from npm: the second must not cut short what the first began.
  let ending = false
  const end = () => {
    if (ending) return
    ending = true
    club.stop().then(() => process.exit(0), fail)
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)

  if (club.stripe)
    console.log(`Stripe Local on ${club.stripe.local.url}, nothing leaves this machine. Promotion code: WELCOME20`)
  if (isDemo(settings))
    console.log(`Staff pages on ${club.url}/staff: ${demoStaff.email}, password "${demoStaff.password}"`)
  if (club.warning) console.error(`\nWARNING: ${club.warning}\n`)
  console.log(`ready ${club.url}`)
}

function fail(error: unknown): never {
  const expected = error instanceof SettingsError || error instanceof StartError || error instanceof DuesError
  console.error(expected ? error.message : error)
  process.exit(1)
}
