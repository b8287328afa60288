import { html } from 'hono/html'
import { refusalOf } from '../../checkout/intents.ts'
import { detachPaymentMethod } from '../../engine/payment-methods.ts'
import { addCard, makeDefault } from '../../portal/payment-methods.ts'
import { type CardEntry, cardFields, emptyCard, filledCard, readCard, whoever } from '../card-form.ts'
import { alert, inputField, type Problems } from '../fields.ts'
import { field } from '../web/form.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, PageError, type PageRequest, redirect } from '../web/page.ts'
import { allow, portalPath, type Visit, visitOf } from './access.ts'
import { afterwards, portalPage } from './frame.ts'

type State = { card: CardEntry; name: string; problems: Problems; refusal?: string | undefined }

export function showNewCard(request: PageRequest<'id'>): Answer {
  const visit = visitOf(request)
  allow(visit, 'payment_method_update')
  const refused = request.url.searchParams.has('refused')
  const refusal = refused ? 'Your bank did not approve the card. Choose another one, or try again.' : undefined
  return cardPage(visit, { card: emptyCard, name: visit.customer.name ?? '', problems: {}, refusal })
}

function cardPage(visit: Visit, { card, name, problems, refusal }: State): Answer {
  const body = html`<p>It becomes the card that your subscriptions are paid with.</p>
${refusal && alert('bad', 'That did not go through', refusal)}
<form method="post" class="card padded stack" novalidate>
${cardFields(card, problems, visit.account.timeOf(visit.customer.id))}
${inputField({ label: 'Name on the card', name: 'name', value: name, autocomplete: 'cc-name', problem: problems.name, placeholder: whoever.name })}
<p class="actions"><button class="button" type="submit" data-pay="Saving…">Save the card</button></p>
</form>`
  const wrong = refusal !== undefined || Object.keys(problems).length > 0
  return portalPage(visit, 'Add a card', body, { inner: true, status: wrong ? 422 : 200 })
}

export function saveCard(request: PageRequest<'id'>): Answer {
  const visit = visitOf(request)
  allow(visit, 'payment_method_update')
  const { account, customer } = visit
  const { form } = request
  const name = field(form, 'name')
  if (form.has('fill')) {
    return cardPage(visit, {
      card: filledCard(field(form, 'fill'), account.timeOf(customer.id)),
      name: name || whoever.name,
      problems: {},
    })
  }
  const { card, entry, problems } = readCard(form, account.timeOf(customer.id))
  if (!card) return cardPage(visit, { card: entry, name, problems })
  const intent = account.work(nobody, () => addCard(account, customer, { ...card, name: name || null }))
  if (intent.status === 'succeeded') return afterwards(visit, 'card')
  if (intent.status === 'requires_action') {
    return redirect(`/3ds/${intent.id}?back=${encodeURIComponent(portalPath(visit, 'cards/added'))}`)
  }
  return cardPage(visit, { card: entry, name, problems, refusal: refusalOf(intent) })
}

/** Where 3D Secure leads back to. */
export function cardAdded(request: PageRequest<'id'>): Answer {
  const visit = visitOf(request)
  const [latest] = visit.account.store.by('setup_intent', 'customer', visit.customer.id).toReversed()
  return latest?.status === 'succeeded'
    ? afterwards(visit, 'card')
    : redirect(`${portalPath(visit, 'cards/new')}?refused`)
}

/** A card becomes the default, or goes. */
export function changeCard(request: PageRequest<'id' | 'method'>): Answer {
  const visit = visitOf(request)
  allow(visit, 'payment_method_update')
  const { account, customer } = visit
  const method = account.find('payment_method', request.path.method)
  if (method?.customer !== customer.id)
    throw new PageError(404, 'There is no such card', 'It may have been removed in another tab.')
  const removes = field(request.form, 'do') === 'remove'
  account.work(nobody, () => {
    if (removes) detachPaymentMethod(account, method.id)
    else makeDefault(account, customer.id, method.id)
  })
  return afterwards(visit, removes ? 'card-removed' : 'card-default')
}
