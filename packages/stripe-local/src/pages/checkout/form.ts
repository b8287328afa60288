import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import type { Session } from '../../checkout/session.ts'
import { type CardEntry, cardFields, picker } from '../card-form.ts'
import { countries } from '../countries.ts'
import { alert, attributes, inputField, type Problems, selectField } from '../fields.ts'
import { grouped, offeredAccounts } from '../test-cards.ts'
import { field } from '../web/form.ts'
import { type Html, nothing } from '../web/page.ts'
import { consentFields, customFields } from './custom-fields.ts'
import { shippingChoice } from './shipping.ts'
import type { Words } from './words.ts'

/** What a page shows of a form that was sent before: what was typed, and what was wrong with it. */
export type FormState = {
  form: URLSearchParams
  card: CardEntry
  problems: Problems
  /** Why the payment failed, in Stripe's words. */
  refusal?: string | undefined
}

/** Who pays and how. */
export function payForm(account: Account, session: Session, words: Words, state: FormState): Html {
  const { form, problems } = state
  const fixed = fixedEmail(account, session)
  const value = (name: string): string => field(form, name)
  return html`<section class="pay" aria-labelledby="how">
<h2 id="how">${session.mode === 'setup' ? 'Your details' : 'Pay'}</h2>
${state.refusal && alert('bad', 'That did not go through', state.refusal)}
<form method="post" action="/c/pay/${session.id}" class="stack" novalidate>
${inputField({
  label: 'Email',
  name: 'email',
  type: 'email',
  inputmode: 'email',
  autocomplete: 'email',
  value: fixed ?? value('email'),
  readonly: Boolean(fixed),
  problem: problems.email,
  placeholder: 'you@example.com',
})}
${session.phone_number_collection?.enabled ? inputField({ label: 'Phone', name: 'phone', type: 'tel', inputmode: 'tel', autocomplete: 'tel', value: value('phone'), problem: problems.phone }) : nothing}
${nameFields(session, value, problems)}
${needsPaymentMethod(session) ? methodFields(account, session, state) : nothing}
${session.shipping_address_collection ? shippingFields(session, value, problems) : nothing}
${shippingChoice(account, session, form.has('choose'))}
${session.tax_id_collection?.enabled ? taxIdFields(session, value, problems) : nothing}
${customFields(session, value, problems)}
${consentFields(session, form, problems)}
${session.custom_text.submit && html`<p class="small">${session.custom_text.submit.message}</p>`}
<button class="button wide" type="submit" data-pay="Processing…">${words.button}</button>
${session.custom_text.after_submit && html`<p class="small soft">${session.custom_text.after_submit.message}</p>`}
${session.mode === 'subscription' ? html`<p class="small soft">It renews by itself until it is cancelled.</p>` : nothing}
</form>
</section>`
}

/** The address that cannot be changed here: of a customer that was there before, or the one that the merchant gave. */
export function fixedEmail(account: Account, session: Session): string | null {
  const given = session.customer !== null && session.customer_creation === null
  return (given && account.find('customer', session.customer ?? '')?.email) || session.customer_email
}

/** Whether there is anything to pay with: not for a total of nothing, where the session asks for a card only if it is needed. */
export const needsPaymentMethod = (session: Session): boolean =>
  session.mode === 'setup' ||
  (session.amount_total ?? 0) > 0 ||
  (session.mode === 'subscription' && session.payment_method_collection === 'always')

type Value = (name: string) => string

const nameFields = ({ name_collection: names }: Session, value: Value, problems: Problems): Html => html`
${names?.individual?.enabled ? inputField({ label: 'Your name', name: 'individual_name', autocomplete: 'name', value: value('individual_name'), optional: names.individual.optional, problem: problems.individual_name }) : nothing}
${names?.business?.enabled ? inputField({ label: 'Business name', name: 'business_name', autocomplete: 'organization', value: value('business_name'), optional: names.business.optional, problem: problems.business_name }) : nothing}`

