import type { PushResult } from '../catalogue/facade.ts'
import type { Command } from './commands.ts'

type Change = PushResult['changes'][number]

const signs: { readonly [action in Change['action']]: string } = { create: '+', update: '~', archive: '-' }

/** `dues push` */
export const push: Command = {
  summary: "Make Stripe's products and prices equal to your plans",
  usage: '[--dry-run] [--yes]',
  details: `Shows what will change, asks, and changes it: + creates, ~ updates, - archives. Nothing is ever deleted: a price that is
replaced is archived, and members who pay it go on paying it; how many they are is said at the end. Twice in a row changes nothing.`,
  flags: { 'dry-run': 'only show what would change', yes: 'do not ask' },
  async run(dues, { flags }, { out, ask }) {
    let refusal: string | undefined
    const { changes, kept, applied } = await dues.catalogue.push({
      dryRun: flags.has('dry-run'),
      async confirm(planned, keeping) {
        show(planned, keeping, out)
        if (flags.has('yes')) return true
        if (ask) return ask(`Make ${count(planned)} at Stripe?`)
        refusal = 'Nobody is here to ask. Pass --yes to make these changes, or --dry-run to only see them.'
        return false
      },
    })
    if (changes.length === 0) {
      showKept(kept, out)
      out('Stripe has your plans as they are. Nothing to change.')
    } else if (applied) out(`Made ${count(changes)}.`)
    else if (flags.has('dry-run')) show(changes, kept, out)
    else out(refusal ?? 'Nothing was changed.')
    return applied || changes.length === 0 || flags.has('dry-run') ? 0 : 1
  },
}

function show(changes: readonly Change[], kept: PushResult['kept'], out: (line: string) => void): void {
  for (const { action, summary, fields } of changes) {
    out(`  ${signs[action]} ${summary}`)
    for (const { field, from, to } of fields) out(`      ${field}: ${quoted(from)} → ${quoted(to)}`)
  }
  showKept(kept, out)
  const of = (action: Change['action']) => changes.filter((change) => change.action === action).length
  out(`Plan: ${of('create')} to create, ${of('update')} to update, ${of('archive')} to archive, 0 to delete.`)
}

const quoted = (value: string | null): string => (value === null ? 'none' : `"${value}"`)

/** Whoever subscribed to a price keeps it until they switch. */
function showKept(kept: PushResult['kept'], out: (line: string) => void): void {
  for (const { id, plan, addOn, charges, members, more } of kept) {
    const good = plan ?? addOn
    const people = members === 1 ? '1 member goes' : `${more ? 'more than ' : ''}${members} members go`
    out(`  = price ${id}, ${charges}${good ? ` (${good})` : ''}: ${people} on paying it`)
  }
}

const count = ({ length }: readonly unknown[]): string => (length === 1 ? '1 change' : `${length} changes`)
