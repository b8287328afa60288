import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Account } from '../account.ts'
import type { Deliveries } from '../events/deliver.ts'
import type { RequestLogEntry } from '../protocol/api.ts'

/** What the hosted pages need of the process around them. */
export type PagesHost = {
  accounts: () => Account[]
  deliveriesOf: (account: Account) => Deliveries
  requests: () => readonly RequestLogEntry[]
  pagesUrl: () => string
}

/** Answers what a browser asks for: hosted Checkout, 3D Secure, portal, invoices and the dashboard. */
export async function answerPage(_host: PagesHost, _request: IncomingMessage, response: ServerResponse): Promise<void> {
  response
    .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    .end('There is no such page on Stripe Local.\n')
}
