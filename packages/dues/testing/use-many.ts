/**
 * A process of its own that uses a feature many times at once: `node use-many.ts <database> <owner> <times>`. It says `ready`, waits for a line,
 * and then tells how many uses were counted and by which codes the others were refused.
 */
import { once } from 'node:events'
import { createDues } from '../src/dues.ts'
import { DuesError } from '../src/errors.ts'

const [database, owner = '', times = '0'] = process.argv.slice(2)
const dues = createDues({
  stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' },
  database,
  plans: { free: { name: 'Free', features: { projects: 100 } } },
  identify: () => null,
})
// The connections are there before the race begins.
await Promise.all(Array.from({ length: 20 }, () => dues.usage.of(owner)))
console.log('ready')
await once(process.stdin, 'data')
const outcomes = await Promise.allSettled(
  Array.from({ length: Number(times) }, () => dues.usage.use(owner, 'projects')),
)
const refused = new Set(
  outcomes.flatMap((outcome) =>
    outcome.status === 'rejected'
      ? [outcome.reason instanceof DuesError ? outcome.reason.code : String(outcome.reason)]
      : [],
  ),
)
console.log(
  JSON.stringify({
    counted: outcomes.filter(({ status }) => status === 'fulfilled').length,
    refused: [...refused],
  }),
)
await dues.stop()
process.exit(0)
