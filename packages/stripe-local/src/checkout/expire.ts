import type { Account } from '../account.ts'
import type { Session } from './session.ts'

/** How long the link to a new session, which recovers an expired one, is good for. */
const recoveryDays = 30

/**
 * Ends an open session: nobody can pay with it any more, and the intent that was tried is canceled.
 *
 * https://docs.stripe.com/api/checkout/sessions/expire
 */
export function expireSession(account: Account, id: string): Session {
  const session = account.get('checkout.session', id)
  const recovery = session.after_expiration?.recovery
  const expired = account.update('checkout.session', id, {
    status: 'expired',
    url: null,
    ...(recovery?.enabled && {
      after_expiration: {
        recovery: {
          ...recovery,
          expires_at: account.now + recoveryDays * 86_400,
          url: `${account.pagesUrl}/c/recover/${id}`,
        },
      },
    }),
  })
  account.emit('checkout.session.expired', expired)
  return expired
}
