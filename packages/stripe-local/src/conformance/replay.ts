import { type Answer, messageOf, send, type Target } from './ask.ts'
import type { Catalogue } from './catalogue.ts'
import { type Correspondence, createCorrespondence, type Difference, type Seen } from './correspondence.ts'
import { presume } from './presume.ts'
import { type Conversation, type Exchange, isObject, objectsIn, operationOf } from './recording.ts'

/** What became of one request of a conversation. */
export type StepResult = {
  /** `POST /v1/subscriptions` */
  request: string
  version: string
  /** Why it was not sent, or what the answer was for which there is nothing to compare. */
  skipped?: string
  differences: Difference[]
  seen: Seen
}

/** Asks the target what was asked of Stripe, step by step, and compares what both answered. */
export async function replay(conversation: Conversation, catalogue: Catalogue, target: Target): Promise<StepResult[]> {
  const ids = createCorrespondence({ setTime: target.setTime !== undefined })
  const results: StepResult[] = []
  let time = 0
  for (const exchange of conversation.exchanges) {
    const { request, response } = exchange
    time = timeOf(exchange, time)
    target.setTime?.(time)
    const missing = response.status < 300 ? await presume(exchange, conversation, ids, catalogue, target) : []
    const step = {
      request: operationOf(request),
      version: request.stripe_version,
      differences: [],
      seen: { compared: 0, absent: [] },
    }
    if (missing.length > 0) {
      results.push({ ...step, skipped: `${missing.join(', ')}: what made it was not recorded` })
      continue
    }
    const { answer, leftOut } = await send(target, exchange, ids)
    if (answer.status === 501 && response.status !== 501) {
      results.push({ ...step, skipped: messageOf(answer.body) })
      continue
    }
    const differences = [...leftOut, ...differencesOf(response, answer, ids)]
    results.push({ ...step, differences, seen: ids.takeSeen() })
  }
  return results
}

function differencesOf(recorded: Exchange['response'], answer: Answer, ids: Correspondence): Difference[] {
  if (recorded.status !== answer.status) {
    const told = answer.status >= 400 ? ` (${messageOf(answer.body)})` : ''
    return [{ path: 'status', recorded: recorded.status, local: `${answer.status}${told}` }]
  }
  return [...ids.compare(recorded.body, answer.body)]
}

/** When the request was made, as far as the answer tells: nothing in it is older than the conversation has come. */
function timeOf({ request, response }: Exchange, before: number): number {
  if (request.method === 'GET' && before > 0) return before
  const told = [...objectsIn(response.body)].flatMap((object) =>
    ['created', 'canceled_at', 'ended_at', 'finalized_at', 'paid_at', 'updated'].map((name) => object[name]),
  )
  const later = told.filter((time): time is number => typeof time === 'number' && time > before && time < 4_000_000_000)
  if (later.length === 0) return before
  const own = isObject(response.body) && typeof response.body.created === 'number' ? response.body.created : 0
  return before === 0 || own > before ? own || Math.max(...later) : Math.min(...later)
}
