import type { Account } from '../account.ts'

/** Moves the account's clock on to `to` (Unix seconds); whatever falls due on the way happens in its order, each at its own time. */
export function advance(account: Account, to: number): void {
  account.clock.moveTo(to)
}

/** Lets happen what has fallen due by the account's clock. */
export function runDue(account: Account): void {
  advance(account, account.clock.now())
}
