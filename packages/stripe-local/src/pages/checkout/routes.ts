import { objectOf } from '../find.ts'
import type { Answer, PageRequest } from '../web/page.ts'
import { type Route, route } from '../web/routes.ts'
import { checkoutPage, overPage } from './view.ts'

/** Hosted Checkout: https://docs.stripe.com/payments/checkout */
export const checkoutRoutes: Route[] = [route('GET /c/pay/{id}', show)]

function show({ host, path }: PageRequest<'id'>): Answer {
  const { account, object: session } = objectOf(host, 'checkout.session', path.id, 'Checkout')
  return session.status === 'open' ? checkoutPage(account, session) : overPage(session)
}
