import { expect, it } from 'vitest'
import { startTestStripe } from '../../testing/client.ts'
import { handlers } from '../resource.ts'

/** A key is told nothing about accounts that are not its own; a summary needs a customer before anything is looked up. */
const answeredOtherwise = ['GET /v1/accounts/{id}', 'GET /v1/billing/meters/{id}/event_summaries']

it('answers 404 whatever is named by a path and is not there', async () => {
  const { local } = await startTestStripe()
  const named = [...handlers.keys()].filter((operation) => /^(GET|DELETE) \/v1\/.*\{/.test(operation))
  expect(named.length).toBeGreaterThan(60)
  const others: string[] = []
  for (const operation of named.filter((operation) => !answeredOtherwise.includes(operation))) {
    const [method = '', path = ''] = operation.split(' ')
    const response = await fetch(local.url + path.replace(/\{\w+\}/g, 'nobody_1'), {
      method,
      headers: { authorization: 'Bearer sk_test_resources' },
    })
    const { error } = (await response.json()) as { error?: { code?: string } }
    if (response.status !== 404 || error?.code !== 'resource_missing') others.push(`${response.status} ${operation}`)
  }
  expect(others).toEqual([])
})
