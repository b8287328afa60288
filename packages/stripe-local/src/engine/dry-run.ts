import type { Account } from '../account.ts'

/** Thrown to undo what a dry run did; caught by the dry run alone. */
class Undo extends Error {}

/**
 * Carries something out, undoes all that it did, and answers what it found on the way. So a preview is made by the very code that it
 * previews, and cannot differ from it.
 */
export function dryRun<T>(account: Account, run: () => T): T {
  let found: { value: T } | undefined
  try {
    account.attempt(() => {
      found = { value: run() }
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo) || !found) throw error
  }
  if (!found) throw new Error('A dry run ended without a result.')
  return found.value
}
