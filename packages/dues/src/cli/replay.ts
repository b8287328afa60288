import type { Command } from './commands.ts'
import { CliError } from './error.ts'

/** `dues replay` */
export const replay: Command = {
  summary: 'Apply events again, and try failed jobs again',
  usage: '<event id>… | --dead',
  details: `An event that could not be applied is applied as if it had just come; of any other, what it is about is fetched from Stripe.
Nothing happens twice by it.`,
  flags: { dead: 'all events and jobs that failed for good' },
  async run(dues, { positionals, flags }, { out }) {
    if (positionals.length === 0 && !flags.has('dead'))
      throw new CliError(
        'Which events? Name their ids (evt_…), or pass --dead for all that failed. `dues inbox` lists them.',
      )
    await dues.start({ work: false })
    const dead = flags.has('dead') ? await dues.webhooks.list({ state: 'dead', limit: 10_000 }) : []
    const ids = [...new Set([...positionals, ...dead.map(({ id }) => id)])]
    const replayed = ids.length > 0 ? await dues.webhooks.replay(ids) : 0
    const revived = flags.has('dead') ? await dues.jobs.revive() : 0
    out(`Replayed ${replayed} of ${ids.length} events${flags.has('dead') ? `, revived ${revived} jobs` : ''}.`)
    return replayed === ids.length ? 0 : 1
  },
}
