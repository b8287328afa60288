import type { Command } from './commands.ts'

/** `dues pull` */
export const pull: Command = {
  summary: 'Write what your Stripe account sells as a configuration',
  usage: '> src/plans.ts',
  details: `Prints a module that exports your plans: names, prices in all their currencies, and features. What a configuration cannot say is
left out, with a comment. A push of it changes nothing. Only reads; nothing at Stripe is changed.`,
  flags: {},
  async run(dues, _, { out, err }) {
    const { text, plans, notes } = await dues.catalogue.pull()
    out(text.trimEnd())
    const found = Object.keys(plans).length
    // Beside the text and not in it: the text is on its way into a file.
    err(
      `Found ${found === 1 ? '1 plan' : `${found} plans`}${notes.length > 0 ? `, left out ${notes.length} prices` : ''}.`,
    )
    return 0
  },
}
