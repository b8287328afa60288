import { createDues, usd } from 'dues'
import { sendResponse, toNodeHandler, toRequest } from 'dues/node'
import Fastify from 'fastify'

const {
  STRIPE_SECRET_KEY: secretKey = '',
  STRIPE_WEBHOOK_SECRET: webhookSecret = '',
  STRIPE_API_BASE: apiBase,
  DATABASE_URL: database = '',
  PORT: port = '3000',
} = process.env

const dues = createDues({
  stripe: { secretKey, webhookSecret, apiBase },
  database,
  baseUrl: `http://localhost:${port}`,
  // One page is all that there is here.
  paths: { pricing: '/', account: '/', signIn: '/' },
  plans: {
    free: { name: 'Free', features: { export: false } },
    pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { export: true } },
  },
  // Your own session belongs here. This cookie is worth nothing: anybody may write it.
  identify: (request) => {
    const [, id] = /(?:^|; )user=(\w+)/.exec(request.headers.get('cookie') ?? '') ?? []
    return id ? { id } : null
  },
})
// For a try. In production run `npx dues push`, which shows what it changes at Stripe first.
await dues.catalogue.push()
await dues.start()
process.once('SIGTERM', async () => {
  await app.close()
  await dues.stop()
})

// No token against forgery is needed here: Dues refuses a POST that comes from another site.
const home = `<form method="post" action="/billing/checkout">
  <input type="hidden" name="plan" value="pro"><input type="hidden" name="interval" value="monthly">
  <button>Become a member</button>
</form>`
const membersOnly = dues.requirePlan('pro')

const billing = toNodeHandler(dues.handler)

const app = Fastify()
app.get('/', (_, reply) => reply.type('text/html').send(home))
app.register(async (scope) => {
  // Here nobody reads the body before Dues does: what Stripe signs is the very bytes.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _body, done) => done(null))
  scope.all('/billing/*', (request, reply) => {
    reply.hijack()
    return billing(request.raw, reply.raw)
  })
})
app.get('/members', async (request, reply) => {
  const member = await membersOnly(toRequest(request.raw))
  if (!(member instanceof Response)) return `Welcome to ${dues.plans[member.plan].name}.`
  reply.hijack()
  return sendResponse(reply.raw, member)
})

await app.listen({ port: Number(port) })
console.log(`ready http://localhost:${port}`)
