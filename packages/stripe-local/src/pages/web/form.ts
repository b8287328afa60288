import type { IncomingMessage } from 'node:http'
import { readBody } from '../../protocol/body.ts'
import { PageError } from './page.ts'

/** What a form posted. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw new PageError(415, 'This is not what a form sends', 'Send application/x-www-form-urlencoded, as browsers do.')
  }
  return new URLSearchParams(await readBody(request))
}

/** A field without the blanks around it; an absent one is empty. */
export const field = (form: URLSearchParams, name: string): string => (form.get(name) ?? '').trim()
