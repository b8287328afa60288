import { type Route, route } from '../web/routes.ts'
import { moveClock, showClock } from './clock.ts'
import { resend, showEvent, showEvents } from './events.ts'
import { setFaults, showFaults } from './faults.ts'
import { showKinds, showList } from './lists.ts'
import { search, showObject } from './objects.ts'
import { showAccounts, showOverview, showStart } from './overview.ts'
import { findRequest, showRequest, showRequests } from './requests.ts'
import { saveSettings, showSettings } from './settings.ts'
import { addWebhook, changeWebhook, showWebhooks } from './webhooks.ts'

/** The developer's side: what there is, what happened, and what is to happen. */
export const dashboardRoutes: Route[] = [
  route('GET /', showStart),
  route('GET /_local', showStart),
  route('GET /_local/accounts', showAccounts),
  route('GET /_local/requests/{id}', findRequest),
  route('GET /_local/{account}', showOverview),
  route('GET /_local/{account}/list', showKinds),
  route('GET /_local/{account}/list/{kind}', showList),
  route('GET /_local/{account}/objects/{id}', showObject),
  route('GET /_local/{account}/search', search),
  route('GET /_local/{account}/events', showEvents),
  route('GET /_local/{account}/events/{id}', showEvent),
  route('POST /_local/{account}/events/{id}/resend', resend),
  route('GET /_local/{account}/webhooks', showWebhooks),
  route('POST /_local/{account}/webhooks', addWebhook),
  route('POST /_local/{account}/webhooks/{id}', changeWebhook),
  route('GET /_local/{account}/requests', showRequests),
  route('GET /_local/{account}/requests/{id}', showRequest),
  route('GET /_local/{account}/clock', showClock),
  route('POST /_local/{account}/clock', moveClock),
  route('GET /_local/{account}/faults', showFaults),
  route('POST /_local/{account}/faults', setFaults),
  route('GET /_local/{account}/settings', showSettings),
  route('POST /_local/{account}/settings', saveSettings),
]
