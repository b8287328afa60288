import type { WantedAddOns } from '../catalogue/add-ons.ts'
import type { IntervalOf, PaidPlanName, Plans } from '../catalogue/plans.ts'
import type { CheckoutOptions } from '../checkout/types.ts'
import type { Member } from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'
import { type CancelFeedback, type CancelOptions, type ChangeOptions, cancelFeedback } from '../subscriptions/types.ts'
import { type Fields, readFields, readNumbers } from './body.ts'
import { membership } from './membership.ts'
import { ownPath } from './origin.ts'
import { cancelledPage, successPage } from './pages.ts'
import { type PayingNotice, payingRoutes } from './paying.ts'
import { hostPage, html, json, seeOther } from './replies.ts'
import type { MemberCall, MemberRoute } from './types.ts'

/** What the account page is told in `?notice=` after a form: a code of this list and never a text. */
export type Notice =
  | 'switched'
  | 'planned'
  | 'undone'
  | 'paused'
  | 'unpaused'
  | 'back'
  | 'cancelled'
  | 'ended'
  | 'resumed'
  | PayingNotice

/** The routes of somebody who is signed in. A program gets JSON, a form a 303 to a page of the app. */
export function memberRoutes<P extends Plans>(): Readonly<Record<string, MemberRoute<P>>> {
  return {
    '/checkout': { method: 'POST', run: startCheckout },
    '/switch': { method: 'POST', run: switchPlan },
    '/undo-switch': { method: 'POST', run: undoSwitch },
    '/quantity': { method: 'POST', run: setQuantity },
    '/add-ons': { method: 'POST', run: setAddOns },
    '/cancel': { method: 'POST', run: cancel },
    '/pause': { method: 'POST', run: pause },
    '/unpause': { method: 'POST', run: unpause },
    '/come-back': { method: 'POST', run: comeBack },
    '/resume': { method: 'POST', run: resume },
    '/portal': { method: 'POST', run: openPortal },
    '/success': { method: 'GET', run: success },
    '/cancelled': { method: 'GET', run: cancelled },
    '/membership': { method: 'GET', run: membership },
    ...payingRoutes<P>(),
  }
}

async function startCheckout<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { owner, origin, options } = call
  const fields = await readFields(call.request)
  const started = await options.checkout.start({
    owner,
    origin,
    ...planAndInterval<P>(fields),
    ...checkoutOptions(fields),
    ...addOnsOf<P>(fields),
  })
  return call.wantsJson ? json(started) : seeOther(started.url)
}

/** What a form may say. A coupon is not among it: whoever guessed its id would have it. */
function checkoutOptions({ quantity, promotionCode, currency, locale }: Fields): CheckoutOptions {
  return {
    ...(quantity && { quantity: Number(quantity) }),
    ...(promotionCode && { promotionCode }),
    ...(currency && { currency }),
    ...(locale && { locale }),
  }
}

async function switchPlan<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const fields = await readFields(call.request)
  const { plan, interval } = planAndInterval<P>(fields)
  const quantity = fields.quantity ? { quantity: Number(fields.quantity) } : {}
  const options = { ...changeOptions(fields), ...quantity, ...addOnsOf<P>(fields) }
  const member = await call.options.subscriptions.switchTo(call.owner.id, plan, interval, options)
  return done(call, member, member.changesTo?.plan === plan ? 'planned' : 'switched')
}

async function setQuantity<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const fields = await readFields(call.request)
  const quantity = Number(fields.quantity)
  const member = await call.options.subscriptions.setQuantity(call.owner.id, quantity, changeOptions(fields))
  return done(call, member, 'switched')
}

async function setAddOns<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const fields = await readFields(call.request)
  const { addOns } = addOnsOf<P>(fields)
  if (!addOns)
    throw new DuesError('bad_request', 'No add-on is named: send addOns[storage]=2, or {"addOns": {"storage": 2}}.')
  const member = await call.options.subscriptions.setAddOns(call.owner.id, addOns, changeOptions(fields))
  const waits = Object.entries(addOns).some(([name, wanted]) => numberOf(member.addOns, name) !== wanted)
  return done(call, member, waits ? 'planned' : 'switched')
}

/** The names are checked by the catalogue, as those of plans are. */
function addOnsOf<P extends Plans>(fields: Fields): { addOns?: WantedAddOns<P> } {
  const addOns = readNumbers(fields, 'addOns')
  return addOns ? { addOns: addOns as WantedAddOns<P> } : {}
}

