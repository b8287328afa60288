import type { Account } from '../../account.ts'
import { recoverSession } from '../../checkout/expire.ts'
import { refusalOf } from '../../checkout/intents.ts'
import { addOffer, removeOffer } from '../../checkout/optional-items.ts'
import { type Outcome, payCheckout } from '../../checkout/pay.ts'
import { applyPromotionCode, changeQuantity, removeDiscount } from '../../checkout/promotion.ts'
import type { Session } from '../../checkout/session.ts'
import { chooseShipping } from '../../checkout/shipping.ts'
import { ApiError } from '../../protocol/errors.ts'
import { readCard } from '../card-form.ts'
import { objectOf } from '../find.ts'
import { field } from '../web/form.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, type PageRequest, redirect } from '../web/page.ts'
import { type Route, route } from '../web/routes.ts'
import { readEntries } from './entries.ts'
import { filledForm } from './fill.ts'
import { checkoutPage, freshState, overPage, successUrlOf } from './view.ts'

/** Hosted Checkout: https://docs.stripe.com/payments/checkout */
export const checkoutRoutes: Route[] = [
  route('GET /c/pay/{id}', show),
  route('POST /c/pay/{id}', pay),
  route('POST /c/pay/{id}/promotion-code', changeCode),
  route('POST /c/pay/{id}/quantity', setQuantity),
  route('POST /c/pay/{id}/offer', changeOffer),
  route('GET /c/recover/{id}', recover),
]

const sessionOf = ({ host, path }: PageRequest<'id'>): { account: Account; session: Session } => {
  const { account, object } = objectOf(host, 'checkout.session', path.id, 'Checkout')
  return { account, session: object }
}

function show(request: PageRequest<'id'>): Answer {
  const { account, session } = sessionOf(request)
  if (session.status !== 'open') return overPage(session)
  const refusal = request.url.searchParams.has('refused') ? lastRefusal(account, session) : undefined
  return checkoutPage(account, session, { ...freshState, refusal })
}

/** What the customer's bank said after 3D Secure. */
function lastRefusal(account: Account, session: Session): string | undefined {
  const { intent } = account.get('local.checkout', session.id)
  const tried = intent ? (account.find('payment_intent', intent) ?? account.find('setup_intent', intent)) : undefined
  return tried?.status === 'requires_payment_method' ? refusalOf(tried) : undefined
}

/** Pays, once: whoever comes to a session that is over already is led on without another payment. */
function pay(request: PageRequest<'id'>): Answer {
  const { account, session } = sessionOf(request)
  if (session.status !== 'open')
    return lead(account, session, { status: session.status === 'complete' ? 'complete' : 'over' })
  const { form } = request
  if (form.has('fill')) return checkoutPage(account, session, filledForm(form, account.timeOf(session.customer)))
  const chosen = chooseShippingOf(account, session, form)
  if (chosen) return chosen
  const { entered, card, problems } = readEntries(account, session, form)
  if (!entered) return checkoutPage(account, session, { form, card, problems })
  const outcome = account.work(nobody, () => payCheckout(account, session.id, entered))
  if (outcome.status !== 'refused') return lead(account, account.get('checkout.session', session.id), outcome)
  return checkoutPage(account, account.get('checkout.session', session.id), {
    form,
    card,
    problems,
    refusal: outcome.message,
  })
}

/** The customer has chosen another way to ship: the total is shown before it is paid. */
function chooseShippingOf(account: Account, session: Session, form: URLSearchParams): Answer | null {
  const rate = field(form, 'shipping_rate')
  const isOther = rate !== '' && rate !== session.shipping_cost?.shipping_rate
  if (!isOther && !form.has('choose')) return null
  const problem = isOther && problemOf(() => account.work(nobody, () => chooseShipping(account, session.id, rate)))
  const { entry } = readCard(form, account.timeOf(session.customer))
  const refusal =
    problem || (form.has('choose') ? undefined : 'The way to ship has changed the total: look at it before you pay.')
  return checkoutPage(account, account.get('checkout.session', session.id), {
    form,
    card: entry,
    problems: {},
    refusal,
  })
}

/** Where the customer goes next. */
function lead(account: Account, session: Session, outcome: Outcome): Answer {
  if (outcome.status === 'requires_action') return redirect(`/3ds/${outcome.intent}`)
  const to = outcome.status === 'complete' ? successUrlOf(account.get('checkout.session', session.id)) : null
  return to ? redirect(to) : overPage(session)
}

/** A promotion code is put on or taken off, and the total with it. */
function changeCode(request: PageRequest<'id'>): Answer {
  const { account, session } = sessionOf(request)
  if (session.status !== 'open') return overPage(session)
  const typed = field(request.form, 'code')
  if (session.allow_promotion_codes && request.form.has('remove'))
    account.work(nobody, () => removeDiscount(account, session.id))
  else if (typed === '') return checkoutPage(account, session, freshState, { typed, problem: 'Enter a code.' })
  else {
    const problem = problemOf(() => account.work(nobody, () => applyPromotionCode(account, session.id, typed)))
    if (problem) return checkoutPage(account, session, freshState, { typed, problem })
  }
  return redirect(`/c/pay/${session.id}`)
}

function setQuantity(request: PageRequest<'id'>): Answer {
  const { account, session } = sessionOf(request)
  if (session.status !== 'open') return overPage(session)
  const { form } = request
  const problem = problemOf(() =>
    account.work(nobody, () =>
      changeQuantity(account, session.id, field(form, 'item'), Number(field(form, 'quantity'))),
    ),
  )
  return problem
    ? checkoutPage(account, session, { ...freshState, refusal: problem })
    : redirect(`/c/pay/${session.id}`)
}

/** Something that the session offers beside what is bought is put on the order, or taken off again. */
function changeOffer(request: PageRequest<'id'>): Answer {
  const { account, session } = sessionOf(request)
  if (session.status !== 'open') return overPage(session)
  const change = field(request.form, 'do') === 'remove' ? removeOffer : addOffer
  const problem = problemOf(() => account.work(nobody, () => change(account, session.id, field(request.form, 'item'))))
  return problem
    ? checkoutPage(account, session, { ...freshState, refusal: problem })
    : redirect(`/c/pay/${session.id}`)
}

function problemOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof ApiError) return error.message
    throw error
  }
}

/** The link in a mail to somebody who left: a new session in place of the expired one. */
function recover(request: PageRequest<'id'>): Answer {
  const { account, session } = sessionOf(request)
  const again = account.work(nobody, () => recoverSession(account, session.id))
  return again?.url ? redirect(again.url) : overPage(session)
}
