import { html } from 'hono/html'
import { formatRhythm } from '../../engine/calendar.ts'
import { termsIn } from '../../engine/pricing.ts'
import type { Kinds } from '../../kinds.ts'
import { effectOf, scheduleSwitch, takeBackPlan } from '../../portal/schedule.ts'
import { costToday, type Switch, switchInPortal, switchParams } from '../../portal/subscriptions.ts'
import { ApiError } from '../../protocol/errors.ts'
import { activePromotionCode } from '../../resources/promotion-codes.ts'
import { alert, attributes, inputField } from '../fields.ts'
import { field } from '../web/form.ts'
import { date, money } from '../web/format.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, type Html, nothing, PageError, type PageRequest, redirect } from '../web/page.ts'
import { allow, portalPath, subscriptionOf, type Visit, visitOf } from './access.ts'
import { afterwards, portalPage } from './frame.ts'

type Request = PageRequest<'id' | 'subscription'>
type Subscription = Kinds['subscription']
type Price = Kinds['price']

/** The plans that the configuration offers, the one that the customer has marked. */
export function showPlans(request: Request): Answer {
  const visit = visitOf(request)
  allow(visit, 'subscription_update')
  const subscription = subscriptionOf(visit, request.path.subscription)
  const { account, configuration } = visit
  const [item] = subscription.items.data
  const { products = [], default_allowed_updates: allowed } = configuration.features.subscription_update
  const offered = (products ?? []).flatMap(({ product, prices, adjustable_quantity: adjustable }) =>
    prices.flatMap((id) => {
      const price = account.find('price', id)
      return price?.active && termsIn(price, subscription.currency)
        ? [{ product: account.get('product', product), price, adjustable }]
        : []
    }),
  )
  const choices = allowed.includes('price') ? offered : offered.filter(({ price }) => price.id === item?.price.id)
  const body = html`<form action="${portalPath(visit, `subscriptions/${subscription.id}/update/confirm`)}" class="stack">
<fieldset class="plans"><legend class="sr">Plans</legend>
${choices.map(({ product, price }) => planChoice(product, price, subscription, price.id === item?.price.id))}
</fieldset>
${allowed.includes('quantity') && choices.some(({ adjustable }) => adjustable.enabled) ? inputField({ label: 'Quantity', name: 'quantity', type: 'number', inputmode: 'numeric', value: String(item?.quantity ?? 1) }) : nothing}
${allowed.includes('promotion_code') ? inputField({ label: 'Promotion code', name: 'code', optional: true }) : nothing}
<p class="actions"><button class="button" type="submit">Go on</button></p>
</form>`
  return portalPage(
    visit,
    'Change your plan',
    choices.length === 0 ? html`<p class="empty card">There is no other plan to change to.</p>` : body,
    { inner: true },
  )
}

const planChoice = (product: Kinds['product'], price: Price, subscription: Subscription, current: boolean): Html =>
  html`<label class="plan-choice card" for="price-${price.id}"><input type="radio" id="price-${price.id}" name="price" value="${price.id}"${attributes({ checked: current })}>
<span><strong>${product.name}</strong>${current ? html` <span class="badge">current</span>` : nothing}${product.description && html`<span class="soft small block">${product.description}</span>`}</span>
<span class="amount">${priceText(price, subscription.currency)}</span></label>`

function priceText(price: Price, currency: string): string {
  const amount = termsIn(price, currency)?.unit_amount_decimal
  const rhythm = price.recurring ? formatRhythm(price.recurring) : ''
  const per = rhythm.startsWith('every') ? rhythm : `per ${rhythm}`
  return amount ? `${money(amount, currency)} ${per}` : `by tiers, ${per}`
}

/** What was chosen, if the configuration offers it. */
function choiceOf(visit: Visit, subscription: Subscription, form: URLSearchParams): Switch {
  const { account } = visit
  const confirm = visit.session.flow?.subscription_update_confirm
  const [item] = subscription.items.data
  if (!item) throw new PageError(404, 'There is nothing to change', 'This subscription has no items.')
  if (confirm?.subscription === subscription.id) {
    const [wanted] = confirm.items
    return {
      item: wanted?.id ?? item.id,
      price: wanted?.price ?? item.price.id,
      quantity: wanted?.quantity ?? item.quantity,
      discounts: (confirm.discounts ?? []).map(({ coupon, promotion_code }) =>
        promotion_code ? { promotion_code } : { coupon: coupon ?? '' },
      ),
    }
  }
  const { products = [], default_allowed_updates: allowed } = visit.configuration.features.subscription_update
  const chosen = field(form, 'price')
  const product = products?.find(({ prices }) => prices.includes(chosen))
  if (!product || (!allowed.includes('price') && chosen !== item.price.id)) {
    throw new PageError(400, 'This plan is not offered here', 'Go back and choose one of the plans that are.')
  }
  const { enabled, maximum, minimum } = product.adjustable_quantity
  const typed = Number(field(form, 'quantity') || Number.NaN)
  const adjusts = enabled && allowed.includes('quantity') && Number.isInteger(typed)
  if (adjusts && (typed < minimum || typed > (maximum ?? 999_999))) {
    throw new PageError(
      400,
      'This quantity is not possible',
      `Choose one from ${minimum}${maximum === null ? '' : ` to ${maximum}`}.`,
    )
  }
  const metered = account.get('price', chosen).recurring?.usage_type === 'metered'
  return {
    item: item.id,
    price: chosen,
    quantity: metered ? undefined : adjusts ? typed : (item.quantity ?? 1),
    discounts: discountsOf(visit, allowed, field(form, 'code')),
  }
}

