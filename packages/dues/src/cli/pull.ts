import type { Command } from './commands.ts'

/** `dues pull` */
export const pull: Command = {
  summary: 'Write what your Stripe account sells as a configuration',
  usage: '> src/plans.ts',
  details: `Prints a module that exports your plans, and the add-ons that Dues pushed: names, prices in all their currencies, and features.
What a configuration cannot say is left out, with a comment. A push of it changes nothing. Only reads; nothing at Stripe is changed.
Exit code 1: the account sells nothing, and nothing was printed.`,
  flags: {},
  async run(dues, _, { out, err }) {
    const { text, plans, addOns, notes } = await dues.catalogue.pull()
    if (Object.keys(plans).length + Object.keys(addOns).length === 0) {
      // No text at all: an empty configuration in the place of somebody's own would only hide what is wrong.
      for (const note of notes) err(`Left out: ${note}`)
      err(nothingSold)
      return 1
    }
    out(text.trimEnd())
    const found = [count(plans, 'plan'), ...(Object.keys(addOns).length > 0 ? [count(addOns, 'add-on')] : [])]
    // Beside the text and not in it: the text is on its way into a file.
    err(`Found ${found.join(' and ')}${notes.length > 0 ? `, left out ${notes.length} prices` : ''}.`)
    return 0
  },
}

const nothingSold = `There is nothing to pull: this Stripe account sells nothing by subscription that a configuration could say.
Write your plans and run \`dues push\`, which makes them at Stripe. If there should be some, look at STRIPE_SECRET_KEY: is it of the right
account and mode?`

const count = (of: object, word: string): string => {
  const { length } = Object.keys(of)
  return `${length} ${length === 1 ? word : `${word}s`}`
}
