import type { Command } from './commands.ts'
import { rateOf } from './rate.ts'
import { table } from './table.ts'

/** `dues reconcile` */
export const reconcile: Command = {
  summary: 'Compare the mirror with Stripe, and mend it',
  usage: '[--look] [--rate <n>]',
  details: `Goes through every customer, subscription and open invoice at Stripe, ended ones included, shows what the mirror had
otherwise, and writes what Stripe has. It lists the live subscriptions that belong to nobody, too.
Stopped with Ctrl-C, it goes on there the next time. Exit code 1: something differed, or a live subscription is nobody's.`,
  flags: { look: 'only show what differs' },
  values: { rate: 'questions to Stripe a second, at most: 20 unless told' },
  async run(dues, { flags, values }, { out, progress, signal }) {
    const perSecond = rateOf(values)
    await dues.start({ work: false })
    const report = await dues.reconcile({
      mend: !flags.has('look'),
      perSecond,
      signal,
      onProgress: ({ kind, compared, drifted }) => progress(`${kind}s: ${compared} compared, ${drifted} differ`),
    })
    if (report.drift.length > 0)
      out(
        table(
          ['what', 'id', 'in the mirror', 'at Stripe', ''],
          report.drift.flatMap(({ kind, object, difference, mended }) =>
            Object.entries(difference).map(([column, { mirror, stripe }]) => [
              `${kind} ${column}`,
              object,
              short(mirror),
              short(stripe),
              mended ? 'mended' : '',
            ]),
          ),
        ),
      )
    if (report.unowned.length > 0)
      out(
        table(
          ['live subscription', 'customer', 'status', 'names', 'but'],
          report.unowned.map(({ subscription, customer, status, owner, why }) => [
            subscription,
            customer,
            status,
            owner ?? '',
            reasons[why],
          ]),
        ),
      )
    const resumed = report.resumed ? ' (went on where an earlier run was stopped)' : ''
    out(`Compared ${report.compared}, of which ${report.drifted} differed${resumed}.`)
    if (!report.finished) out('Stopped. Run it again, and it goes on there.')
    const nobodys = report.unowned.filter(({ why }) => why !== 'unknown')
    return report.drifted + nobodys.length > 0 || !report.finished ? 1 : 0
  },
}

/** Why a live subscription is nobody's, and what to do about it. */
const reasons = {
  unnamed: 'nobody is named: set dues_owner in the metadata of its customer to the id of its owner, or cancel it',
  contradicted: 'its customer names somebody else: make their dues_owner the same',
  unknown: 'that owner has never been here: is it the right database, or was one lost?',
} as const

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
