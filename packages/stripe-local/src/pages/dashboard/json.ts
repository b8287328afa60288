import { html } from 'hono/html'
import type { Account } from '../../account.ts'
import { dateTime } from '../web/format.ts'
import { type Html, nothing } from '../web/page.ts'
import { objectLink } from './frame.ts'

/** JSON, indented and coloured; ids of objects that are here lead to them, and times are told beside their numbers. */
export const jsonView = (account: Account, value: unknown): Html =>
  html`<pre class="json" tabindex="0">${lines(account, value, '', '')}</pre>`

function lines(account: Account, value: unknown, key: string, indent: string): Html {
  if (Array.isArray(value)) {
    if (value.length === 0) return html`[]`
    const inner = `${indent}  `
    return html`[
${value.map(
  (item, index) => html`${inner}${lines(account, item, key, inner)}${index < value.length - 1 ? ',' : ''}
`,
)}${indent}]`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (entries.length === 0) return html`{}`
    const inner = `${indent}  `
    return html`{
${entries.map(
  (
    [name, item],
    index,
  ) => html`${inner}<b>${JSON.stringify(name)}</b>: ${lines(account, item, name, inner)}${index < entries.length - 1 ? ',' : ''}${timeNote(name, item)}
`,
)}${indent}}`
  }
  if (typeof value === 'string') return text(account, value)
  return html`<i>${String(value)}</i>`
}

function text(account: Account, value: string): Html {
  const quoted = JSON.stringify(value)
  if (/^[a-z]+_[A-Za-z0-9_]+$/.test(value) && account.lookUp(value))
    return html`<a href="${objectLink(account, value)}">${quoted}</a>`
  if (/^https?:\/\//.test(value) && value.startsWith(account.pagesUrl)) return html`<a href="${value}">${quoted}</a>`
  return html`<s>${quoted}</s>`
}

/** Unix seconds of this century stand where a time is meant. */
const timeNote = (name: string, value: unknown): Html =>
  typeof value === 'number' &&
  value > 946_684_800 &&
  value < 4_102_444_800 &&
  /(^|_)(at|start|end|created|time|date|anchor|attempt|period|updated|until|by)$/.test(name)
    ? html` <u>${dateTime(value)}</u>`
    : nothing

/** The text of an answer as JSON where it is some, otherwise as it is. */
export function textView(account: Account, body: string): Html {
  if (body === '') return html`<p class="soft">Nothing.</p>`
  try {
    return jsonView(account, JSON.parse(body))
  } catch (error) {
    if (error instanceof SyntaxError) return html`<pre class="json" tabindex="0">${body}</pre>`
    throw error
  }
}
