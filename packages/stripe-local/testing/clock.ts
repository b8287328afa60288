import type { StripeLocal } from '../src/index.ts'

/** Moves the clock of a test's account on; what falls due on the way has happened when it resolves. */
export async function moveClock(
  local: StripeLocal,
  by: { months?: number; days?: number; seconds?: number },
): Promise<void> {
  const response = await fetch(`${local.url}/_local/clock`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_resources' },
    body: JSON.stringify(by),
  })
  if (!response.ok) throw new Error(await response.text())
}
