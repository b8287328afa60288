import { expect, it, onTestFinished, vi } from 'vitest'
import { startStripeLocal } from './index.ts'

vi.mock('./pages/pages.ts', () => {
  throw new Error('the file is gone')
})

it('goes on answering the API when its pages cannot be read', async () => {
  const local = await startStripeLocal()
  onTestFinished(() => local.stop())
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const page = await fetch(local.url)
  expect(page.status).toBe(500)
  expect(await page.text()).toContain('could not be read')
  expect(told).toHaveBeenCalledOnce()
  const answer = await fetch(`${local.url}/v1/customers`, { headers: { authorization: 'Bearer sk_test_a' } })
  expect(answer.status).toBe(200)
})
