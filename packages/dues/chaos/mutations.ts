import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** A rule of Dues taken away: `from` is in `file` (under packages/dues/src) once, and becomes `to`. */
export type Mutation = { readonly name: string; readonly file: string; readonly from: string; readonly to: string }

/**
 * What the simulation has to notice. `npm run chaos -- --mutations` tries each and says after how many programs it was found; a test sees
 * to it that each still has its place in the source.
 */
export const mutations: readonly Mutation[] = [
  {
    name: 'last-delivery-wins',
    file: 'mirror/order.ts',
    from: "row.as_of_lo) return 'ignore'",
    to: "row.as_of_lo) return 'write'",
  },
  {
    name: 'equal-seconds-by-arrival',
    file: 'mirror/order.ts',
    from: "return snapshot.same() ? 'confirm' : 'fetch'",
    to: "return 'write'",
  },
  {
    name: 'no-ticket-rule',
    file: 'mirror/order.ts',
    from: 'if (row === null || row.ticket < reading.ticket)',
    to: 'if (row === null || row.ticket !== reading.ticket)',
  },
  {
    name: 'no-checkout-reservation',
    file: 'checkout/start.ts',
    from: 'idempotencyKey: `dues-checkout-',
    to: 'idempotencyKey: Math.random() + `dues-checkout-',
  },
  {
    name: 'no-customer-reservation',
    file: 'checkout/customer.ts',
    from: 'idempotencyKey: `dues-customer-',
    to: 'idempotencyKey: Math.random() + `dues-customer-',
  },
  {
    name: 'buys-twice',
    file: 'checkout/already.ts',
    from: 'if (!live) return',
    to: 'if (!live || live) return',
  },
  {
    name: 'switch-without-key',
    file: 'subscriptions/switch.ts',
    from: '[owner, subscription.id,',
    to: '[Math.random(), subscription.id,',
  },
  {
    name: 'hook-key-of-the-write',
    file: 'mirror/transitions.ts',
    from: "record('started', null,",
    to: "record('started', mark,",
  },
  {
    name: 'hooks-forgotten',
    file: 'mirror/commit.ts',
    from: '...hooks',
    to: '...hooks.slice(1)',
  },
  {
    name: 'jobs-outside-the-transaction',
    file: 'jobs/executor.ts',
    from: 'return { rows: await tx.query(text, values) }',
    to: 'return Math.random() < 0.2 ? { rows: [] } : { rows: await tx.query(text, values) }',
  },
  {
    name: 'lost-events-are-not-read',
    file: 'reconcile/events.ts',
    from: 'found += await take(page)',
    to: 'found += page.length',
  },
  {
    name: 'reconcile-mends-nothing',
    file: 'reconcile/reconcile.ts',
    from: ' = await stripe.list(kind, from)',
    to: ' = { value: [] as never[], date: null, hasMore: false }',
  },
  {
    name: 'acknowledged-before-the-disk',
    file: 'engine.ts',
    from: 'const receipt = await inbox.receive(event)',
    to: "const receipt = await Promise.race([inbox.receive(event), new Promise<Receipt>((done) => setTimeout(done, 5, { event: event.id, outcome: 'applied' }))])",
  },
  {
    name: 'signatures-are-not-checked',
    file: 'webhooks/verify.ts',
    from: 'refused = error',
    to: 'return read(payload)',
  },
]

/** Makes a mutation to the source of Dues as it is loaded into this process. */
export function mutate(name: string): void {
  const mutation = mutations.find((one) => one.name === name)
  if (mutation === undefined)
    throw new Error(`There is no mutation ${name}. There are: ${mutations.map((one) => one.name).join(', ')}.`)
  const { from, to } = mutation
  const url = urlOf(mutation)
  registerHooks({
    load(loaded, context, nextLoad) {
      const result = nextLoad(loaded, context)
      return loaded === url ? { ...result, source: String(result.source).replace(from, () => to) } : result
    },
  })
}

const urlOf = ({ file }: Mutation): string => new URL(`../src/${file}`, import.meta.url).href

/** How often what a mutation changes is in the source: once, or it proves nothing. */
export const placesOf = (mutation: Mutation): number =>
  readFileSync(new URL(urlOf(mutation)), 'utf8').split(mutation.from).length - 1
