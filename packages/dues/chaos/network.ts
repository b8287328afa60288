import { signed } from '../testing/deliveries.ts'
import { type Postbox, webhookSecret } from './postbox.ts'
import type { Faults } from './program.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'

/** What somebody answered to a delivery; null when nobody did. */
export type Receiver = (body: string, signature: string) => Promise<number | null>

/**
 * The way of the events from Stripe to the app. Stripe Local hands every one of them over here; here it is decided in what
 * order, how often, in what state and whether at all they arrive. Like Stripe, it goes on until it has had a 2xx.
 */
export type Network = {
  /** Sends a share of what is undelivered, in any order and all at once, to anybody or to one process. */
  deliver(share: number, to?: number): Promise<void>
  readonly undelivered: number
  /** Ids of events that were answered with a 2xx, and of those that were lost for good. */
  readonly acknowledged: ReadonlySet<string>
  readonly lost: ReadonlySet<string>
  /** Answers that no delivery may get. */
  readonly complaints: readonly string[]
}

export function createNetwork({
  postbox,
  faults,
  random,
  tally,
  now,
  receivers,
}: {
  postbox: Postbox
  faults: () => Faults
  random: Random
  tally: Tally
  now: () => number
  /** Somebody of the processes that are there now. */
  receivers: () => readonly Receiver[]
}): Network {
  const waiting = new Map<string, string>()
  const bodies = new Map<string, string>()
  const acknowledged = new Set<string>()
  const lost = new Set<string>()
  const complaints: string[] = []

  postbox.onEvent((id, body) => {
    if (random.chance(faults().drop)) {
      lost.add(id)
      tally.count('deliveries: lost')
    } else {
      bodies.set(id, body)
      waiting.set(id, body)
    }
  })

  const send = async (id: string, whole: string, receiver: Receiver) => {
    const signature = (body: string) => signed(body, { at: now(), with: webhookSecret })
    const spoilt = random.chance(faults().truncate)
      ? random.pick([
          () => {
            const cut = whole.slice(0, random.below(whole.length))
            // Cut on its way, the signature is of the whole; cut before it was signed, it is of the rest.
            return { as: 'truncated', body: cut, signature: signature(random.chance(0.5) ? whole : cut) }
          },
          () => {
            const forged = whole.replace(id, `${id}_forged`).replaceAll('"active"', '"unpaid"')
            return { as: 'forged', body: forged, signature: signature(whole) }
          },
        ])()
      : null
    const { body, signature: header } = spoilt ?? { body: whole, signature: signature(whole) }
    const status = await receiver(body, header)
    tally.count(`deliveries: ${spoilt?.as ?? (status === null ? 'unanswered' : `answered ${status}`)}`)
    if (status === 200 && spoilt === null) {
      acknowledged.add(id)
      waiting.delete(id)
    }
    const expected = spoilt === null ? [200, 503, null] : [400, 503, null]
    if (!expected.includes(status)) complaints.push(`${spoilt?.as ?? ''} ${id} was answered ${status}`)
  }

  return {
    async deliver(share, to) {
      const chosen = random.shuffled([...waiting]).filter(() => random.chance(share))
      const repeated = random.shuffled([...acknowledged]).filter(() => random.chance(faults().duplicate / 4))
      const twice = chosen.filter(() => random.chance(faults().duplicate))
      tally.count('deliveries: duplicated', twice.length + repeated.length)
      const all = [...chosen, ...twice, ...repeated.map((id) => [id, bodies.get(id) ?? ''] as const)]
      const receiver = () => (to === undefined ? null : receivers()[to]) ?? random.pick(receivers())
      await Promise.all(random.shuffled(all).map(([id, body]) => send(id, body, receiver())))
    },
    get undelivered() {
      return waiting.size
    },
    acknowledged,
    lost,
    complaints,
  }
}
