/**
 * What answering costs on `node:http` alone: a server that reads a form and answers a constant of the size of a customer. It keeps nothing and checks
 * nothing. Whatever answers through `node:http` could not be faster on this machine.
 */
import { createServer } from 'node:http'

/** As long as what Stripe answers for a customer with an e-mail address, printed as Stripe prints it. */
const customer = JSON.stringify({ id: 'cus_bare', object: 'customer', padding: 'x'.repeat(640) }, null, 2)
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(customer) }

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    const form = new URLSearchParams(body)
    response.writeHead(form.has('refused') ? 400 : 200, head).end(customer)
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
