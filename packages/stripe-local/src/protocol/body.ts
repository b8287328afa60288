import type { IncomingMessage } from 'node:http'
import { ApiError } from './errors.ts'

const largest = 1024 * 1024

/** The whole body as text. More than 1 MiB, or bytes that are not UTF-8, is a 400. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size <= largest) chunks.push(chunk)
    }
  } catch (error) {
    if (request.complete) throw error
    throw new ApiError(400, 'The connection was closed before the whole request had come. Nothing was done.')
  }
  if (size > largest)
    throw new ApiError(400, 'The request body is larger than 1 MiB, which no request to Stripe needs.')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
  } catch {
    throw new ApiError(400, 'Invalid request: the body is not valid UTF-8.')
  }
}
