import type { Action, Card } from './program.ts'
import type { World } from './world.ts'

/** What an owner knows: the Checkouts that were handed out, the newest first. */
export type Handed = { sessionId: string; url: string }

/** A refusal with a reason that is the member's own: there is nothing to cancel, the card was declined, another window was quicker. */
const isOwnReason = (status: number, code: string): boolean =>
  [402, 403, 404, 409].includes(status) && !code.startsWith('price_')

/** What may be told besides while something fails. */
const passing = new Set(['stripe_unavailable', 'database_unavailable'])

const numbers: Record<Card, string> = {
  good: '4242424242424242',
  declined: '4000000000000002',
  failsLater: '4000000000000341',
}

/**
 * Asks the app as a member does, twice at once if wanted, and holds the answer against what may be answered. `again`: whom
 * nobody answered, or told to try later, asks for the same once more.
 */
async function ask(
  world: World,
  owner: number,
  path: string,
  body: object | undefined,
  { twice = false, again = false }: { twice?: boolean; again?: boolean | undefined } = {},
): Promise<object[]> {
  const { random, complaints, log, tally } = world
  const processes = world.processes.filter(({ life }) => !life.dead)
  const asked = twice || processes.length === 0 ? world.processes : [random.pick(processes)]
  let unanswered = 0
  const answers = await Promise.all(
    asked.map((process) => process.ask(path, { owner: world.ownerId(owner), ...(body && { body }) })),
  )
  const told: object[] = []
  for (const answer of answers) {
    if (answer === null) {
      log.push(`  ${path}: no answer, the process died`)
      unanswered += 1
      continue
    }
    const json = (await answer.json()) as { error?: { code: string; message: string } }
    const code = json.error?.code ?? null
    tally.count(code === null ? `done: ${path.split('?')[0]}` : `refused: ${code}`)
    log.push(`  ${path}: ${answer.status} ${code ?? ''}`)
    if (code === null) {
      told.push(json)
      continue
    }
    const isPassing = passing.has(code)
    if (isPassing) unanswered += 1
    if (!isOwnReason(answer.status, code) && !(isPassing && mayFail(world)))
      complaints.push(`${path} was answered ${answer.status} ${code}: ${json.error?.message}`)
  }
  return again && unanswered === answers.length ? ask(world, owner, path, body) : told
}

const mayFail = ({ program: { faults, steps } }: World): boolean =>
  faults.call > 0 || faults.statement > 0 || steps.some(({ action }) => action.do === 'outage')

const wishOf = (plan: string) => {
  const [name, interval] = plan.split(' ')
  return { plan: name, interval }
}

/** Makes the people of a world. */
export function createMembers(world: World) {
  const handed = new Map<number, Handed[]>()
  const of = (owner: number) => handed.get(owner) ?? []

  /** A double click confirms once. */
  const confirm = (owner: number) => {
    const id = world.ownerId(owner)
    world.changes.set(id, (world.changes.get(id) ?? 0) + 1)
  }

  const members: { [Name in Action['do']]?: (action: Extract<Action, { do: Name }>) => Promise<void> } = {
    async checkout({ owner, plan, twice }) {
      const sessions = (await ask(world, owner, '/checkout', wishOf(plan), { twice })) as Handed[]
      handed.set(owner, [...sessions, ...of(owner)])
    },
    async pay({ owner, card, back, twice }) {
      const session = of(owner)[back]
      if (session === undefined) return
      await Promise.all((twice ? [0, 1] : [0]).map(() => payAtStripe(world, session, card)))
    },
    async success({ owner }) {
      const session = of(owner)[0]
      if (session !== undefined) await ask(world, owner, `/success?session_id=${session.sessionId}`, undefined)
    },
    async switch({ owner, plan, twice, again }) {
      confirm(owner)
      await ask(world, owner, '/switch', { ...wishOf(plan), prorationDate: world.now() }, { twice, again })
    },
    async pause({ owner }) {
      confirm(owner)
      await ask(world, owner, '/pause', {})
    },
    async unpause({ owner, twice }) {
      confirm(owner)
      await ask(world, owner, '/unpause', {}, { twice })
    },
    async comeBack({ owner, plan, twice, again }) {
      const { comeBacks } = world
      comeBacks.set(world.ownerId(owner), (comeBacks.get(world.ownerId(owner)) ?? 0) + 1)
      await ask(world, owner, '/come-back', wishOf(plan), { twice, again })
    },
    async undoSwitch({ owner }) {
      await ask(world, owner, '/undo-switch', {})
    },
    async cancel({ owner, when }) {
      await ask(world, owner, '/cancel', { when })
    },
    async resume({ owner }) {
      await ask(world, owner, '/resume', {})
    },
  }
  return members
}

/** Fills in Stripe's page. */
async function payAtStripe({ log, tally }: World, { url }: Handed, card: Card): Promise<void> {
  const fields = { number: numbers[card], expiry: '12 / 40', cvc: '123', name: 'Ada', email: 'ada@example.com' }
  const body = new URLSearchParams({ ...fields, country: 'US' })
  const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' })
  tally.count(`payments: ${answer.status === 303 ? 'made' : 'declined or too late'}`)
  log.push(`  paid with a ${card} card: ${answer.status}`)
}
