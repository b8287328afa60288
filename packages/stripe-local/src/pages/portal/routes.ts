import { refusalOf } from '../../checkout/intents.ts'
import type { Kinds } from '../../kinds.ts'
import { payInvoice } from '../../portal/subscriptions.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, PageError, type PageRequest, redirect } from '../web/page.ts'
import { type Route, route } from '../web/routes.ts'
import { portalPath, visitOf } from './access.ts'
import { cancel, keep, showCancel, showKeep, takeOfferInstead } from './cancel.ts'
import { cardAdded, changeCard, saveCard, showNewCard } from './cards.ts'
import { saveDetails, showDetails } from './details.ts'
import { donePage } from './frame.ts'
import { homePage } from './home.ts'
import { confirm, showConfirm, showPlans, stay } from './plan.ts'

/** The customer portal: https://docs.stripe.com/customer-management */
export const portalRoutes: Route[] = [
  route('GET /p/session/{id}', enter),
  route('GET /p/session/{id}/home', (request) => homePage(visitOf(request), request.url.searchParams.get('done'))),
  route('GET /p/session/{id}/done', (request) => donePage(visitOf(request), request.url.searchParams.get('done'))),
  route('GET /p/session/{id}/cards/new', showNewCard),
  route('POST /p/session/{id}/cards/new', saveCard),
  route('GET /p/session/{id}/cards/added', cardAdded),
  route('POST /p/session/{id}/cards/{method}', changeCard),
  route('GET /p/session/{id}/details', showDetails),
  route('POST /p/session/{id}/details', saveDetails),
  route('GET /p/session/{id}/subscriptions/{subscription}/update', showPlans),
  route('GET /p/session/{id}/subscriptions/{subscription}/update/confirm', showConfirm),
  route('POST /p/session/{id}/subscriptions/{subscription}/update/confirm', confirm),
  route('POST /p/session/{id}/subscriptions/{subscription}/stay', stay),
  route('GET /p/session/{id}/subscriptions/{subscription}/cancel', showCancel),
  route('POST /p/session/{id}/subscriptions/{subscription}/cancel', cancel),
  route('POST /p/session/{id}/subscriptions/{subscription}/offer', takeOfferInstead),
  route('GET /p/session/{id}/subscriptions/{subscription}/keep', showKeep),
  route('POST /p/session/{id}/subscriptions/{subscription}/keep', keep),
  route('POST /p/session/{id}/invoices/{invoice}/pay', pay),
]

/** The portal's start, or the form that the session leads to. */
function enter(request: PageRequest<'id'>): Answer {
  const visit = visitOf(request)
  return redirect(portalPath(visit, startOf(visit.session.flow)))
}

function startOf(flow: Kinds['billing_portal.session']['flow']): string {
  switch (flow?.type) {
    case 'customer_update':
      return 'details'
    case 'payment_method_update':
      return 'cards/new'
    case 'subscription_cancel':
      return `subscriptions/${flow.subscription_cancel?.subscription}/cancel`
    case 'subscription_update':
      return `subscriptions/${flow.subscription_update?.subscription}/update`
    case 'subscription_update_confirm':
      return `subscriptions/${flow.subscription_update_confirm?.subscription}/update/confirm`
    default:
      return 'home'
  }
}

/** Pays an open invoice with the card that the customer has by now. */
function pay(request: PageRequest<'id' | 'invoice'>): Answer {
  const visit = visitOf(request)
  const { account, customer } = visit
  const invoice = account.find('invoice', request.path.invoice)
  if (invoice?.customer !== customer.id)
    throw new PageError(404, 'There is no such invoice', 'Go back to see those that there are.')
  if (invoice.status === 'paid') return redirect(portalPath(visit, 'home?done=paid'))
  if (invoice.status !== 'open')
    throw new PageError(410, 'This invoice cannot be paid any more', `It is ${invoice.status}.`)
  const outcome = account.work(nobody, () => payInvoice(account, invoice.id))
  if (outcome.status === 'requires_action' && outcome.intent) {
    return redirect(`/3ds/${outcome.intent.id}?back=${encodeURIComponent(portalPath(visit, 'home'))}`)
  }
  if (outcome.status !== 'failed') return redirect(portalPath(visit, 'home?done=paid'))
  const why = outcome.intent ? refusalOf(outcome.intent) : 'There is no card to pay it with. Add one first.'
  return homePage(visitOf(request), null, why)
}
