import { createServer } from 'node:http'

/**
 * The smallest server around a library that has none: `POST /webhook` hands on body and signature, `POST /repair` runs what
 * the library has for finding what was lost. An error is 400 where it is about the signature and 500 otherwise.
 */
export function serve({ webhook, repair }) {
  const server = createServer(async (request, response) => {
    if (request.url === '/health') return response.end('{}')
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    try {
      if (request.url === '/repair') await repair()
      else await webhook(Buffer.concat(chunks), request.headers['stripe-signature'])
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}')
    } catch (error) {
      const status = error?.type === 'StripeSignatureVerificationError' ? 400 : 500
      response.writeHead(status, { 'content-type': 'text/plain' }).end(String(error?.message ?? error))
    }
  })
  server.listen(Number(process.env.PORT))
  process.once('SIGTERM', () => process.exit(0))
}
