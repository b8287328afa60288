import { DuesError } from '../errors.ts'

/** How to mend what keeps us from the database, by SQLSTATE or by Node's error code. */
const mending: Record<string, string> = {
  ECONNREFUSED:
    'Nothing listens there: start the PostgreSQL server, or correct host and port in the connection string.',
  ENOTFOUND: 'The host name is not known: correct the host in the connection string.',
  EAI_AGAIN: 'The host name could not be resolved just now: check the DNS of this machine.',
  ETIMEDOUT: 'The server did not answer in time: check the network, a firewall, and whether the server is overloaded.',
  ECONNRESET: 'The server closed the connection: it may be restarting. The work is tried again.',
  EPIPE: 'The server closed the connection: it may be restarting. The work is tried again.',
  '28P01': 'The password was refused: correct it in the connection string.',
  '28000': 'The user may not sign in: check the user in the connection string and pg_hba.conf.',
  '3D000': 'The database does not exist: create it with `createdb`, or correct its name in the connection string.',
  '42501':
    'The user may not do this: let it create schemas in this database (`grant create on database … to …`), or connect as their owner.',
  '53100': "The server's disk is full: make room on it. The work is tried again.",
  '53200': 'The server has no memory left: give it more, or fewer connections. The work is tried again.',
  '53300': 'The server has no connection left: raise max_connections, or lower the size of the pools that use it.',
  '55P03': 'Somebody holds a lock on a table of Dues: see pg_locks. The work is tried again.',
  '57014':
    'The server took too long: see whether somebody holds a lock on a table of Dues, or whether it is overloaded.',
  '57P01': 'The server is shutting down. The work is tried again when it is back.',
  '57P02': 'The server crashed and is recovering. The work is tried again when it is back.',
  '57P03': 'The server is starting up. The work is tried again in a moment.',
  '25006': 'The server is read-only, so it is a standby: connect to the primary.',
}

const fallback = 'Check that the PostgreSQL server is up and that the connection string leads to it.'

/** Messages of node-postgres and PGlite for a connection that is gone; they carry no code. */
const goneMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'Query read timeout',
  'PGlite is closed',
  'PGlite is closing',
  'Invalid URL',
]

/**
 * Tells a database that cannot be reached from a statement that was refused.
 * The first becomes `database_unavailable` (503: nothing was acknowledged, so Stripe sends it again); the second stays as it is.
 */
export function translate(error: unknown, secrets: readonly string[] = []): unknown {
  if (error instanceof DuesError || !(error instanceof Error)) return error
  const code = codeOf(error)
  // Whole classes: a connection that failed, something of which the server has none left, its disk that fails.
  const outOfReach = /^(08|53|58)/.test(code)
  const gone = goneMessages.some((message) => error.message.includes(message))
  if (!(code in mending) && !outOfReach && !gone) return error
  return new DuesError('database_unavailable', `The database cannot be reached. ${mending[code] ?? fallback}`, {
    cause: withoutSecrets(error, secrets),
    details: code === '' ? {} : { sqlstate: code },
  })
}

/** An AggregateError is what Node throws when a host has several addresses and none answers. */
function codeOf(error: Error & { code?: unknown; errors?: unknown }): string {
  if (typeof error.code === 'string') return error.code
  const first = Array.isArray(error.errors) ? error.errors[0] : undefined
  return first instanceof Error ? codeOf(first) : ''
}

/**
 * An error travels to logs. `Invalid URL` carries the URL, PGlite's errors carry the parameters:
 * a copy keeps the message, the code and the stack, each without a password.
 */
function withoutSecrets(error: Error, secrets: readonly string[]): Error {
  const clean = (text: string) => secrets.reduce((kept, secret) => kept.replaceAll(secret, '•••'), text)
  const copy = new Error(clean(error.message))
  copy.name = error.name
  if (error.stack !== undefined) copy.stack = clean(error.stack)
  return Object.assign(copy, { code: codeOf(error) })
}
