import type { IncomingMessage } from 'node:http'
import { ApiError } from './errors.ts'

const help =
  'See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.'

/**
 * The secret key of a request: `Authorization: Bearer sk_test_…`, or basic auth with the key as the user.
 *
 * Any `sk_test_` or `rk_test_` key is welcome and has an account of its own. A live key is refused: nobody should send
 * one to a program on a laptop.
 */
export function secretKeyOf(request: Pick<IncomingMessage, 'headers'>): string {
  const [scheme, credentials = ''] = (request.headers.authorization ?? '').split(' ')
  const key =
    scheme?.toLowerCase() === 'basic'
      ? (Buffer.from(credentials, 'base64').toString().split(':')[0] ?? '')
      : credentials
  if (!key) {
    throw new ApiError(
      401,
      `You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). ${help}`,
    )
  }
  if (/^(sk|rk)_test_\w{1,200}$/.test(key)) return key
  if (/^pk_/.test(key)) {
    throw new ApiError(
      401,
      'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
      {
        code: 'secret_key_required',
      },
    )
  }
  if (/^(sk|rk)_live_/.test(key)) {
    throw new ApiError(
      401,
      'Stripe Local takes test keys only, and a live key should never leave your servers: use any key that begins with sk_test_.',
    )
  }
  throw new ApiError(401, `Invalid API Key provided: ${masked(key)}`)
}

const masked = (key: string): string =>
  key.length > 12 ? `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}` : '****'
