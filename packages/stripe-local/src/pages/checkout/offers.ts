import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { lineFor } from '../../checkout/amounts.ts'
import type { Session } from '../../checkout/session.ts'
import type { CheckoutItem } from '../../kinds.ts'
import { type Html, nothing } from '../web/page.ts'
import { amountText, detailOf } from './words.ts'

/** What can be added to the order and is not on it yet. */
export function offers(account: Account, session: Session): Html {
  const { items, offers: all = [] } = account.get('local.checkout', session.id)
  const left = all.filter((offer) => !items.some(({ id }) => id === offer.id))
  if (left.length === 0) return nothing
  return html`<section class="offers" aria-labelledby="offers">
<h2 id="offers">Add to your order</h2>
<ul class="lines first">${left.map((offer) => offerLine(account, session, offer))}</ul>
</section>`
}

function offerLine(account: Account, session: Session, offer: CheckoutItem): Html {
  const line = lineFor(account, session, offer)
  const product = account.get('product', account.get('price', offer.price).product)
  const detail = detailOf(account, offer, session.currency ?? 'usd')
  const quantity = (offer.quantity ?? 1) > 1 ? ` × ${offer.quantity}` : ''
  return html`<li>
<div><p class="name">${product.name}${quantity}</p>
${product.description && html`<p class="soft small">${product.description}</p>`}
${detail && html`<p class="soft small">${detail}</p>`}
${form(session, offer.id, 'add', 'Add', `${product.name} to the order`)}
</div>
<p class="amount">${line && amountText(account, session, line)}</p>
</li>`
}

/** Takes something that was added off the order. */
export const removeForm = (session: Session, item: string, name: string): Html =>
  form(session, item, 'remove', 'Remove', `${name} from the order`)

const form = (session: Session, item: string, action: 'add' | 'remove', label: string, what: string): Html =>
  html`<form method="post" action="/c/pay/${session.id}/offer" class="quantity">
<input type="hidden" name="item" value="${item}">
<button class="button quiet small" type="submit" name="do" value="${action}">${label}<span class="sr"> ${what}</span></button>
</form>`
