import { onTestFinished } from 'vitest'

/** What somebody enters on a page of Stripe's. */
const entered = {
  email: 'ada@example.com',
  method: 'card',
  number: '4242424242424242',
  expiry: '12 / 39',
  cvc: '123',
  name: 'Ada Lovelace',
  billing_country: 'GB',
  billing_postal_code: 'SW1A 1AA',
}

/**
 * Enters a card on a hosted page, as a browser without a face. Answers where the page leads on to.
 *
 * @param more further fields of the page: a country, a postal code, a tax id
 */
export async function enterCard(
  url: string,
  number: string = entered.number,
  more: Record<string, string> = {},
): Promise<string | null> {
  const fields = { ...entered, number, ...more }
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort())
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
    signal: stopping.signal,
  })
  await response.body?.cancel()
  return response.headers.get('location')
}
