import type { Command } from './commands.ts'
import { table } from './table.ts'

/** `dues inbox` */
export const inbox: Command = {
  summary: 'Show what Stripe sent that is not applied yet, or cannot be',
  usage: '[--all]',
  details: `Events that wait for an answer of Stripe's, events that could not be applied, and hooks and fetches that failed for good,
each with its reason. \`dues replay\` tries them again. Exit code 1: something has failed.`,
  flags: { all: 'the newest events, whatever became of them' },
  async run(dues, { flags }, { out }) {
    await dues.start({ work: false })
    const events = flags.has('all')
      ? await dues.webhooks.list({ limit: 50 })
      : [...(await dues.webhooks.list({ state: 'dead' })), ...(await dues.webhooks.list({ state: 'waiting' }))]
    if (events.length > 0)
      out(
        table(
          ['received', 'event', 'type', 'state', 'about', 'error'],
          events.map(({ receivedAt, id, type, state, object, error }) => [
            receivedAt,
            id,
            type,
            state,
            object ?? '',
            error ?? '',
          ]),
        ),
      )
    const jobs = await dues.jobs.dead()
    if (jobs.length > 0)
      out(
        table(
          ['failed', 'job', 'of', 'reason'],
          jobs.map(({ diedAt, id, queue, reason }) => [diedAt.toISOString(), id, queue, reason]),
        ),
      )
    const { inbox: now } = await dues.health()
    out(`${now.waiting} waiting, ${now.dead} dead events, ${jobs.length} dead jobs.`)
    return now.dead + jobs.length > 0 ? 1 : 0
  },
}
