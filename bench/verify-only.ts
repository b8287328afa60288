/**
 * The ceiling that webhook handlers are measured under: verify, and answer. It keeps nothing, and is no handler: what a handler does beside
 * this, its database included, has to fit into the time that is left to this one.
 */
import { createServer } from 'node:http'
import Stripe from 'stripe'

const { PORT = '0', STRIPE_WEBHOOK_SECRET = '' } = process.env

const server = createServer(async (request, response) => {
  if (request.url === '/health') return response.end('{}')
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  try {
    const header = request.headers['stripe-signature'] ?? ''
    Stripe.webhooks.constructEvent(Buffer.concat(chunks), header, STRIPE_WEBHOOK_SECRET)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}')
  } catch (error) {
    console.error(error)
    response.writeHead(400).end()
  }
})
server.listen(Number(PORT))
process.once('SIGTERM', () => process.exit(0))
