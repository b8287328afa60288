import { html } from 'hono/html'
import type { Session } from '../../checkout/session.ts'
import { attributes, inputField, type Problems, selectField } from '../fields.ts'
import { field } from '../web/form.ts'
import { type Html, nothing } from '../web/page.ts'

type CustomField = Session['custom_fields'][number]

const nameOf = (custom: CustomField): string => `custom_${custom.key}`

/** The fields that the merchant asks for beside Stripe's own. */
export const customFields = (session: Session, value: (name: string) => string, problems: Problems): Html =>
  html`${session.custom_fields.map((custom) => customField(custom, value(nameOf(custom)), problems[nameOf(custom)]))}`

function customField(custom: CustomField, value: string, problem: string | undefined): Html {
  const shared = { label: custom.label.custom ?? custom.key, name: nameOf(custom), optional: custom.optional, problem }
  if (custom.type === 'dropdown') {
    const choices = (custom.dropdown?.options ?? []).map(({ label, value: key }) => [key, label] as const)
    return selectField({
      ...shared,
      value: value || (custom.dropdown?.default_value ?? ''),
      choices: [['', 'Choose'], ...choices],
    })
  }
  const entry = custom.type === 'numeric' ? custom.numeric : custom.text
  return inputField({
    ...shared,
    value: value || (entry?.default_value ?? ''),
    ...(entry?.maximum_length && { maxlength: entry.maximum_length }),
    inputmode: custom.type === 'numeric' ? 'numeric' : 'text',
  })
}

/** The session's custom fields with what was typed, and what is wrong with it. */
export function readCustomFields(
  session: Session,
  form: URLSearchParams,
): { fields: CustomField[]; problems: Problems } {
  const problems: Record<string, string> = {}
  const fields = session.custom_fields.map((custom) => {
    const value = field(form, nameOf(custom))
    const problem = problemOf(custom, value)
    if (problem) problems[nameOf(custom)] = problem
    return withValue(custom, value || null)
  })
  return { fields, problems }
}

function withValue(custom: CustomField, value: string | null): CustomField {
  if (custom.dropdown) return { ...custom, dropdown: { ...custom.dropdown, value } }
  if (custom.numeric) return { ...custom, numeric: { ...custom.numeric, value } }
  return custom.text ? { ...custom, text: { ...custom.text, value } } : custom
}

function problemOf(custom: CustomField, value: string): string | undefined {
  if (value === '') return custom.optional ? undefined : 'Please fill this in.'
  const { dropdown, numeric, text } = custom
  if (dropdown && !dropdown.options.some((option) => option.value === value)) return 'Please choose one of these.'
  if (numeric && !/^\d+$/.test(value)) return 'Digits only, please.'
  const entry = numeric ?? text
  if (entry?.minimum_length && value.length < entry.minimum_length)
    return `At least ${entry.minimum_length} characters, please.`
  if (entry?.maximum_length && value.length > entry.maximum_length)
    return `At most ${entry.maximum_length} characters, please.`
  return undefined
}

/** Terms that must be accepted, and news that may be. */
export function consentFields(session: Session, form: URLSearchParams, problems: Problems): Html {
  const terms = session.consent_collection?.terms_of_service === 'required'
  const promotions = session.consent_collection?.promotions === 'auto'
  const text = session.custom_text.terms_of_service_acceptance?.message ?? 'I accept the terms of service.'
  return html`${terms ? check('terms', text, form, problems.terms) : nothing}${promotions ? check('promotions', 'Send me news and offers.', form, undefined) : nothing}`
}

const check = (
  name: string,
  text: string,
  form: URLSearchParams,
  problem: string | undefined,
): Html => html`<div class="field">
<label class="check" for="${name}"><input type="checkbox" id="${name}" name="${name}" value="yes"${attributes({
  checked: form.get(name) === 'yes',
  'aria-invalid': problem ? 'true' : undefined,
  'aria-describedby': problem ? `${name}-problem` : undefined,
})}><span>${text}</span></label>
${problem && html`<p class="wrong" id="${name}-problem">${problem}</p>`}
</div>`

export function readConsent(
  session: Session,
  form: URLSearchParams,
): { consent: Session['consent']; problems: Problems } {
  const { terms_of_service, promotions } = session.consent_collection ?? {}
  const accepted = form.get('terms') === 'yes'
  const consent = session.consent_collection && {
    terms_of_service: terms_of_service === 'required' && accepted ? ('accepted' as const) : null,
    promotions: promotions === 'auto' ? (form.get('promotions') === 'yes' ? 'opt_in' : 'opt_out') : null,
  }
  const problems: Problems =
    terms_of_service === 'required' && !accepted ? { terms: 'Please accept the terms to go on.' } : {}
  return { consent, problems }
}
