import { html } from 'hono/html'
import type { Kinds } from '../../kinds.ts'
import { cancelInPortal, endInPortal, keepInPortal, takeOffer } from '../../portal/subscriptions.ts'
import { offText } from '../checkout/summary.ts'
import { field } from '../web/form.ts'
import { date } from '../web/format.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, type Html, nothing, PageError, type PageRequest, redirect } from '../web/page.ts'
import { allow, portalPath, subscriptionOf, type Visit, visitOf } from './access.ts'
import { afterwards, portalPage } from './frame.ts'
import { amountText, nextText } from './home.ts'

type Subscription = Kinds['subscription']
type Request = PageRequest<'id' | 'subscription'>

/** Stripe's reasons, as customers read them: https://docs.stripe.com/customer-management/cancellation-page */
const reasons: Record<string, string> = {
  customer_service: 'Customer service was less than expected',
  low_quality: 'Quality was less than expected',
  missing_features: 'I need more features',
  other: 'Something else',
  switched_service: 'I found something else',
  too_complex: 'It is harder to use than expected',
  too_expensive: 'It is too expensive',
  unused: 'I do not use it enough',
}

export function showCancel(request: Request): Answer {
  const visit = visitOf(request)
  allow(visit, 'subscription_cancel')
  const subscription = subscriptionOf(visit, request.path.subscription)
  if (subscription.cancel_at !== null) return redirect(portalPath(visit, `subscriptions/${subscription.id}/keep`))
  const feature = visit.configuration.features.subscription_cancel
  const until = date(endInPortal(subscription))
  const { cancellation_reason: asked } = feature
  const body = html`${offerPart(visit, subscription)}<p>${
    feature.mode === 'immediately'
      ? 'It ends at once.'
      : `You keep everything until ${until}. Nothing is charged after that, and until then you can change your mind.`
  }</p>
<form method="post" class="stack">
${
  asked.enabled
    ? html`<fieldset class="stack tight"><legend class="label">Why do you leave? <span class="soft">(optional)</span></legend>
${asked.options.map((option) => html`<label class="check" for="feedback-${option}"><input type="radio" id="feedback-${option}" name="feedback" value="${option}"> ${reasons[option] ?? option}</label>`)}
<div class="field"><label for="comment">Anything else? <span class="soft">(optional)</span></label><textarea id="comment" name="comment" maxlength="500"></textarea></div></fieldset>`
    : nothing
}
<p class="actions"><button class="button danger" type="submit" data-pay="Cancelling…">Cancel subscription</button></p>
</form>`
  return portalPage(visit, 'Cancel your subscription', body, { inner: true })
}

/** What the flow offers to those who stay. Who has a discount already has had an offer. */
function offerOf({ account, session }: Visit, subscription: Subscription): Kinds['coupon'] | undefined {
  const cancel = session.flow?.subscription_cancel
  const id = cancel?.subscription === subscription.id ? cancel.retention?.coupon_offer?.coupon : undefined
  return id && subscription.discounts.length === 0 ? account.find('coupon', id) : undefined
}

function offerPart(visit: Visit, subscription: Subscription): Html {
  const coupon = offerOf(visit, subscription)
  if (!coupon) return nothing
  return html`<section class="card padded stack tight">
<h2>Stay, and pay less</h2>
<p><strong>${offText(coupon, subscription.currency)}</strong>${coupon.name && html` <span class="soft">${coupon.name}</span>`}</p>
<form method="post" action="${portalPath(visit, `subscriptions/${subscription.id}/offer`)}"><button class="button" type="submit" data-pay="Keeping…">Take the offer</button></form>
</section>`
}

/** The offer is taken: nothing is cancelled. */
export function takeOfferInstead(request: Request): Answer {
  const visit = visitOf(request)
  const { account } = visit
  const subscription = subscriptionOf(visit, request.path.subscription)
  const coupon = offerOf(visit, subscription)
  if (!coupon) throw new PageError(410, 'There is no offer (any more)', 'It may have been taken already.')
  account.work(nobody, () => takeOffer(account, subscription.id, coupon.id))
  return afterwards(visit, 'offered')
}

export function cancel(request: Request): Answer {
  const visit = visitOf(request)
  allow(visit, 'subscription_cancel')
  const { account } = visit
  const subscription = subscriptionOf(visit, request.path.subscription)
  const feature = visit.configuration.features.subscription_cancel
  const { options, enabled } = feature.cancellation_reason
  const feedback = field(request.form, 'feedback')
  const reason = {
    feedback: enabled && options.includes(feedback) ? feedback : null,
    comment: enabled ? field(request.form, 'comment').slice(0, 500) || null : null,
  }
  if (subscription.cancel_at === null)
    account.work(nobody, () => cancelInPortal(account, subscription.id, feature, reason))
  return afterwards(visit, 'cancelled')
}

export function showKeep(request: Request): Answer {
  const visit = visitOf(request)
  const subscription = subscriptionOf(visit, request.path.subscription)
  const body = html`<p>${nextText(subscription)}</p>
<p>If you keep it, it goes on as before, at ${amountText(subscription)}.</p>
<form method="post"><p class="actions"><button class="button" type="submit" data-pay="Keeping…">Keep it</button></p></form>`
  return portalPage(visit, 'Keep your subscription', body, { inner: true })
}

export function keep(request: Request): Answer {
  const visit = visitOf(request)
  const subscription = subscriptionOf(visit, request.path.subscription)
  if (subscription.cancel_at !== null) visit.account.work(nobody, () => keepInPortal(visit.account, subscription.id))
  return afterwards(visit, 'kept')
}
