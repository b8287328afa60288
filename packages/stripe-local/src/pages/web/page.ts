import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { Deliveries } from '../../events/deliver.ts'
import type { RequestLogEntry } from '../../protocol/api.ts'

/** What the hosted pages need of the process around them. */
export type PagesHost = {
  accounts: () => Account[]
  deliveriesOf: (account: Account) => Deliveries
  requests: () => readonly RequestLogEntry[]
  pagesUrl: () => string
  /** Told after the clock or the settings changed, which are no objects: the journal notes them. */
  noteAccount: (account: Account) => void
}

/** HTML that is escaped already: what `html` from hono/html makes. */
export type Html = ReturnType<typeof html>

/** Nothing to show, where a piece of a page may be absent. */
export const nothing: Html = html``

/** What a browser asked for. */
export type PageRequest<Name extends string = string> = {
  host: PagesHost
  url: URL
  /** The values of the path's placeholders. */
  path: Record<Name, string>
  /** What was posted; empty for a GET. */
  form: URLSearchParams
}

/** What a browser gets: a page, the way to another one, or a file. */
export type Answer =
  | { kind: 'page'; status: number; document: Html; leadsOut: boolean }
  | { kind: 'redirect'; to: string }
  | { kind: 'file'; type: string; body: string | Buffer; cache: boolean; name: string | null }

/**
 * A page.
 *
 * @param options.leadsOut a form on it may end at the merchant's own address, by a redirect (see `security.ts`)
 */
export const page = (document: Html, options: { status?: number; leadsOut?: boolean } = {}): Answer => ({
  kind: 'page',
  status: options.status ?? 200,
  document,
  leadsOut: options.leadsOut ?? false,
})

/** Sends the browser elsewhere with a GET, so that a reload does not post again. */
export const redirect = (to: string): Answer => ({ kind: 'redirect', to })

export const file = (
  type: string,
  body: string | Buffer,
  options: { cache?: boolean; name?: string } = {},
): Answer => ({
  kind: 'file',
  type,
  body,
  cache: options.cache ?? false,
  name: options.name ?? null,
})

/** A page that cannot be shown, and what the reader can do about it. */
export class PageError extends Error {
  readonly status: number
  readonly advice: string

  constructor(status: number, message: string, advice: string) {
    super(message)
    this.name = 'PageError'
    this.status = status
    this.advice = advice
  }
}
