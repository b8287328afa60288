import { channel } from 'node:diagnostics_channel'

/**
 * What happens inside, for whoever subscribes (`node:diagnostics_channel`); nothing is made up where nobody does.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel'
 * subscribe('dues:event', (message) => counter.add(1, message)) // { id, type, outcome, milliseconds }
 */
export type Diagnostics = {
  /** A delivery was answered. */
  'dues:event': { id: string; type: string; outcome: string; milliseconds: number }
  /** An object was asked for at Stripe. */
  'dues:fetch': { kind: string; object: string; ok: boolean; milliseconds: number }
  /** A hook was run; `error` is the message of one that threw. */
  'dues:hook': { transition: string; type: string; error: string | null; milliseconds: number }
  /** A reconcile came to its end. */
  'dues:reconcile': { run: number; compared: number; drifted: number }
}

/** Tells a channel. The message is made only when somebody listens. */
export function tellChannel<Name extends keyof Diagnostics>(name: Name, message: () => Diagnostics[Name]): void {
  const told = channel(name)
  if (told.hasSubscribers) told.publish(message())
}
