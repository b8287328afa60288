import type { Migration } from '../migrate.ts'
import { mirror } from './0001-mirror.ts'
import { write } from './0002-write.ts'
import { owners } from './0101-owners.ts'
import { prices } from './0102-prices.ts'
import { duplicates } from './0103-duplicates.ts'
import { scheduled } from './0104-scheduled.ts'
import { changes } from './0105-changes.ts'
import { adoption } from './0106-adoption.ts'
import { duplicatesBefore } from './0110-duplicates-before.ts'
import { trials } from './0111-trials.ts'
import { usage } from './0120-usage.ts'
import { members } from './0121-members.ts'
import { endRefunds } from './0122-end-refunds.ts'
import { replans } from './0130-replans.ts'
import { listeners } from './0140-listeners.ts'
import { jobsSchema } from './0150-jobs-schema.ts'
import { sold } from './0151-sold.ts'
import { looked } from './0152-looked.ts'

/** Every migration of Dues. The order is that of the ids, not of this list. */
export const migrations: readonly Migration[] = [
  mirror,
  write,
  owners,
  prices,
  duplicates,
  scheduled,
  changes,
  adoption,
  duplicatesBefore,
  trials,
  usage,
  members,
  endRefunds,
  replans,
  listeners,
  jobsSchema,
  sold,
  looked,
]
