import { createDues, usd } from 'dues'
import { sendResponse, toNodeHandler, toRequest } from 'dues/node'
import express from 'express'

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
  server.close()
  await dues.stop()
})

// No token against forgery is needed here: Dues refuses a POST that comes from another site.
const home = `<form method="post" action="/billing/checkout">
  <input type="hidden" name="plan" value="pro"><input type="hidden" name="interval" value="monthly">
  <button>Become a member</button>
</form>`
const membersOnly = dues.requirePlan('pro')

const app = express()
app.get('/', (_, res) => res.send(home))
// Before any body parser: what Stripe signs is the very bytes.
app.all('/billing/*path', toNodeHandler(dues.handler))
app.use(express.json())
app.get('/members', async (req, res) => {
  const member = await membersOnly(toRequest(req))
  if (member instanceof Response) return sendResponse(res, member)
  res.send(`Welcome to ${dues.plans[member.plan].name}.`)
})

const server = app.listen(Number(port), () => console.log(`ready http://localhost:${port}`))
