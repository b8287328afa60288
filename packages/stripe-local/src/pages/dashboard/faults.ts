import { html } from 'hono/html'
import type { FaultSettings } from '../../control/faults.ts'
import { inputField } from '../fields.ts'
import { field } from '../web/form.ts'
import { type Answer, type Html, type PageRequest, redirect } from '../web/page.ts'
import { accountNamed, dashboardPage, linkTo } from './frame.ts'

const webhookFaults = [
  ['duplicate', 'Delivered twice'],
  ['delay', 'Delayed'],
  ['reorder', 'Out of order'],
  ['drop', 'Dropped'],
  ['truncate', 'Cut short'],
] as const

const apiFaults = [
  ['status429', 'Answered 429'],
  ['status500', 'Answered 500'],
  ['status409', 'Answered 409'],
  ['slow', 'Slow'],
  ['resetAfterWrite', 'Connection reset after the write'],
] as const

/** What is to go wrong with this account's webhooks and requests, and how often it has. */
export function showFaults({ host, path }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  const { settings, counts } = account.faults
  const { webhooks = {}, api = {} } = settings
  const happened = Object.entries(counts)
  const body = html`<p class="soft">Each is a chance in percent that it happens. The same seed and the same order of calls give the same faults, so a run can be repeated.</p>
<form method="post" action="${linkTo(account, 'faults')}" class="stack narrow">
<fieldset class="card padded stack tight"><legend class="label">Webhooks</legend>
<div class="pair">${webhookFaults.map(([name, label]) => percentField(`webhooks.${name}`, label, webhooks[name]))}
${numberField('webhooks.delayMilliseconds', 'Delayed by at most (ms)', webhooks.delayMilliseconds ?? 200)}</div></fieldset>
<fieldset class="card padded stack tight"><legend class="label">Answers of the API</legend>
<div class="pair">${apiFaults.map(([name, label]) => percentField(`api.${name}`, label, api[name]))}
${numberField('api.slowMilliseconds', 'Slow means (ms)', api.slowMilliseconds ?? 1000)}</div></fieldset>
${numberField('seed', 'Seed', settings.seed ?? 1)}
<p class="actions"><button class="button" type="submit">Set</button><button class="button quiet" type="submit" name="clear" value="yes">Let nothing go wrong</button></p>
</form>
<h2>What has gone wrong since</h2>
${happened.length === 0 ? html`<p class="empty card">Nothing yet.</p>` : html`<dl class="facts card">${happened.map(([name, times]) => html`<div><dt>${faultName(name)}</dt><dd>${times}</dd></div>`)}</dl>`}`
  return dashboardPage(account, 'faults', 'Faults', body)
}

const faultName = (name: string): Html => {
  const [area = '', fault = ''] = name.split('.')
  const known = [...webhookFaults, ...apiFaults].find(([each]) => each === fault)
  return html`${area === 'api' ? 'API' : 'Webhooks'}: ${known?.[1].toLowerCase() ?? fault}`
}

const percentField = (name: string, label: string, chance = 0): Html =>
  inputField({
    label,
    name,
    type: 'number',
    value: String(Math.round(chance * 1000) / 10),
    inputmode: 'numeric',
  })

const numberField = (name: string, label: string, value: number): Html =>
  inputField({ label, name, type: 'number', value: String(value), inputmode: 'numeric' })

export function setFaults({ host, path, form }: PageRequest<'account'>): Answer {
  const account = accountNamed(host, path.account)
  account.faults.set(form.get('clear') ? {} : readFaults(form))
  return redirect(linkTo(account, 'faults'))
}

function readFaults(form: URLSearchParams): FaultSettings {
  const whole = (name: string): number => Math.max(0, Math.floor(Number(field(form, name)) || 0))
  const chances = (area: string, names: readonly (readonly [string, string])[]): Record<string, number> =>
    Object.fromEntries(
      names.map(([name]) => [name, Math.min(1, Math.max(0, Number(field(form, `${area}.${name}`)) || 0) / 100)]),
    )
  const settings: FaultSettings = {
    seed: whole('seed') || 1,
    webhooks: { ...chances('webhooks', webhookFaults), delayMilliseconds: whole('webhooks.delayMilliseconds') },
    api: { ...chances('api', apiFaults), slowMilliseconds: whole('api.slowMilliseconds') },
  }
  return settings
}
