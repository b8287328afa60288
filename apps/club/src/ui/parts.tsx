import type { Child } from 'hono/jsx'
import { formatDay, formatShortDay } from './format.ts'

/** A day, readable by people and by machines. */
export function Day({ date, short = false }: { date: Date; short?: boolean }) {
  return <time datetime={date.toISOString()}>{short ? formatShortDay(date) : formatDay(date)}</time>
}

/** A drawn sheet in its frame. The drawing follows the reader's theme by itself. */
export function Sheet({
  src,
  alt,
  caption,
  eager = false,
}: {
  src: string
  alt: string
  caption?: Child
  eager?: boolean
}) {
  return (
    <figure class="sheet">
      <img src={src} alt={alt} width="1200" height="840" loading={eager ? 'eager' : 'lazy'} decoding="async" />
      {caption && <figcaption>{caption}</figcaption>}
    </figure>
  )
}

/** A labelled field; what is wrong with it is read out with it. */
export function Field(props: {
  label: string
  name: string
  type?: 'text' | 'email' | 'password'
  value?: string | undefined
  autocomplete?: string
  hint?: string
  problem?: string | undefined
  minlength?: number
  maxlength?: number
  autofocus?: boolean
}) {
  const { label, name, type = 'text', value, autocomplete, hint, problem, minlength, maxlength, autofocus } = props
  const describedBy = [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        required
        autocomplete={autocomplete}
        minlength={minlength}
        maxlength={maxlength}
        autofocus={autofocus}
        aria-invalid={problem ? 'true' : undefined}
        aria-describedby={describedBy || undefined}
      />
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {problem && (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}

/** Something that has to be read before going on. */
export function Notice({ tone = 'calm', children }: { tone?: 'calm' | 'good' | 'warn'; children: Child }) {
  return (
    <div class={`notice ${tone}`} role={tone === 'warn' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}

export function Tag({ tone, children }: { tone: 'good' | 'calm' | 'warn'; children: Child }) {
  return <span class={`tag ${tone}`}>{children}</span>
}
