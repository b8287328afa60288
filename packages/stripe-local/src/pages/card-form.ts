import { html } from 'hono/html'
import type Stripe from 'stripe'
import { checkCardData, findTestCard } from '../engine/cards.ts'
import { ApiError } from '../protocol/errors.ts'
import type { Stored } from '../wire.ts'
import { attributes, inputField, type Problems } from './fields.ts'
import { grouped, type OfferedCard, offeredCards } from './test-cards.ts'
import { field } from './web/form.ts'
import type { Html } from './web/page.ts'

/** What stands in the card fields of a form. Only the number of a test card ever gets in here. */
export type CardEntry = { number: string; expiry: string; cvc: string }

export const emptyCard: CardEntry = { number: '', expiry: '', cvc: '' }

/** What a test card's other fields are filled with: any date ahead and any code will do. */
const anyExpiry = (now: number): string => `12 / ${String(new Date(now * 1000).getUTCFullYear() + 3).slice(-2)}`
const anyCode = (number: string): string => (number.startsWith('3') ? '1234' : '123')

/** The card that a "use this card" button names, filled in on the server for browsers without the script. */
export const filledCard = (number: string, now: number): CardEntry => ({
  number: grouped(number),
  expiry: anyExpiry(now),
  cvc: anyCode(number),
})

/** The fields of a card, and the test cards that fill them. */
export const cardFields = (entry: CardEntry, problems: Problems, now: number): Html => html`<div class="stack tight">
${inputField({
  label: 'Card number',
  name: 'number',
  value: entry.number,
  problem: problems.number,
  placeholder: '4242 4242 4242 4242',
  inputmode: 'numeric',
  maxlength: 23,
  hint: 'Test cards only. Never type a real one.',
})}
<div class="pair">
${inputField({ label: 'Expires', name: 'expiry', value: entry.expiry, problem: problems.expiry, placeholder: 'MM / YY', inputmode: 'numeric', maxlength: 9 })}
${inputField({ label: 'Security code', name: 'cvc', value: entry.cvc, problem: problems.cvc, placeholder: 'CVC', inputmode: 'numeric', maxlength: 4 })}
</div>
${picker('Test cards', offeredCards, entry.number, (number) => filledCard(number, now))}
</div>`

/**
 * Buttons that fill the form: at once with the script, by a round trip to the server without.
 *
 * @param chosen the number that is in the form, in groups of four
 * @param fill which fields a number fills; those of `whoever` only where nothing was typed yet
 */
export const picker = (
  legend: string,
  choices: readonly OfferedCard[],
  chosen: string,
  fill: (number: string) => Record<string, string>,
): Html => html`<fieldset class="picker">
<legend class="label">${legend} <span class="soft">— choose one</span></legend>
<div class="choices">
${choices.map(
  ({ number, outcome, tone }) =>
    html`<button type="submit" name="fill" value="${number}" class="choice"${attributes({
      'data-fill': JSON.stringify(fill(number)),
      'data-fill-empty': JSON.stringify(whoever),
      'aria-pressed': String(grouped(number) === chosen),
      title: grouped(number),
    })}><span class="dot ${tone}"></span><span class="outcome">${outcome}</span><span class="id" aria-label="${number}">${number.slice(-4)}</span></button>`,
)}
</div>
</fieldset>`

/** Who pays with a test card, where nobody else has said so. */
export const whoever = { name: 'Ada Lovelace', email: 'ada@example.com' }

/** A card that was entered, ready to be saved. */
export type Card = { number: string; exp_month: number; exp_year: number; cvc: string }

/**
 * Reads the card of a form. A number that is no test card is refused before anything else is done with it, and is neither kept nor shown again.
 */
export function readCard(form: URLSearchParams, now: number): { card?: Card; entry: CardEntry; problems: Problems } {
  const number = field(form, 'number').replace(/[\s-]/g, '')
  const entry = { number: grouped(number), expiry: field(form, 'expiry'), cvc: field(form, 'cvc') }
  if (number === '') return { entry, problems: { number: 'Enter the number of a test card.' } }
  const known = findTestCard(number)
  if (!known) {
    return { entry: { ...entry, number: '', cvc: '' }, problems: { number: notATestCard } }
  }
  const expiry = /^(\d{1,2})\s*\/?\s*(\d{2}|\d{4})$/.exec(entry.expiry)
  const problems: Record<string, string> = {}
  if (!expiry) problems.expiry = 'Enter the month and the year, such as 12 / 34.'
  if (entry.cvc === '') problems.cvc = 'Enter the security code: any three digits will do.'
  if (!expiry || entry.cvc === '') return { entry, problems }
  const typed = { exp_month: Number(expiry[1]), exp_year: Number(expiry[2]), cvc: entry.cvc }
  try {
    return { card: { number, cvc: entry.cvc, ...checkCardData(known, typed, now) }, entry, problems }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { entry, problems: { [error.details.param === 'cvc' ? 'cvc' : 'expiry']: error.message } }
  }
}

export const notATestCard =
  'This is not the number of a test card, so it was refused, and it was not kept. No money moves here: use one of the test cards below.'

/** `Visa •••• 4242`, `SEPA debit •••• 3000`. */
export function methodName(
  method: Pick<Stored<Stripe.PaymentMethod>, 'type' | 'card' | 'sepa_debit' | 'us_bank_account'>,
): string {
  if (method.card) return `${brandNames[method.card.brand] ?? method.card.brand}\u00a0••••\u00a0${method.card.last4}`
  if (method.sepa_debit) return `SEPA debit ••••\u00a0${method.sepa_debit.last4}`
  if (method.us_bank_account) return `${method.us_bank_account.bank_name} ••••\u00a0${method.us_bank_account.last4}`
  return method.type.replaceAll('_', ' ')
}

const brandNames: Record<string, string> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
}
