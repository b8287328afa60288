/**
 * A Stripe that knows every member of the benchmark and counts who asks for whom, in a process of its own. `GET /counts` answers how
 * many fetches there were, and how many at most for one member in one second; `DELETE /counts` begins anew.
 */
import { createServer } from 'node:http'
import { eventBody } from './lib/events.ts'

let total = 0
let bySecond = new Map<string, number>()

const server = createServer((request, response) => {
  const path = request.url ?? '/'
  if (path.startsWith('/counts')) {
    const answer = JSON.stringify({ total, mostInOneSecond: Math.max(0, ...bySecond.values()) })
    if (request.method === 'DELETE') {
      total = 0
      bySecond = new Map()
    }
    return response.end(answer)
  }
  const headers = { 'content-type': 'application/json', 'request-id': 'req_bench' }
  const member = /^\/v1\/subscriptions\/sub_bench(\d+)/.exec(path)?.[1]
  if (member === undefined) {
    const url = path.split('?')[0]
    return response.writeHead(200, headers).end(JSON.stringify({ object: 'list', data: [], has_more: false, url }))
  }
  total += 1
  const key = `${member} ${Math.floor(Date.now() / 1000)}`
  bySecond.set(key, (bySecond.get(key) ?? 0) + 1)
  const { data } = JSON.parse(eventBody({ id: 'evt', member: Number(member), created: 0 })) as {
    data: { object: object }
  }
  response.writeHead(200, headers).end(JSON.stringify(data.object))
})
server.listen(Number(process.env.PORT))
process.once('SIGTERM', () => process.exit(0))
