import { html } from 'hono/html'
import { cancelInPortal, endInPortal, keepInPortal } from '../../portal/subscriptions.ts'
import { field } from '../web/form.ts'
import { date } from '../web/format.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, nothing, type PageRequest, redirect } from '../web/page.ts'
import { allow, portalPath, subscriptionOf, visitOf } from './access.ts'
import { afterwards, portalPage } from './frame.ts'
import { amountText, nextText } from './home.ts'

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
  const body = html`<p>${
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
