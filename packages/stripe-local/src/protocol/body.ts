import type { IncomingMessage } from 'node:http'
import type { WholeRequest } from '../whole-requests.ts'
import { ApiError } from './errors.ts'

const largest = 1024 * 1024
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The whole body as text. More than 1 MiB, or bytes that are not UTF-8, is a 400. */
export async function readBody(request: IncomingMessage | WholeRequest): Promise<string> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  if ((length === undefined || length === '0') && coding === undefined) return ''
  const bytes = 'body' in request ? request.body : await readBytes(request)
  try {
    return utf8.decode(bytes)
  } catch {
    throw new ApiError(400, 'Invalid request: the body is not valid UTF-8.')
  }
}

/** By the stream's events: an iterator over it costs as much as all the checks of a small request. */
const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      // What is too much is let through to its end, so that whoever sends it hears the answer.
      if (size <= largest) chunks.push(chunk)
    })
    request.on('end', () => {
      if (size > largest)
        reject(new ApiError(400, 'The request body is larger than 1 MiB, which no request to Stripe needs.'))
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    })
    request.on('close', () => {
      if (request.complete) return
      reject(new ApiError(400, 'The connection was closed before the whole request had come. Nothing was done.'))
    })
    request.on('error', (error) => {
      if (request.complete) reject(error)
    })
  })
