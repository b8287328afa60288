import type { BackfillOptions, BackfillReport } from '../backfill/types.ts'
import type { Command } from './commands.ts'
import { CliError } from './error.ts'
import { rateOf } from './rate.ts'
import { table } from './table.ts'

/** `dues backfill` */
export const backfill: Command = {
  summary: 'Take over a Stripe account that was there before Dues',
  usage: '[--metadata <key> | --reference] [--dry-run] [--with-duplicates] [--rate <n>]',
  details: `Fills the mirror with every customer, subscription and open invoice at Stripe, then finds whose the customers are: by
--metadata or --reference, or by the function \`ownerOf\` of your createDues({ ownerOf }). Hooks are run for nothing that is older
than Dues. Stopped with Ctrl-C, it goes on there the next time. Exit code 1: some customers who pay are still nobody's.

Begin with --dry-run: it brings the mirror up to date, which gives nobody anything, and shows whose each customer would be.`,
  flags: {
    'dry-run': 'make nobody an owner, only show',
    reference: 'whose a customer is says the client_reference_id of its Checkouts',
    'with-duplicates':
      'owners with two live subscriptions as well: of two to plans, Dues ends the older (see the option duplicates)',
  },
  values: {
    metadata: 'whose a customer is says its metadata, or that of its newest subscription, under this key',
    rate: 'questions to Stripe a second, at most: 20 unless told',
  },
  async run(dues, { flags, values }, { out, progress, signal }) {
    const options = optionsOf(flags, values)
    await dues.start({ work: false })
    const report = await dues.backfill({
      ...options,
      signal,
      onProgress: ({ doing, done }) => progress(`${doing}: ${done}`),
    })
    show(report, flags.has('dry-run'), out)
    return report.finished && report.unknownLive + report.leftOut === 0 ? 0 : 1
  },
}

function optionsOf(flags: ReadonlySet<string>, values: ReadonlyMap<string, string>): BackfillOptions {
  const metadata = values.get('metadata')
  if (metadata !== undefined && flags.has('reference'))
    throw new CliError('Pass --metadata or --reference, and not both: one of them says whose a customer is.')
  const by =
    metadata !== undefined ? { metadata } : flags.has('reference') ? ('client_reference_id' as const) : undefined
  return {
    perSecond: rateOf(values),
    dryRun: flags.has('dry-run'),
    withDuplicates: flags.has('with-duplicates'),
    ...(by !== undefined && { by }),
  }
}

function show(report: BackfillReport, dryRun: boolean, out: (line: string) => void): void {
  if (report.duplicates.length > 0)
    out(
      table(
        ['left out: owner', 'live subscriptions', 'customers'],
        report.duplicates.map(({ owner, live, customers }) => [owner, `${live}`, customers.join(' ')]),
      ),
    )
  if (report.unknowns.length > 0)
    out(
      table(
        ['nobody’s: customer', 'email', 'live subscriptions'],
        report.unknowns.map(({ customer, email, live }) => [customer, email ?? '', `${live}`]),
      ),
    )
  out(
    table(
      ['', 'number'],
      [
        ['objects compared', `${report.compared}`],
        ['new or changed in the mirror', `${report.changed}`],
        ['customers that have an owner', `${report.owned}`],
        [dryRun ? 'customers that would get one' : 'of them, got one now', `${report.adopted}`],
        ['left out, for two live subscriptions', `${report.leftOut}`],
        ['nobody’s', `${report.unknown}`],
        ['of them with a live subscription', `${report.unknownLive}`],
      ],
    ),
  )
  if (report.resumed) out('Went on where an earlier backfill was stopped.')
  if (!report.finished) out('Stopped. Run it again, and it goes on there.')
}