function methodFields(account: Account, session: Session, state: FormState): Html {
  const value = (name: string): string => field(state.form, name)
  const types = session.payment_method_types
  const chosen = types.includes(value('method')) ? value('method') : (types[0] ?? 'card')
  return html`${types.length > 1 ? methodChoice(types, chosen) : html`<input type="hidden" name="method" value="${chosen}">`}
${types.includes('card') ? html`<div class="stack only-card">${cardFields(state.card, state.problems, account.timeOf(session.customer))}</div>` : nothing}
${types.includes('sepa_debit') ? html`<div class="stack tight only-sepa_debit">${ibanFields(value, state.problems)}</div>` : nothing}
${inputField({ label: types.includes('card') ? 'Name on the card' : 'Name of the account holder', name: 'name', autocomplete: 'cc-name', value: value('name'), problem: state.problems.name, placeholder: 'Ada Lovelace' })}
${addressFields(session.billing_address_collection === 'required', 'billing', value, state.problems)}`
}

const methodNames: Record<string, string> = { card: 'Card', sepa_debit: 'SEPA Direct Debit' }

const methodChoice = (types: readonly string[], chosen: string): Html => html`<fieldset class="methods">
<legend class="label">Pay by</legend>
${types.map((type) => html`<label class="check" for="method-${type}"><input type="radio" id="method-${type}" name="method" value="${type}"${attributes({ checked: type === chosen })}> ${methodNames[type] ?? type}</label>`)}
</fieldset>`

const ibanFields = (value: Value, problems: Problems): Html => html`
${inputField({ label: 'IBAN', name: 'iban', value: value('iban'), problem: problems.iban, placeholder: 'DE89 3704 0044 0532 0130 00', hint: 'Test accounts only. Never type a real one.' })}
${picker('Test accounts', offeredAccounts, grouped(value('iban').replace(/\s/g, '')), (iban) => ({ iban: grouped(iban) }))}`

/** Country and postal code, or the whole address where the session requires it. */
function addressFields(whole: boolean, kind: 'billing' | 'shipping', value: Value, problems: Problems): Html {
  const name = (part: string): string => `${kind}_${part}`
  const input = (part: string, label: string, autocomplete: string, optional = false): Html =>
    inputField({
      label,
      name: name(part),
      autocomplete: `${kind} ${autocomplete}`,
      value: value(name(part)),
      optional,
      problem: problems[name(part)],
    })
  const country = selectField({
    label: 'Country',
    name: name('country'),
    autocomplete: `${kind} country`,
    value: value(name('country')) || 'US',
    choices: countries,
    problem: problems[name('country')],
  })
  const postalCode = input('postal_code', 'Postal code', 'postal-code', true)
  if (!whole) return html`<div class="pair">${country}${postalCode}</div>`
  return html`<div class="stack tight">
${country}
${input('line1', 'Address', 'address-line1')}
${input('line2', 'Address, second line', 'address-line2', true)}
<div class="pair">${input('city', 'Town', 'address-level2')}${postalCode}</div>
${input('state', 'State or province', 'address-level1', true)}
</div>`
}

const shippingFields = (session: Session, value: Value, problems: Problems): Html => html`<fieldset class="stack tight">
<legend class="label">Shipping address</legend>
${session.custom_text.shipping_address && html`<p class="small">${session.custom_text.shipping_address.message}</p>`}
${inputField({ label: 'Name', name: 'shipping_name', autocomplete: 'shipping name', value: value('shipping_name'), problem: problems.shipping_name })}
${addressFields(true, 'shipping', value, problems)}
</fieldset>`

const taxIdTypes = [
  ['', 'None'],
  ['eu_vat', 'EU VAT number'],
  ['gb_vat', 'United Kingdom VAT number'],
  ['ch_vat', 'Swiss VAT number'],
  ['us_ein', 'United States EIN'],
  ['au_abn', 'Australian business number'],
  ['ca_bn', 'Canadian business number'],
  ['in_gst', 'Indian GST number'],
] as const

const taxIdFields = (session: Session, value: Value, problems: Problems): Html => html`<div class="pair">
${selectField({ label: 'Tax id', name: 'tax_id_type', value: value('tax_id_type'), choices: taxIdTypes, optional: session.tax_id_collection?.required !== 'if_supported' })}
${inputField({ label: 'Its number', name: 'tax_id', value: value('tax_id'), optional: true, problem: problems.tax_id })}
</div>`
