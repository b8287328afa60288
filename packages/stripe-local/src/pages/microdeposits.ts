import { html } from 'hono/html'
import type { Account } from '../account.ts'
import { verifyMicrodeposits } from '../engine/microdeposits.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError } from '../protocol/errors.ts'
import { inputField } from './fields.ts'
import { findObject } from './find.ts'
import { hostedDocument, messageDocument } from './web/document.ts'
import { field } from './web/form.ts'
import { date, money } from './web/format.ts'
import { nobody } from './web/nobody.ts'
import { type Answer, PageError, type PageRequest, page } from './web/page.ts'
import { type Route, route } from './web/routes.ts'

type Intent = Kinds['payment_intent'] | Kinds['setup_intent']

/** Where somebody shows that a bank account is theirs: https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#verify-bank-account */
export const microdepositRoutes: Route[] = [
  route('GET /microdeposit/{intent}', show),
  route('POST /microdeposit/{intent}', verify),
]

function intentOf({ host, path }: PageRequest<'intent'>): { account: Account; intent: Intent } {
  const kind = path.intent.startsWith('seti_') ? 'setup_intent' : 'payment_intent'
  const found = findObject(host, kind, path.intent)
  if (found) return { account: found.account, intent: found.object }
  throw new PageError(
    404,
    'There is nothing to verify here',
    'It may belong to an earlier run. Go back and start again.',
  )
}

function show(request: PageRequest<'intent'>): Answer {
  const { account, intent } = intentOf(request)
  return formPage(account, intent)
}

function formPage(account: Account, intent: Intent, typed = '', problem?: string): Answer {
  const waits = intent.next_action?.verify_with_microdeposits
  if (intent.status !== 'requires_action' || !waits) return overPage(intent)
  const bank = account.find('payment_method', intent.payment_method ?? '')?.us_bank_account
  const body = html`<main id="main" class="message bank" tabindex="-1">
<div class="card padded stack">
<p class="bank-name">Test Bank</p>
<h1>Is it your account?</h1>
<p>A deposit of one cent arrives on ${date(waits.arrival_date)}. Its text begins with SM and ends with a code: enter all six characters.</p>
<dl class="facts"><div><dt>Account</dt><dd>${bank?.bank_name} •••• ${bank?.last4}</dd></div>
${'amount' in intent ? html`<div><dt>To be paid</dt><dd>${money(intent.amount, intent.currency)}</dd></div>` : ''}</dl>
<form method="post" class="stack tight" novalidate>
${inputField({ label: 'Code', name: 'descriptor_code', value: typed, problem, placeholder: 'SM11AA', maxlength: 6, hint: 'Nothing was deposited: SM11AA is right, SM33CC is one try too many, SM44DD comes too late.' })}
<button class="button wide" type="submit" data-pay="Verifying…">Verify</button>
</form>
</div>
</main>`
  return page(hostedDocument('Verify your bank account', body), { status: problem ? 422 : 200 })
}

function verify(request: PageRequest<'intent'>): Answer {
  const { account, intent } = intentOf(request)
  if (intent.status !== 'requires_action') return overPage(intent)
  const descriptor_code = field(request.form, 'descriptor_code').toUpperCase()
  if (descriptor_code === '') return formPage(account, intent, '', 'Enter the code.')
  try {
    return overPage(account.work(nobody, () => verifyMicrodeposits(account, intent, { descriptor_code })))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const now = intentOf(request).intent
    return now.status === 'requires_action' ? formPage(account, now, descriptor_code, error.message) : overPage(now)
  }
}

/** Nothing is asked (any more). */
function overPage(intent: Intent): Answer {
  const verified = ['succeeded', 'processing'].includes(intent.status)
  const error = 'last_payment_error' in intent ? intent.last_payment_error : intent.last_setup_error
  return page(
    messageDocument({
      title: verified ? 'Your account is verified' : 'This account was not verified',
      text: verified ? 'There is nothing more to do here.' : (error?.message ?? 'Nothing was taken from it.'),
      mark: verified
        ? html`<span class="mark good" aria-hidden="true">✓</span>`
        : html`<span class="mark bad" aria-hidden="true">✕</span>`,
    }),
  )
}