const numberOf = (numbers: object, name: string): unknown => (numbers as Record<string, unknown>)[name]

/** Whether a change is prorated and when it is charged is the app's to say, and no field of a form. */
function changeOptions({ when, prorationDate }: Fields): ChangeOptions {
  if (when && when !== 'now' && when !== 'periodEnd') throw new DuesError('bad_request', 'when is now or periodEnd.')
  return {
    ...((when === 'now' || when === 'periodEnd') && { when }),
    ...(prorationDate && { prorationDate: Number(prorationDate) }),
  }
}

async function undoSwitch<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  await readFields(call.request)
  return done(call, await call.options.subscriptions.undoSwitch(call.owner.id), 'undone')
}

/** A name that the catalogue does not have is refused by the catalogue; here it only has to be there. */
function planAndInterval<P extends Plans>({ plan, interval }: Fields) {
  if (!plan || !interval)
    throw new DuesError('bad_request', 'plan and interval are missing: send both, such as plan=pro&interval=monthly.')
  return { plan: plan as PaidPlanName<P>, interval: interval as IntervalOf<P, PaidPlanName<P>> }
}

async function cancel<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const options = cancelOptions(await readFields(call.request))
  const member = await call.options.subscriptions.cancel(call.owner.id, options)
  return done(call, member, member.cancelling() ? 'cancelled' : 'ended')
}

function cancelOptions({ when = 'periodEnd', feedback, comment }: Fields): CancelOptions {
  if (when !== 'periodEnd' && when !== 'now') throw new DuesError('bad_request', 'when is periodEnd or now.')
  // A form's "no answer" is an empty field.
  if (feedback && !isFeedback(feedback))
    throw new DuesError('bad_request', `feedback is one of ${cancelFeedback.join(', ')}, or left out.`)
  if (comment && comment.length > 5000) throw new DuesError('bad_request', 'comment is longer than 5,000 characters.')
  return { when, ...(feedback && isFeedback(feedback) && { feedback }), ...(comment && { comment }) }
}

const isFeedback = (value: string): value is CancelFeedback => cancelFeedback.some((one) => one === value)

async function pause<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  await readFields(call.request)
  return done(call, await call.options.subscriptions.pause(call.owner.id), 'paused')
}

async function unpause<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  await readFields(call.request)
  return done(call, await call.options.subscriptions.unpause(call.owner.id), 'unpaused')
}

async function comeBack<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const fields = await readFields(call.request)
  const { plan, interval } = planAndInterval<P>(fields)
  const options = addOnsOf<P>(fields)
  return done(call, await call.options.subscriptions.comeBack(call.owner.id, plan, interval, options), 'back')
}

async function resume<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  await readFields(call.request)
  return done(call, await call.options.subscriptions.resume(call.owner.id), 'resumed')
}

async function openPortal<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { owner, origin, options } = call
  const { returnTo } = await readFields(call.request)
  const back = ownPath(returnTo, origin) ?? undefined
  if (returnTo && !back) throw new DuesError('bad_request', 'returnTo must be a path of the app, such as /account.')
  const portal = await options.subscriptions.portal(owner.id, { origin, returnTo: back })
  return call.wantsJson ? json(portal) : seeOther(portal.url)
}

async function success<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { request, owner, options } = call
  const { plans, pages, context } = options
  const checkout = await options.checkout.complete(owner, new URL(request.url).searchParams.get('session_id') ?? '')
  if (call.wantsJson) return json(checkout)
  const page = { request, owner, plans, paths: context.paths, checkout, member: checkout.member }
  if (pages.success) return hostPage(await pages.success(page))
  const planName = (checkout.plan && plans[checkout.plan]?.name) ?? 'your plan'
  return html(successPage({ checkout, planName, paths: context.paths }))
}

/** Nothing happens here: the session stays open, and starting again leads back to it. */
async function cancelled<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { request, owner, options } = call
  const { pages, plans, context } = options
  if (call.wantsJson) return json({ charged: false, pricing: context.paths.pricing })
  if (pages.cancelled) return hostPage(await pages.cancelled({ request, owner, plans, paths: context.paths }))
  return html(cancelledPage({ paths: context.paths }))
}

function done<P extends Plans>(call: MemberCall<P>, member: Member<P>, notice: Notice): Response {
  if (call.wantsJson) return json(member)
  const account = new URL(call.options.context.paths.account, call.origin)
  account.searchParams.set('notice', notice)
  return seeOther(account.pathname + account.search)
}
