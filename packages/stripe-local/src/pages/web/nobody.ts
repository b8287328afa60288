import type { CurrentRequest } from '../../account.ts'

/** What a page does is no request to the API, and its events name none. */
export const nobody: CurrentRequest = { id: null, idempotency_key: null }
