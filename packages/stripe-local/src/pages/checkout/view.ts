import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { Session } from '../../checkout/session.ts'
import { emptyCard } from '../card-form.ts'
import { hostedDocument, messageDocument } from '../web/document.ts'
import { type Answer, type Html, page } from '../web/page.ts'
import { type FormState, payForm } from './form.ts'
import { summary } from './summary.ts'
import { wordsOf } from './words.ts'

/** A form that nothing was typed into yet. */
export const freshState: FormState = { form: new URLSearchParams(), card: emptyCard, problems: {} }

/** The hosted Checkout of an open session. */
export function checkoutPage(
  account: Account,
  session: Session,
  state: FormState = freshState,
  code: { typed: string; problem?: string } = { typed: '' },
): Answer {
  const words = wordsOf(account, session)
  const wrong = state.refusal !== undefined || Object.keys(state.problems).length > 0 || code.problem !== undefined
  const body = html`<main id="main" class="checkout" tabindex="-1">
${summary(account, session, words, code)}
${payForm(account, session, words, state)}
</main>
${developerLine(account, session)}`
  return page(hostedDocument(words.title, body), { leadsOut: true, status: wrong ? 422 : 200 })
}

/** For the developer, who wants to see what there is behind the page. */
const developerLine = (account: Account, session: Session): Html =>
  html`<footer class="developer"><a href="/_local/${account.id}/objects/${session.id}">See this session in the dashboard</a></footer>`

/** What is shown where a session is over. */
export function overPage(session: Session): Answer {
  const back = session.status === 'complete' ? successUrlOf(session) : cancelUrlOf(session)
  const action = back ? html`<a class="button" href="${back}">Go to ${new URL(back).host}</a>` : undefined
  if (session.status === 'complete') {
    const title =
      session.mode === 'setup'
        ? 'This is done'
        : session.payment_status === 'unpaid'
          ? 'Your payment is on its way'
          : 'This has been paid'
    const text = 'You have completed this Checkout. It cannot be used, or charged, a second time.'
    return page(
      messageDocument({ title, text, action, mark: html`<span class="mark good" aria-hidden="true">✓</span>` }),
    )
  }
  const recovery = session.after_expiration?.recovery
  const again =
    recovery?.enabled && recovery.url ? html`<a class="button" href="${recovery.url}">Start again</a>` : action
  return page(
    messageDocument({
      title: 'This Checkout has expired',
      text: 'Nothing was charged. Go back to where you came from to start a new one.',
      action: again,
      mark: html`<span class="mark wait" aria-hidden="true">…</span>`,
    }),
    { status: 410 },
  )
}

/** Where the customer goes after paying. The placeholder is replaced wherever it stands. */
export const successUrlOf = (session: Session): string | null =>
  (session.success_url ?? session.return_url ?? null)?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null

export const cancelUrlOf = (session: Session): string | null =>
  session.cancel_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null
