import { html } from 'hono/html'
import type { Account, AccountSettings } from '../../account.ts'
import { inputField, type Problems, selectField } from '../fields.ts'
import { field } from '../web/form.ts'
import { type Answer, type PageRequest, redirect } from '../web/page.ts'
import { accountNamed, dashboardPage, linkTo } from './frame.ts'

const afterRetries = [
  ['cancel', 'Cancel the subscription'],
  ['unpaid', 'Mark it unpaid'],
  ['past_due', 'Leave it past due'],
] as const

/** What an account decides for its subscriptions, as in Stripe's own dashboard under Billing. */
export const showSettings = ({ host, path }: PageRequest<'account'>): Answer =>
  settingsPage(accountNamed(host, path.account))

function settingsPage(account: Account, form?: URLSearchParams, problems: Problems = {}): Answer {
  const { settings } = account
  const value = (name: string, is: string): string => (form ? field(form, name) : is)
  const body = html`<form method="post" action="${linkTo(account, 'settings')}" class="card padded stack narrow" novalidate>
${inputField({ label: 'Days after the first failure on which a payment is tried again', name: 'retryDays', value: value('retryDays', settings.retryDays.join(', ')), problem: problems.retryDays, hint: 'Whole numbers, rising, with commas between them. Stripe recommends eight tries in two weeks.', optional: true })}
${selectField({ label: 'When the last try has failed', name: 'afterRetries', value: value('afterRetries', settings.afterRetries), choices: afterRetries })}
${inputField({ label: 'Seconds from a renewal to its payment', name: 'finalizeAfter', value: value('finalizeAfter', String(settings.finalizeAfter)), problem: problems.finalizeAfter, inputmode: 'numeric', hint: 'Stripe leaves about an hour in which the draft of the invoice can be changed.' })}
${inputField({ label: 'Days before a renewal at which invoice.upcoming is sent', name: 'upcomingDays', value: value('upcomingDays', String(settings.upcomingDays)), problem: problems.upcomingDays, inputmode: 'numeric' })}
<p><button class="button" type="submit">Save</button></p>
</form>`
  return dashboardPage(account, 'settings', 'Settings', body, { status: form ? 422 : 200 })
}

export function saveSettings({ host, path, form }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const days = field(form, 'retryDays')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number)
  const finalizeAfter = Number(field(form, 'finalizeAfter') || Number.NaN)
  const upcomingDays = Number(field(form, 'upcomingDays') || Number.NaN)
  const rising = days.every((day, index) => Number.isInteger(day) && day > (days[index - 1] ?? 0))
  const problems: Problems = {
    ...(!rising && { retryDays: 'Whole numbers of days, each more than the one before, such as 1, 3, 5, 7.' }),
    ...(!isCount(finalizeAfter) && { finalizeAfter: 'A whole number of seconds.' }),
    ...(!isCount(upcomingDays) && { upcomingDays: 'A whole number of days.' }),
  }
  if (Object.keys(problems).length > 0) return settingsPage(account, form, problems)
  const choice = afterRetries.find(([key]) => key === field(form, 'afterRetries'))?.[0] ?? 'cancel'
  const settings: AccountSettings = {
    ...account.settings,
    retryDays: days,
    afterRetries: choice,
    finalizeAfter,
    upcomingDays,
  }
  account.settings = settings
  host.noteAccount(account)
  return redirect(linkTo(account, 'settings'))
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
