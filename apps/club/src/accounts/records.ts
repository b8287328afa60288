import type { ClubDues } from '../billing.ts'
import type { HistoryLine, InvoiceLine } from '../pages/account.tsx'

/** What a member can look up about the past. */
export type Records = {
  invoices(owner: string): Promise<InvoiceLine[]>
  history(owner: string): Promise<HistoryLine[]>
}

export const createRecords = (_: ClubDues): Records => ({ invoices: async () => [], history: async () => [] })