function discountsOf(visit: Visit, allowed: readonly string[], code: string): { promotion_code: string }[] {
  if (code === '' || !allowed.includes('promotion_code')) return []
  const promotion = activePromotionCode(visit.account, code, visit.customer.id)
  if (!promotion) throw new PageError(400, 'This promotion code is invalid', 'Go back and enter another one, or none.')
  return [{ promotion_code: promotion.id }]
}

/** What the switch costs today, before it is made. */
export const showConfirm = (request: Request): Answer => confirmPage(request, request.url.searchParams)

function confirmPage(request: Request, form: URLSearchParams, refusal?: string): Answer {
  const visit = visitOf(request)
  allow(visit, 'subscription_update')
  const subscription = subscriptionOf(visit, request.path.subscription)
  const choice = choiceOf(visit, subscription, form)
  const { account } = visit
  const [item] = subscription.items.data
  const price = account.get('price', choice.price)
  const same = choice.price === item?.price.id && choice.quantity === item?.quantity && !choice.discounts?.length
  if (same && !refusal) return redirect(portalPath(visit, `subscriptions/${subscription.id}/update`))
  const feature = visit.configuration.features.subscription_update
  const at = effectOf(account, subscription, feature, choice)
  const cost = at === null ? costToday(account, subscription, switchParams(subscription, feature, choice)) : null
  const name = account.get('product', price.product).name
  const quantity = choice.quantity !== undefined && choice.quantity > 1 ? ` × ${choice.quantity}` : ''
  const body = html`${refusal && alert('bad', 'Nothing has changed', refusal)}
<dl class="facts card">
<div><dt>New plan</dt><dd><strong>${name}${quantity}</strong></dd></div>
<div><dt>Price</dt><dd>${priceText(price, subscription.currency)}${quantity}</dd></div>
<div><dt>Due today</dt><dd><strong>${cost === null ? money(0, subscription.currency) : money(cost, subscription.currency)}</strong></dd></div>
</dl>
<p class="soft">${at !== null ? `Your plan changes on ${date(at)}, and stays as it is until then.` : cost === null ? 'What it costs more or less until then is settled with the next invoice.' : 'What you have paid for the rest of this period is taken into account.'} ${subscription.trial_end && subscription.trial_end > account.now ? `The trial was to end on ${date(subscription.trial_end)}.` : ''}</p>
<form method="post">${['price', 'quantity', 'code'].map((key) => html`<input type="hidden" name="${key}" value="${field(form, key)}">`)}
<p class="actions"><button class="button" type="submit" data-pay="Changing…">${cost ? `Confirm and pay ${money(cost, subscription.currency)}` : 'Confirm'}</button></p></form>`
  return portalPage(visit, 'Confirm the change', body, { inner: true, status: refusal ? 422 : 200 })
}

export function confirm(request: Request): Answer {
  const visit = visitOf(request)
  allow(visit, 'subscription_update')
  const { account } = visit
  const subscription = subscriptionOf(visit, request.path.subscription)
  const choice = choiceOf(visit, subscription, request.form)
  const feature = visit.configuration.features.subscription_update
  const params = switchParams(subscription, feature, choice)
  try {
    if (effectOf(account, subscription, feature, choice) !== null) {
      account.work(nobody, () =>
        account.atTimeOf(subscription.customer, () => scheduleSwitch(account, subscription, choice)),
      )
      return afterwards(visit, 'planned')
    }
    const switched = account.work(nobody, () => {
      const made = switchInPortal(account, subscription.id, params)
      if (made.status !== 'refused') takeBackPlan(account, account.get('subscription', subscription.id))
      return made
    })
    if (switched.status === 'done') return afterwards(visit, 'switched')
    if (switched.status === 'refused') return confirmPage(request, request.form, switched.message)
    return redirect(`/3ds/${switched.intent}?back=${encodeURIComponent(portalPath(visit, 'home?done=switched'))}`)
  } catch (error) {
    if (error instanceof ApiError) return confirmPage(request, request.form, error.message)
    throw error
  }
}

/** A planned switch is taken back. */
export function stay(request: Request): Answer {
  const visit = visitOf(request)
  allow(visit, 'subscription_update')
  const { account } = visit
  const subscription = subscriptionOf(visit, request.path.subscription)
  account.work(nobody, () => account.atTimeOf(subscription.customer, () => takeBackPlan(account, subscription)))
  return afterwards(visit, 'stayed')
}
