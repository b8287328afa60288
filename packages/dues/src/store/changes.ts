/** Where the database tells whose membership has changed, to every process on it. Fixed, for triggers cannot ask. */
export const changesChannel = 'dues_membership'

/** What is heard there: owners whose membership has changed (`all`: anybody's may have), or a sign of life of some process. */
export type Change = { readonly owners: readonly string[] | 'all' } | { readonly sign: string }

/** A sign of life, sent to oneself: when it is heard, all that was told before it has been heard. */
export const signOf = (process: string, n: number): string => `sign ${process} ${n}`

/** Reads a message. One that cannot be read is taken to mean everybody: to forget too much is safe. */
export function readChange(payload: string): Change {
  if (payload.startsWith('sign ')) return { sign: payload }
  if (!payload.startsWith('[')) return { owners: 'all' }
  try {
    const owners: unknown = JSON.parse(payload)
    return Array.isArray(owners) ? { owners: owners.map(String) } : { owners: 'all' }
  } catch {
    return { owners: 'all' }
  }
}
