import type { Account } from '../account.ts'

/** Thrown to undo what a dry run did; caught by the dry run alone. There is one: to make one each time would collect a stack each time. */
const undo = new Error('A dry run was not caught.')

/**
 * Carries something out, undoes all that it did, and answers what it found on the way. So a preview is made by the very code that it
 * previews, and cannot differ from it.
 *
 * @param run gets the account as one that tells of nothing: its events would be undone anyway, and are most of the work
 */
export function dryRun<T>(account: Account, run: (quiet: Account) => T): T {
  let found: { value: T } | undefined
  try {
    account.attempt(() => {
      found = { value: run(quietly(account)) }
      throw undo
    })
  } catch (error) {
    if (error !== undo || !found) throw error
  }
  if (!found) throw new Error('A dry run ended without a result.')
  return found.value
}

/** The same account, without events. */
const quietly = (account: Account): Account =>
  Object.assign(Object.create(account) as Account, {
    emit: () => {},
    change: (_type, kind, id, patch) => account.update(kind, id, patch),
  } satisfies Pick<Account, 'emit' | 'change'>)
