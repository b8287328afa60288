import { html } from 'hono/html'
import type { Account } from '../account.ts'
import { completeAuthentication } from '../engine/payments.ts'
import type { Kinds } from '../kinds.ts'
import { finishAddingCard } from '../portal/payment-methods.ts'
import { methodName } from './card-form.ts'
import { successUrlOf } from './checkout/view.ts'
import { findObject } from './find.ts'
import { hostedDocument, messageDocument } from './web/document.ts'
import { money } from './web/format.ts'
import { nobody } from './web/nobody.ts'
import { type Answer, PageError, type PageRequest, type PagesHost, page, redirect } from './web/page.ts'
import { type Route, route } from './web/routes.ts'

type Intent = Kinds['payment_intent'] | Kinds['setup_intent']

/** What a bank asks its customer: https://docs.stripe.com/payments/3d-secure */
export const threeDSecureRoutes: Route[] = [route('GET /3ds/{intent}', show), route('POST /3ds/{intent}', decide)]

function intentOf(host: PagesHost, id: string): { account: Account; intent: Intent } {
  const found = findObject(host, id.startsWith('seti_') ? 'setup_intent' : 'payment_intent', id)
  if (found) return { account: found.account, intent: found.object }
  throw new PageError(
    404,
    'There is nothing to approve here',
    'It may belong to an earlier run. Go back and pay again.',
  )
}

function show({ host, path, url }: PageRequest<'intent'>): Answer {
  const { account, intent } = intentOf(host, path.intent)
  const back = url.searchParams.get('back') ?? ''
  if (intent.status !== 'requires_action') return decided(account, intent, back)
  const method = intent.payment_method ? account.find('payment_method', intent.payment_method) : undefined
  const asks =
    'amount' in intent
      ? html`Do you approve the payment of <strong>${money(intent.amount, intent.currency)}</strong>?`
      : 'Do you allow this card to be kept for later payments?'
  const body = html`<main id="main" class="message bank" tabindex="-1">
<div class="card padded stack">
<div class="between"><p class="bank-name">Test Bank</p><p class="soft small">3D Secure</p></div>
<h1>Is it you?</h1>
<p>${asks}</p>
<dl class="facts"><div><dt>Shop</dt><dd>${shopOf(account, intent)}</dd></div>
${method ? html`<div><dt>Paid with</dt><dd>${methodName(method)}</dd></div>` : ''}</dl>
<form method="post" class="stack tight">
<input type="hidden" name="back" value="${back}">
<button class="button wide" name="decision" value="approve" type="submit" data-pay="Approving…">Approve</button>
<button class="button quiet wide" name="decision" value="refuse" type="submit" data-pay="Refusing…">Refuse</button>
</form>
<p class="soft small">A real bank would ask for a code here. This one believes you.</p>
</div>
</main>`
  return page(hostedDocument('Approve this payment', body), { leadsOut: true })
}

/** Who asks for the money, as the customer knows them. */
function shopOf(account: Account, intent: Intent): string {
  const session = sessionOf(account, intent)
  return session?.branding_settings?.display_name ?? 'Stripe Local'
}

function sessionOf(account: Account, intent: Intent): Kinds['checkout.session'] | undefined {
  const [checkout] = account.store.by('local.checkout', 'intent', intent.id)
  return checkout && account.find('checkout.session', checkout.id)
}

function decide({ host, path, form }: PageRequest<'intent'>): Answer {
  const { account, intent } = intentOf(host, path.intent)
  const back = form.get('back') ?? ''
  if (intent.status !== 'requires_action') return decided(account, intent, back)
  const approved = form.get('decision') === 'approve'
  const after = account.work(nobody, () => {
    const done = completeAuthentication(account, intent.id, approved)
    if (done.object === 'setup_intent' && back.startsWith('/p/session/')) finishAddingCard(account, done)
    return done
  })
  const to = wayBack(account, intent, after, back)
  return to ? redirect(to) : decided(account, after, back)
}

/** Where the customer came from: a page of ours, a Checkout, or the address that the merchant gave. */
function wayBack(account: Account, before: Intent, after: Intent, back: string): string | null {
  if (/^\/(?!\/)/.test(back)) return back
  const session = sessionOf(account, after)
  if (session) {
    return session.status === 'complete' ? successUrlOf(session) : `/c/pay/${session.id}?refused`
  }
  const returnUrl = before.next_action?.redirect_to_url?.return_url
  if (returnUrl) {
    const to = new URL(returnUrl)
    to.searchParams.set(after.object, after.id)
    to.searchParams.set(`${after.object}_client_secret`, after.client_secret ?? '')
    to.searchParams.set('redirect_status', hasWorked(after) ? 'succeeded' : 'failed')
    return to.toString()
  }
  const [payment] = account.store.by('invoice_payment', 'payment_intent', after.id)
  return payment ? `/i/${account.id}/${payment.invoice}` : null
}

const hasWorked = (intent: Intent): boolean => ['succeeded', 'processing', 'requires_capture'].includes(intent.status)

/** Nothing is asked (any more): it was approved or refused before, perhaps in another tab. */
function decided(account: Account, intent: Intent, back: string): Answer {
  const to = wayBack(account, intent, intent, back)
  const worked = hasWorked(intent)
  return page(
    messageDocument({
      title: worked ? 'Approved' : intent.status === 'canceled' ? 'This is not waited for any more' : 'Not approved',
      text: worked ? 'There is nothing more to do here.' : 'Nothing was charged.',
      action: to ? html`<a class="button" href="${to}">Go on</a>` : undefined,
      mark: worked
        ? html`<span class="mark good" aria-hidden="true">✓</span>`
        : html`<span class="mark bad" aria-hidden="true">✕</span>`,
    }),
  )
}
