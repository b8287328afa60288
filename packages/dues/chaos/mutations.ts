import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** A place of the source: `from` is in `file` (under packages/dues/src) once, and becomes `to`. */
export type Edit = { readonly file: string; readonly from: string; readonly to: string }

/** A promise of Dues taken away: at one place, or at all that keep it. */
export type Mutation = { readonly name: string; readonly edits: readonly Edit[] }

/**
 * What is taken away to see whether the simulation notices. `npm run chaos -- --mutations` tries each and says after how many programs it was
 * found; a test sees to it that each still has its places in the source.
 *
 * On 2026-11-24, seeds from 1, up to 300 programs each, the number of the program that noticed: last-delivery-wins 5,
 * equal-seconds-by-arrival 3, no-ticket-rule 21, no-checkout-reservation 65, no-customer-reservation 1, buys-twice 2, switch-without-key 24,
 * come-back-without-key 4, hook-key-of-the-write 1, hooks-forgotten 1, jobs-outside-the-transaction 1, lost-events-are-not-read 9,
 * reconcile-mends-nothing 84, acknowledged-before-the-disk 7, signatures-are-not-checked 1. It differs from run to run: what happens at once is
 * not repeated to the millisecond.
 */
export const mutations: readonly Mutation[] = [
  {
    name: 'last-delivery-wins',
    edits: [
      {
        file: 'mirror/order.ts',
        from: "row.as_of_lo) return 'ignore'",
        to: "row.as_of_lo) return 'write'",
      },
    ],
  },
  {
    name: 'equal-seconds-by-arrival',
    edits: [
      {
        file: 'mirror/order.ts',
        from: "return snapshot.same() ? 'confirm' : 'fetch'",
        to: "return 'write'",
      },
    ],
  },
  {
    name: 'no-ticket-rule',
    edits: [
      {
        file: 'mirror/order.ts',
        from: 'if (row === null || row.ticket < reading.ticket)',
        to: 'if (row === null || row.ticket !== reading.ticket)',
      },
    ],
  },
  {
    name: 'no-checkout-reservation',
    edits: [
      {
        file: 'checkout/start.ts',
        from: 'idempotencyKey: `dues-checkout-',
        to: 'idempotencyKey: Math.random() + `dues-checkout-',
      },
    ],
  },
  {
    name: 'no-customer-reservation',
    edits: [
      {
        file: 'checkout/customer.ts',
        from: 'idempotencyKey: `dues-customer-',
        to: 'idempotencyKey: Math.random() + `dues-customer-',
      },
    ],
  },
  {
    name: 'buys-twice',
    edits: [
      {
        file: 'checkout/already.ts',
        from: 'if (!live) return',
        to: 'if (!live || live) return',
      },
    ],
  },
  {
    // The key alone is not missed: the second of two equal updates changes nothing and Stripe charges nothing for it (equivalent.test.ts).
    // So the other net goes, too: each update begins a new period, which gives nothing back.
    name: 'switch-without-key',
    edits: [
      { file: 'subscriptions/switch.ts', from: '[owner, subscription.id,', to: '[Math.random(), subscription.id,' },
      {
        file: 'subscriptions/switch.ts',
        from: '...(anchor && { billing_cycle_anchor: { type: anchor } })',
        to: "...(subscription.status === 'active' && { billing_cycle_anchor: { type: 'now' } })",
      },
      { file: 'subscriptions/switch.ts', from: 'proration_behavior: proration', to: "proration_behavior: 'none'" },
      {
        file: 'subscriptions/switch.ts',
        from: "...(proration !== 'none' && { proration_date: prorationDate }),",
        to: '',
      },
    ],
  },
  {
    name: 'come-back-without-key',
    edits: [
      {
        file: 'subscriptions/come-back.ts',
        from: 'idempotencyKey: `dues-come-back-',
        to: 'idempotencyKey: Math.random() + `dues-come-back-',
      },
    ],
  },
  {
    name: 'hook-key-of-the-write',
    edits: [
      {
        file: 'mirror/transitions.ts',
        from: "record('started', null,",
        to: "record('started', mark,",
      },
    ],
  },
  {
    name: 'hooks-forgotten',
    edits: [
      {
        file: 'mirror/commit.ts',
        from: '...hooks',
        to: '...hooks.slice(1)',
      },
    ],
  },
  {
    name: 'jobs-outside-the-transaction',
    edits: [
      {
        file: 'jobs/executor.ts',
        from: 'return { rows: await tx.query(text, values) }',
        to: 'return Math.random() < 0.2 ? { rows: [] } : { rows: await tx.query(text, values) }',
      },
    ],
  },
  {
    name: 'lost-events-are-not-read',
    edits: [
      {
        file: 'reconcile/events.ts',
        from: 'found += await take(page)',
        to: 'found += page.length',
      },
    ],
  },
  {
    name: 'reconcile-mends-nothing',
    edits: [
      {
        file: 'reconcile/reconcile.ts',
        from: ' = await stripe.list(kind, from)',
        to: ' = { value: [] as never[], date: null, hasMore: false }',
      },
    ],
  },
  {
    name: 'acknowledged-before-the-disk',
    edits: [
      {
        file: 'engine.ts',
        from: 'const receipt = await inbox.receive(event)',
        to: "const receipt = await Promise.race([inbox.receive(event), new Promise<Receipt>((done) => setTimeout(done, 5, { event: event.id, outcome: 'applied' }))])",
      },
    ],
  },
  {
    name: 'signatures-are-not-checked',
    edits: [
      {
        file: 'webhooks/verify.ts',
        from: 'refused = error',
        to: 'return read(payload)',
      },
    ],
  },
]

/** Makes a mutation to the source of Dues as it is loaded into this process. */
export function mutate(name: string): void {
  const mutation = mutations.find((one) => one.name === name)
  if (mutation === undefined)
    throw new Error(`There is no mutation ${name}. There are: ${mutations.map((one) => one.name).join(', ')}.`)
  registerHooks({
    load(loaded, context, nextLoad) {
      const result = nextLoad(loaded, context)
      const here = mutation.edits.filter((edit) => urlOf(edit) === loaded)
      if (here.length === 0) return result
      const source = here.reduce((text, { from, to }) => text.replace(from, () => to), String(result.source))
      return { ...result, source }
    },
  })
}

const urlOf = ({ file }: Edit): string => new URL(`../src/${file}`, import.meta.url).href

/** How often what a mutation changes is in the source: once at each place, or it proves nothing. */
export const placesOf = ({ edits }: Mutation): number[] =>
  edits.map((edit) => readFileSync(new URL(urlOf(edit)), 'utf8').split(edit.from).length - 1)
