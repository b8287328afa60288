import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { Session } from '../../checkout/session.ts'
import type { Kinds } from '../../kinds.ts'
import { attributes } from '../fields.ts'
import { count, money } from '../web/format.ts'
import { type Html, nothing } from '../web/page.ts'

/**
 * The ways to ship, to choose one of. With the script the total follows at once; without, by the button, and a choice that the total does not
 * show yet is never paid unseen.
 *
 * @param focused whether the customer has just chosen one
 */
export function shippingChoice(account: Account, session: Session, focused: boolean): Html {
  const { shipping_options: options, shipping_cost: cost, currency } = session
  if (options.length === 0) return nothing
  const rates = options.map((option) => ({ ...option, rate: account.get('shipping_rate', option.shipping_rate) }))
  return html`<fieldset class="methods">
<legend class="label">Shipping</legend>
${rates.map(({ rate, shipping_amount }) => {
  const chosen = rate.id === cost?.shipping_rate
  const time = estimateOf(rate)
  return html`<label class="check" for="shipping-${rate.id}"><input type="radio" id="shipping-${rate.id}" name="shipping_rate" value="${rate.id}"${attributes({ checked: chosen, autofocus: chosen && focused })}>
<span class="grow">${rate.display_name}${time && html`<span class="soft small block">${time}</span>`}</span>
<span class="amount">${shipping_amount === 0 ? 'Free' : money(shipping_amount, currency)}</span></label>`
})}
${options.length > 1 ? html`<button class="button quiet small" type="submit" name="choose" value="shipping">Update the total</button>` : nothing}
</fieldset>`
}

/** `5–7 business days`, `At most 2 days`; empty where the merchant has not said. */
function estimateOf({ delivery_estimate: estimate }: Kinds['shipping_rate']): string {
  const { minimum, maximum } = estimate ?? {}
  if (minimum && maximum) {
    if (minimum.unit === maximum.unit)
      return minimum.value === maximum.value ? days(maximum) : `${minimum.value}–${days(maximum)}`
    return `${days(minimum)} to ${days(maximum)}`
  }
  if (maximum) return `At most ${days(maximum)}`
  return minimum ? `At least ${days(minimum)}` : ''
}

const days = ({ unit, value }: { unit: string; value: number }): string => count(value, unit.replace('_', ' '))
