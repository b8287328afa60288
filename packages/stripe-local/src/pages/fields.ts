import { html, raw } from 'hono/html'
import { type Html, nothing } from './web/page.ts'

/** What was wrong with each field of a form, by its name. */
export type Problems = Readonly<Record<string, string>>

export type FieldOptions = {
  label: string
  name: string
  value?: string
  type?: string
  hint?: string
  problem?: string | undefined
  placeholder?: string
  autocomplete?: string
  inputmode?: 'numeric' | 'email' | 'tel' | 'text'
  optional?: boolean
  readonly?: boolean
  maxlength?: number
}

/** A labelled input, with what is wrong with it said beside it and to screen readers. */
export function inputField(options: FieldOptions): Html {
  const { label, name, value = '', type = 'text', problem, placeholder = '', autocomplete = 'off' } = options
  return html`<div class="field">
<label for="${name}">${label}${options.optional && html` <span class="soft">(optional)</span>`}</label>
<input id="${name}" name="${name}" type="${type}" value="${value}" placeholder="${placeholder}" autocomplete="${autocomplete}"${attributes(
    {
      inputmode: options.inputmode,
      maxlength: options.maxlength,
      readonly: options.readonly,
      'aria-required': options.optional || options.readonly ? undefined : 'true',
      'aria-invalid': problem ? 'true' : undefined,
      'aria-describedby': describedBy(name, options),
    },
  )}>
${remarks(name, options)}
</div>`
}

export type Choice = readonly [value: string, text: string]

/** A labelled list to choose one of. */
export function selectField(
  options: Pick<FieldOptions, 'label' | 'name' | 'value' | 'hint' | 'problem' | 'autocomplete' | 'optional'> & {
    choices: readonly Choice[]
  },
): Html {
  const { label, name, value = '', choices, autocomplete = 'off', problem } = options
  return html`<div class="field">
<label for="${name}">${label}${options.optional && html` <span class="soft">(optional)</span>`}</label>
<select id="${name}" name="${name}" autocomplete="${autocomplete}"${attributes({
    'aria-invalid': problem ? 'true' : undefined,
    'aria-describedby': describedBy(name, options),
  })}>
${choices.map(([key, text]) => html`<option value="${key}"${attributes({ selected: key === value })}>${text}</option>`)}
</select>
${remarks(name, options)}
</div>`
}

type Remarks = { hint?: string | undefined; problem?: string | undefined }

const describedBy = (name: string, { hint, problem }: Remarks): string | undefined =>
  [problem && `${name}-problem`, hint && `${name}-hint`].filter(Boolean).join(' ') || undefined

const remarks = (name: string, { hint, problem }: Remarks): Html =>
  html`${problem && html`<p class="wrong" id="${name}-problem">${problem}</p>`}${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}`

/** Attributes that are there only when they say something; `true` has no value. */
export function attributes(values: Record<string, string | number | boolean | undefined>): Html {
  const parts = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === false
      ? []
      : value === true
        ? [html` ${raw(name)}`]
        : [html` ${raw(name)}="${value}"`],
  )
  return parts.length === 0 ? nothing : html`${parts}`
}

/** A message above a form: `bad` says what went wrong, `good` what was done. */
export const alert = (tone: 'good' | 'bad' | 'wait', title: string, text?: Html | string): Html =>
  html`<div class="alert ${tone}" role="${tone === 'bad' ? 'alert' : 'status'}"><strong>${title}</strong>${text && html`<p>${text}</p>`}</div>`

/** A state in a word, coloured by what it means. */
export function badge(state: string | null | undefined): Html {
  const tone = tones[state ?? ''] ?? ''
  return html`<span class="badge ${tone}">${(state ?? 'none').replaceAll('_', ' ')}</span>`
}

const tones: Record<string, 'good' | 'bad' | 'wait'> = {
  active: 'good',
  paid: 'good',
  succeeded: 'good',
  complete: 'good',
  delivered: 'good',
  enabled: 'good',
  trialing: 'good',
  past_due: 'bad',
  unpaid: 'bad',
  failed: 'bad',
  uncollectible: 'bad',
  incomplete_expired: 'bad',
  requires_payment_method: 'bad',
  expired: 'bad',
  open: 'wait',
  pending: 'wait',
  draft: 'wait',
  incomplete: 'wait',
  processing: 'wait',
  requires_action: 'wait',
  requires_confirmation: 'wait',
  paused: 'wait',
}
