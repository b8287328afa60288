import type { Command } from './commands.ts'

/** `dues pull` */
export const pull: Command = {
  summary: 'Write what your Stripe account sells as a configuration',
  usage: '> src/plans.ts',
  details: `Prints a module that exports your plans, and the add-ons that Dues pushed: names, prices in all their currencies, and features.
What a configuration cannot say is left out, with a comment. A push of it changes nothing. Only reads; nothing at Stripe is changed.`,
  flags: {},
  async run(dues, _, { out, err }) {
    const { text, plans, addOns, notes } = await dues.catalogue.pull()
    out(text.trimEnd())
    const found = [count(plans, 'plan'), ...(Object.keys(addOns).length > 0 ? [count(addOns, 'add-on')] : [])]
    // Beside the text and not in it: the text is on its way into a file.
    err(`Found ${found.join(' and ')}${notes.length > 0 ? `, left out ${notes.length} prices` : ''}.`)
    return 0
  },
}

const count = (of: object, word: string): string => {
  const { length } = Object.keys(of)
  return `${length} ${length === 1 ? word : `${word}s`}`
}
