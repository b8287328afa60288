import { html } from 'hono/html'
import type Stripe from 'stripe'
import { updateCustomer } from '../../resources/customers.ts'
import { countries, isCountry } from '../countries.ts'
import { inputField, type Problems, selectField } from '../fields.ts'
import { field } from '../web/form.ts'
import { nobody } from '../web/nobody.ts'
import { type Answer, nothing, type PageRequest } from '../web/page.ts'
import { allow, type Visit, visitOf } from './access.ts'
import { afterwards, portalPage } from './frame.ts'

export function showDetails(request: PageRequest<'id'>): Answer {
  const visit = visitOf(request)
  allow(visit, 'customer_update')
  const { address, email, name, phone } = visit.customer
  const values = { name, email, phone, ...address }
  const form = new URLSearchParams(Object.entries(values).map(([key, value]): [string, string] => [key, value ?? '']))
  return detailsPage(visit, form, {})
}

function detailsPage(visit: Visit, form: URLSearchParams, problems: Problems): Answer {
  const allowed = visit.configuration.features.customer_update.allowed_updates
  const input = (name: string, label: string, autocomplete: string, optional = true) =>
    inputField({ label, name, autocomplete, value: field(form, name), optional, problem: problems[name] })
  const body = html`<form method="post" class="card padded stack" novalidate>
${allowed.includes('name') ? input('name', 'Name', 'name') : nothing}
${allowed.includes('email') ? input('email', 'Email', 'email', false) : nothing}
${allowed.includes('phone') ? input('phone', 'Phone', 'tel') : nothing}
${
  allowed.includes('address')
    ? html`${input('line1', 'Address', 'address-line1')}${input('line2', 'Address, second line', 'address-line2')}
<div class="pair">${input('postal_code', 'Postal code', 'postal-code')}${input('city', 'Town', 'address-level2')}</div>
<div class="pair">${input('state', 'State or province', 'address-level1')}
${selectField({ label: 'Country', name: 'country', autocomplete: 'country', value: field(form, 'country'), choices: [['', 'None'], ...countries], problem: problems.country })}</div>`
    : nothing
}
<p class="actions"><button class="button" type="submit" data-pay="Saving…">Save</button></p>
</form>`
  const wrong = Object.keys(problems).length > 0
  return portalPage(visit, 'Your details', body, { inner: true, status: wrong ? 422 : 200 })
}

export function saveDetails(request: PageRequest<'id'>): Answer {
  const visit = visitOf(request)
  allow(visit, 'customer_update')
  const { account, customer } = visit
  const { form } = request
  const allowed = visit.configuration.features.customer_update.allowed_updates
  const value = (name: string): string => field(form, name)
  const problems: Problems = {
    ...(allowed.includes('email') && !/^[^\s@]+@[^\s@]+$/.test(value('email')) && { email: 'Enter an email address.' }),
    ...(allowed.includes('address') &&
      value('country') !== '' &&
      !isCountry(value('country')) && { country: 'Choose a country.' }),
  }
  if (Object.keys(problems).length > 0) return detailsPage(visit, form, problems)
  const parts = ['city', 'country', 'line1', 'line2', 'postal_code', 'state'] as const
  const address = Object.fromEntries(parts.map((part) => [part, value(part)]))
  const isEmpty = parts.every((part) => value(part) === '')
  const params: Stripe.CustomerUpdateParams = {
    ...(allowed.includes('name') && { name: value('name') }),
    ...(allowed.includes('email') && { email: value('email') }),
    ...(allowed.includes('phone') && { phone: value('phone') }),
    ...(allowed.includes('address') && { address: isEmpty ? ('' as const) : address }),
  }
  account.work(nobody, () => updateCustomer(account, customer.id, params))
  return afterwards(visit, 'details')
}
