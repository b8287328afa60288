import { html } from 'hono/html'
import { alert } from '../fields.ts'
import { hostedDocument } from '../web/document.ts'
import { type Answer, type Html, nothing, page, redirect } from '../web/page.ts'
import { portalPath, type Visit } from './access.ts'

/** What was done, told on the next page. */
const notices: Record<string, string> = {
  switched: 'Your plan has changed.',
  planned: 'Your plan changes at the end of this period.',
  offered: 'Your subscription goes on, for less.',
  stayed: 'Your plan stays as it is.',
  cancelled: 'Your subscription is cancelled.',
  kept: 'Your subscription goes on.',
  card: 'Your card was saved. It is used from now on.',
  'card-default': 'This card is used from now on.',
  'card-removed': 'The card was removed.',
  details: 'Your details were saved.',
  paid: 'Thank you, that is paid.',
}

export const noticeOf = (done: string | null): Html => (done && notices[done] ? alert('good', notices[done]) : nothing)

/** A page of the portal: whose it is, what can be done, and the way back. */
export const portalPage = (
  visit: Visit,
  title: string,
  body: Html,
  options: { status?: number; inner?: boolean } = {},
): Answer =>
  page(
    hostedDocument(
      title,
      html`<div class="portal">
<header>${options.inner ? innerBack(visit) : returnLink(visit)}</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
${legal(visit)}
</div>
<footer class="developer"><a href="/_local/${visit.account.id}/objects/${visit.customer.id}">See this customer in the dashboard</a></footer>`,
    ),
    { status: options.status ?? 200, leadsOut: true },
  )

function returnLink({ session }: Visit): Html {
  if (!session.return_url) return nothing
  return html`<a class="back" href="${session.return_url}"><span aria-hidden="true">←</span> Return to ${new URL(session.return_url).host}</a>`
}

/** Back to the portal's start or, in a flow of its own, to where the customer came from. */
const innerBack = (visit: Visit): Html =>
  visit.session.flow
    ? returnLink(visit)
    : html`<a class="back" href="${portalPath(visit, 'home')}"><span aria-hidden="true">←</span> Back</a>`

function legal({ configuration: { business_profile: profile } }: Visit): Html {
  const { privacy_policy_url: privacy, terms_of_service_url: terms } = profile
  if (!privacy && !terms) return nothing
  return html`<p class="small soft actions">${terms && html`<a href="${terms}">Terms</a>`}${privacy && html`<a href="${privacy}">Privacy</a>`}</p>`
}

/** Where to go when something was done: home, or where the flow says. */
export function afterwards(visit: Visit, done: string): Answer {
  const completion = visit.session.flow?.after_completion
  if (completion?.type === 'redirect' && completion.redirect) return redirect(completion.redirect.return_url)
  if (completion?.type === 'hosted_confirmation') return redirect(`${portalPath(visit, 'done')}?done=${done}`)
  return redirect(`${portalPath(visit, 'home')}?done=${done}`)
}

/** The confirmation at the end of a flow. */
export function donePage(visit: Visit, done: string | null): Answer {
  const message = visit.session.flow?.after_completion.hosted_confirmation?.custom_message
  const { return_url } = visit.session
  return portalPage(
    visit,
    'Done',
    html`<p>${notices[done ?? ''] ?? 'That is done.'}</p>
${message && html`<p>${message}</p>`}
${return_url && html`<p class="actions"><a class="button" href="${return_url}">Return to ${new URL(return_url).host}</a></p>`}`,
    { inner: true },
  )
}
