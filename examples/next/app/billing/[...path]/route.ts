import { dues } from '../../../lib/dues.ts'

// The webhook's bytes and the session's cookie are of one request: nothing here may be answered from a cache.
export const dynamic = 'force-dynamic'
export const GET = dues.handler
export const POST = dues.handler
