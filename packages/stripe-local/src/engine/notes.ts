import type { Account } from '../account.ts'
import type { LocalBilling } from '../kinds.ts'

/** What billing remembers of an object: see `LocalBilling`. */
export const notesOf = (account: Account, id: string): LocalBilling =>
  account.find('local.billing', id) ?? { id, object: 'local.billing' }

/** Remembers something more of an object; undefined forgets it. */
export const remember = (account: Account, id: string, patch: Partial<LocalBilling>): LocalBilling =>
  account.insert('local.billing', { ...notesOf(account, id), ...patch })

/** Whether a notice went out for this occasion (a period's end, a due date). */
export const wasSent = (account: Account, id: string, notice: string, occasion: number): boolean =>
  notesOf(account, id).sent?.[notice] === occasion

/** Remembers that a notice went out. */
export const markSent = (account: Account, id: string, notice: string, occasion: number): LocalBilling =>
  remember(account, id, { sent: { ...notesOf(account, id).sent, [notice]: occasion } })
