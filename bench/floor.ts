/**
 * The floor that webhook handlers are measured against: verify, then claim the event's id and upsert one row in one
 * statement. No inbox, no order, no jobs: what anybody would write at first, and the least that could be called safe.
 */
import { createServer } from 'node:http'
import pg from 'pg'
import Stripe from 'stripe'

const { PORT = '0', DATABASE_URL, STRIPE_WEBHOOK_SECRET = '' } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
await pool.query(`create table if not exists floor_event (id text primary key);
  create table if not exists floor_subscription (id text primary key, customer text, status text, price text, period_end bigint)`)

const statement = `with claimed as (insert into floor_event (id) values ($1) on conflict do nothing returning id)
  insert into floor_subscription (id, customer, status, price, period_end) select $2, $3, $4, $5, $6 from claimed
  on conflict (id) do update set customer = excluded.customer, status = excluded.status, price = excluded.price,
    period_end = excluded.period_end`

const server = createServer(async (request, response) => {
  if (request.url === '/health') return response.end('{}')
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  try {
    const header = request.headers['stripe-signature'] ?? ''
    const event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), header, STRIPE_WEBHOOK_SECRET)
    const subscription = event.data.object as Stripe.Subscription
    const item = subscription.items.data[0]
    const values = [
      event.id,
      subscription.id,
      subscription.customer,
      subscription.status,
      item?.price.id,
      item?.current_period_end,
    ]
    await pool.query({ name: 'floor', text: statement, values })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}')
  } catch (error) {
    console.error(error)
    response.writeHead(400).end()
  }
})
server.listen(Number(PORT))
process.once('SIGTERM', () => process.exit(0))
