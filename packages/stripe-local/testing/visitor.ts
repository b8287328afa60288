/** What a browser without scripts gets. */
export type Visit = { status: number; location: string | null; html: string; headers: Headers }

/** Opens a page. Redirects are shown and not followed. */
export async function open(url: string, headers: Record<string, string> = {}): Promise<Visit> {
  return visitOf(await fetch(url, { headers, redirect: 'manual' }))
}

/** Sends a form. */
export async function submit(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Visit> {
  const body = new URLSearchParams(fields)
  return visitOf(await fetch(url, { method: 'POST', body, headers, redirect: 'manual' }))
}

const visitOf = async (response: Response): Promise<Visit> => ({
  status: response.status,
  location: response.headers.get('location'),
  html: await response.text(),
  headers: response.headers,
})

/** What a reader sees of a page: its text, without the markup. */
export const textOf = (html: string): string =>
  html
    .replace(/<head>[\s\S]*?<\/head>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()

/** The fields of the Checkout form, filled with a card that pays. */
export const withCard = (number: string, more: Record<string, string> = {}): Record<string, string> => ({
  email: 'ada@example.com',
  method: 'card',
  number,
  expiry: '12 / 34',
  cvc: '123',
  name: 'Ada Lovelace',
  billing_country: 'GB',
  billing_postal_code: 'SW1A 1AA',
  ...more,
})
