import { emptyCard, filledCard, whoever } from '../card-form.ts'
import { grouped } from '../test-cards.ts'
import { field } from '../web/form.ts'
import type { FormState } from './form.ts'

/** The form with the test card (or test account) that a button named, and what was typed into it before. */
export function filledForm(before: URLSearchParams, now: number): FormState {
  const chosen = field(before, 'fill')
  const form = new URLSearchParams(before)
  for (const [name, value] of Object.entries(whoever)) if (field(form, name) === '') form.set(name, value)
  if (/^\d+$/.test(chosen)) return { form, card: filledCard(chosen, now), problems: {} }
  form.set('iban', grouped(chosen))
  form.set('method', 'sepa_debit')
  return { form, card: emptyCard, problems: {} }
}
