import { channel } from 'node:diagnostics_channel'

/**
 * What happens inside, for whoever subscribes (`node:diagnostics_channel`); nothing is made up where nobody does. docs/observability.md
 * has them all in a table.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel'
 * subscribe('dues:event', (message) => counter.add(1, message)) // { id, type, outcome, milliseconds }
 */
export type Diagnostics = {
  /** A delivery was answered, or an event that no delivery brought was taken. `outcome`: applied, waiting, duplicate, dead. */
  'dues:event': { id: string; type: string; outcome: string; milliseconds: number }
  /** A delivery was refused before anybody looked into it. `code`: signature_invalid, payload_invalid. */
  'dues:refused': { code: string }
  /** An object was asked for at Stripe. */
  'dues:fetch': { kind: string; object: string; ok: boolean; milliseconds: number }
  /** A hook was run; `error` is the message of one that threw. */
  'dues:hook': { transition: string; type: string; error: string | null; milliseconds: number }
  /** A reconcile came to its end. */
  'dues:reconcile': { run: number; compared: number; drifted: number }
  /** Stripe is taken to be down (`open`), is tried again (`probing`), or is back (`closed`). */
  'dues:breaker': { state: 'open' | 'probing' | 'closed' }
  /** A membership was asked for: remembered (`hit`), read (`miss`), or read because the cache cannot be believed (`off`). */
  'dues:cache': { outcome: 'hit' | 'miss' | 'off' }
  /** Whether this process hears of what others change. */
  'dues:listen': { listening: boolean }
}

/** Tells a channel. The message is made only when somebody listens. */
export type Tell = <Name extends keyof Diagnostics>(name: Name, message: () => Diagnostics[Name]) => void

/** Hears everything that one Dues tells. */
export type Observe = <Name extends keyof Diagnostics>(name: Name, message: Diagnostics[Name]) => void

/**
 * Makes what tells the channels. They belong to the process; an observer hears this one Dues alone, so that the metrics of two accounts in
 * one process are not mixed up.
 */
export function createTell(observe?: Observe): Tell {
  return (name, message) => {
    const told = channel(name)
    if (!told.hasSubscribers && observe === undefined) return
    const made = message()
    observe?.(name, made)
    if (told.hasSubscribers) told.publish(made)
  }
}

/** Tells the channels and nobody else. */
export const tellChannels: Tell = createTell()
