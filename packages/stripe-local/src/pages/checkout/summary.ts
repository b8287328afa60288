import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { linesOf } from '../../checkout/amounts.ts'
import type { Session } from '../../checkout/session.ts'
import { couponOf } from '../../checkout/totals.ts'
import type { CheckoutItem, CheckoutLine, Kinds } from '../../kinds.ts'
import { attributes } from '../fields.ts'
import { money } from '../web/format.ts'
import { type Html, nothing } from '../web/page.ts'
import { offers, removeForm } from './offers.ts'
import { amountText, detailOf, type Words } from './words.ts'

/** What is bought, for how much, and the way back. */
export function summary(
  account: Account,
  session: Session,
  words: Words,
  code: { typed: string; problem?: string },
): Html {
  const { items, offers: offered = [] } = account.get('local.checkout', session.id)
  const lines = linesOf(account, session)
  return html`<section class="summary" aria-labelledby="what">
${backLink(session)}
<h1 id="what">${words.title}</h1>
${words.price && html`<p class="price"><strong>${words.price}</strong>${words.per && html` <span>${words.per}</span>`}</p>`}
${words.later && html`<p class="later">${words.later}</p>`}
${
  lines.length > 0
    ? html`<ul class="lines">${lines.map((line) =>
        lineItem(
          account,
          session,
          line,
          items.find(({ id }) => id === line.id),
          offered.some(({ id }) => id === line.id),
        ),
      )}</ul>`
    : nothing
}
${offers(account, session)}
${session.mode === 'setup' ? nothing : totals(account, session, code)}
</section>`
}

function backLink(session: Session): Html {
  const name = session.branding_settings?.display_name ?? 'Stripe Local'
  if (!session.cancel_url) return html`<p class="merchant">${name}</p>`
  const to = session.cancel_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id)
  const host = URL.canParse(to) ? new URL(to).host : 'the shop'
  return html`<p class="merchant"><a class="back" href="${to}"><span aria-hidden="true">←</span> Back to ${host}</a></p>`
}

function lineItem(
  account: Account,
  session: Session,
  line: CheckoutLine,
  item: CheckoutItem | undefined,
  isOffer: boolean,
): Html {
  const product = account.get('product', account.get('price', line.price).product)
  const detail = item ? detailOf(account, item, line.currency) : ''
  const quantity = line.quantity !== null && line.quantity > 1 && !line.adjustable_quantity ? ` × ${line.quantity}` : ''
  return html`<li>
<div><p class="name">${product.name}${quantity}</p>
${product.description && html`<p class="soft small">${product.description}</p>`}
${detail && html`<p class="soft small">${detail}</p>`}
${line.adjustable_quantity ? quantityForm(session, line, product) : nothing}
${isOffer ? removeForm(session, line.id, product.name) : nothing}
</div>
<p class="amount">${amountText(account, session, line)}</p>
</li>`
}

const quantityForm = (session: Session, line: CheckoutLine, product: Kinds['product']): Html =>
  html`<form method="post" action="/c/pay/${session.id}/quantity" class="quantity">
<input type="hidden" name="item" value="${line.id}">
<label class="small" for="quantity-${line.id}">Quantity<span class="sr"> of ${product.name}</span></label>
<input id="quantity-${line.id}" name="quantity" type="number" inputmode="numeric" value="${line.quantity ?? 1}"${attributes(
    {
      min: Math.max(1, line.adjustable_quantity?.minimum ?? 1),
      max: line.adjustable_quantity?.maximum ?? undefined,
    },
  )}>
<button class="button quiet small" type="submit">Update</button>
</form>`

function totals(account: Account, session: Session, code: { typed: string; problem?: string }): Html {
  const { currency, total_details: details } = session
  const discount = session.discounts?.[0]
  const changes =
    (details?.amount_discount ?? 0) > 0 || (details?.amount_tax ?? 0) > 0 || discount || session.shipping_cost
  return html`<dl class="totals">
${changes ? html`<div><dt>Subtotal</dt><dd class="amount">${money(session.amount_subtotal, currency)}</dd></div>` : nothing}
${discount ? html`<div><dt>${discountName(account, session, discount)}</dt><dd class="amount">${details?.amount_discount ? `−${money(details.amount_discount, currency)}` : ''}</dd></div>` : nothing}
${!discount && (details?.amount_discount ?? 0) > 0 ? html`<div><dt>Your discount</dt><dd class="amount">−${money(details?.amount_discount, currency)}</dd></div>` : nothing}
${session.shipping_cost ? shippingRow(account, session.shipping_cost, currency) : nothing}
${(details?.amount_tax ?? 0) > 0 ? html`<div><dt>Tax</dt><dd class="amount">${money(details?.amount_tax, currency)}</dd></div>` : nothing}
</dl>
${session.allow_promotion_codes && !discount ? codeForm(session, code) : nothing}
<dl class="totals due"><div><dt>Total due today</dt><dd class="amount">${money(session.amount_total, currency)}</dd></div></dl>`
}

const shippingRow = (account: Account, cost: NonNullable<Session['shipping_cost']>, currency: string | null): Html =>
  html`<div><dt>Shipping${cost.shipping_rate && html`<span class="soft small block">${account.get('shipping_rate', cost.shipping_rate).display_name}</span>`}</dt><dd class="amount">${cost.amount_total === 0 ? 'Free' : money(cost.amount_total, currency)}</dd></div>`

function discountName(account: Account, session: Session, discount: NonNullable<Session['discounts']>[number]): Html {
  const coupon = couponOf(account, discount)
  const code = discount.promotion_code ? account.find('promotion_code', discount.promotion_code)?.code : undefined
  const off = coupon ? offText(coupon, session.currency ?? 'usd') : ''
  return html`<span class="code">${code ?? coupon?.name ?? 'Discount'}</span>
${session.allow_promotion_codes && html`<form method="post" action="/c/pay/${session.id}/promotion-code" class="inline"><button class="link small" type="submit" name="remove" value="yes">Remove<span class="sr"> the promotion code</span></button></form>`}
${off && html`<span class="soft small block">${off}</span>`}`
}

/** `20% off for 3 months`. */
export function offText(coupon: Kinds['coupon'], currency: string): string {
  const amount = coupon.currency === currency ? coupon.amount_off : coupon.currency_options?.[currency]?.amount_off
  const off = coupon.percent_off === null ? money(amount ?? coupon.amount_off, currency) : `${coupon.percent_off}%`
  if (coupon.duration === 'repeating') return `${off} off for ${coupon.duration_in_months} months`
  return coupon.duration === 'forever' ? `${off} off` : `${off} off the first payment`
}

const codeForm = (session: Session, { typed, problem }: { typed: string; problem?: string }): Html =>
  html`<form method="post" action="/c/pay/${session.id}/promotion-code" class="code-form field">
<label for="promotion-code">Promotion code</label>
<div class="row">
<input id="promotion-code" name="code" value="${typed}" autocomplete="off" autocapitalize="characters" spellcheck="false"${attributes(
    {
      'aria-invalid': problem ? 'true' : undefined,
      'aria-describedby': problem ? 'promotion-code-problem' : undefined,
    },
  )}>
<button class="button quiet" type="submit">Apply</button>
</div>
${problem && html`<p class="wrong" id="promotion-code-problem" role="alert">${problem}</p>`}
</form>`
