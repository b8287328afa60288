import { versionOf } from './web/version.ts'

/**
 * All the script there is. Every page works without it; with it a test card fills the form at once, a card number is grouped as it is
 * typed, the total follows the way to ship that was chosen, and a button that was pressed says so.
 */
export const script = `'use strict'
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-fill]')
  if (!button) return
  event.preventDefault()
  const form = button.form
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) form.elements[name].value = value
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fillEmpty))) {
    if (form.elements[name]?.value === '') form.elements[name].value = value
  }
  for (const each of form.querySelectorAll('button[data-fill]')) each.setAttribute('aria-pressed', String(each === button))
})
document.addEventListener('change', ({ target }) => {
  if (target.name === 'shipping_rate') target.form.elements.choose?.click()
})
document.addEventListener('input', ({ target }) => {
  if (target.name === 'number') group(target, target.value.replace(/\\D/g, '').slice(0, 19).replace(/(.{4})(?=.)/g, '$1 '))
  if (target.name === 'expiry') group(target, target.value.replace(/\\D/g, '').slice(0, 4).replace(/^(.{2})(?=.)/, '$1 / '))
})
function group(input, text) {
  if (input.selectionStart === input.value.length) input.value = text
}
document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.dataset.sent) return event.preventDefault()
  const button = event.submitter
  if (!button || !button.hasAttribute('data-pay')) return
  form.dataset.sent = 'yes'
  button.setAttribute('aria-busy', 'true')
  button.dataset.label = button.textContent
  button.textContent = button.dataset.pay || 'Processing…'
})
// On a phone the menu is a row wider than the screen: the page that one is on comes into view.
document.querySelector('.menu [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
// The browser's back button may show the page as it was left.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
  for (const button of document.querySelectorAll('button[data-label]')) {
    button.textContent = button.dataset.label
    button.removeAttribute('aria-busy')
  }
})
`

export const scriptUrl = `/_local/assets/${versionOf(script)}/pages.js`
