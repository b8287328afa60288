import { judgeFetch, judgeSnapshot } from '../src/mirror/order.ts'
import type { OrderColumns } from '../src/store/rows.ts'

/**
 * The order scheme as a small state machine: one object at Stripe, one row here, deliveries and fetches whose steps may
 * be taken in any order. What is judged is judged by the functions that the mirror uses.
 */
export type Rules = {
  judgeSnapshot: typeof judgeSnapshot
  judgeFetch: typeof judgeFetch
  /** Whether a snapshot that shows what the row shows takes a new ticket. */
  confirmTakesTicket: boolean
  /** Where the duration of a fetch is measured from. */
  durationFrom: 'ticket' | 'call'
}

export const rules: Rules = { judgeSnapshot, judgeFetch, confirmTakesTicket: true, durationFrom: 'ticket' }

/** What the object shows. 0 is the last word: a state that is never left. */
type Value = number

export type ModelEvent = { created: number; value: Value; thin: boolean }

type Fetch =
  | { step: 'wanted' }
  | { step: 'ticketed'; ticket: number; from: number }
  | { step: 'sent'; ticket: number; from: number }
  | { step: 'read'; ticket: number; from: number; value: Value }
  | { step: 'answered'; ticket: number; from: number; value: Value; date: number }

export type Row = OrderColumns & { value: Value }

export type State = {
  /** Ticks; some of them are a second. */
  time: number
  stripe: Value
  row: Row | null
  ticket: number
  /** Changed, and the event of it not made yet: Stripe makes them in order, up to a second later. */
  unstamped: readonly { value: Value; thin: boolean; at: number }[]
  undelivered: readonly ModelEvent[]
  /** Delivered once; may come again. */
  delivered: readonly ModelEvent[]
  fetches: readonly Fetch[]
}

export type Action =
  | { do: 'tick' }
  | { do: 'change'; to: Value; thin: boolean }
  | { do: 'stamp' }
  | { do: 'deliver'; event: number }
  | { do: 'repeat'; event: number }
  | { do: 'sync' }
  | { do: 'step'; fetch: number }

export const start: State = {
  time: 0,
  stripe: 1,
  row: null,
  ticket: 0,
  unstamped: [],
  undelivered: [],
  delivered: [],
  fetches: [],
}

/** Takes one step. Null: it cannot be taken here. */
export function take(state: State, action: Action, by: Rules, ticksPerSecond: number): State | null {
  const second = (ticks: number) => Math.floor(ticks / ticksPerSecond)
  switch (action.do) {
    case 'tick':
      // A second after a change its event is there.
      if (state.unstamped.some(({ at }) => state.time + 1 > at + ticksPerSecond)) return null
      return { ...state, time: state.time + 1 }
    case 'change': {
      if (state.stripe === 0 || action.to === state.stripe) return null
      const change = { value: action.to, thin: action.thin, at: state.time }
      return { ...state, stripe: action.to, unstamped: [...state.unstamped, change] }
    }
    case 'stamp': {
      const [first, ...unstamped] = state.unstamped
      if (first === undefined) return null
      const event = { created: second(state.time), value: first.value, thin: first.thin }
      return { ...state, unstamped, undelivered: [...state.undelivered, event] }
    }
    case 'deliver': {
      const event = state.undelivered[action.event]
      if (event === undefined) return null
      const undelivered = state.undelivered.filter((_, index) => index !== action.event)
      return receive({ ...state, undelivered, delivered: [...state.delivered, event] }, event, by)
    }
    case 'repeat': {
      const event = state.delivered[action.event]
      return event === undefined ? null : receive(state, event, by)
    }
    case 'sync':
      return { ...state, fetches: [...state.fetches, { step: 'wanted' }] }
    case 'step': {
      const fetch = state.fetches[action.fetch]
      return fetch === undefined ? null : proceed(state, fetch, action.fetch, by, second)
    }
  }
}

/** The inbox without its memory: even an event that was had before must do no harm. */
function receive(state: State, event: ModelEvent, by: Rules): State {
  const wanted: State = { ...state, fetches: [...state.fetches, { step: 'wanted' }] }
  if (event.thin) return wanted
  const { row } = state
  const verdict = by.judgeSnapshot(row && { ...row, ...mortal(row.value) }, {
    created: event.created,
    clocked: false,
    terminal: event.value === 0,
    same: () => row?.value === event.value,
  })
  const ticket = state.ticket + 1
  const written = { value: event.value, ticket, as_of_lo: event.created, as_of_hi: event.created, fetched: false }
  if (verdict === 'write') return { ...state, ticket, row: written }
  if (verdict === 'writeAndFetch') return { ...wanted, ticket, row: written }
  if (verdict === 'fetch') return wanted
  if (verdict === 'confirm' && row !== null && by.confirmTakesTicket) {
    return { ...state, ticket, row: { ...row, ticket, fetched: false } }
  }
  return state
}

function proceed(state: State, fetch: Fetch, index: number, by: Rules, second: (ticks: number) => number): State {
  const become = (next: Fetch | null, rest: Partial<State> = {}): State => ({
    ...state,
    ...rest,
    fetches: state.fetches.flatMap((one, at) => (at === index ? (next === null ? [] : [next]) : [one])),
  })
  const { time } = state
  switch (fetch.step) {
    case 'wanted': {
      const ticket = state.ticket + 1
      return become({ step: 'ticketed', ticket, from: time }, { ticket })
    }
    case 'ticketed':
      return become({ ...fetch, step: 'sent', from: by.durationFrom === 'ticket' ? fetch.from : time })
    case 'sent':
      return become({ ...fetch, step: 'read', value: state.stripe })
    case 'read':
      return become({ ...fetch, step: 'answered', date: second(time) })
    case 'answered': {
      const ticksPerSecond = secondsIn(second)
      const took = Math.ceil((time - fetch.from) / ticksPerSecond)
      const reading = { ticket: fetch.ticket, lo: fetch.date - took - 1, hi: fetch.date + 1 }
      const verdict = by.judgeFetch(state.row, reading)
      if (verdict === 'again') return become({ step: 'wanted' })
      if (verdict === 'drop' || (state.row?.value === 0 && fetch.value !== 0)) return become(null)
      const { ticket, lo, hi } = reading
      const row = { value: fetch.value, ticket, as_of_lo: lo, as_of_hi: hi, fetched: true }
      return become(null, { row })
    }
  }
}

function secondsIn(second: (ticks: number) => number): number {
  let ticks = 1
  while (second(ticks) === 0) ticks += 1
  return ticks
}

function mortal(value: Value): { status: string } {
  return { status: value === 0 ? 'canceled' : 'active' }
}

/** Nothing is on its way any more. */
export function isQuiet({ unstamped, undelivered, fetches }: State): boolean {
  return unstamped.length === 0 && undelivered.length === 0 && fetches.length === 0
}

/** What was promised: once it is quiet, the row shows what Stripe shows. Without any event there need be no row. */
export function holds(state: State): boolean {
  if (!isQuiet(state)) return true
  if (state.row === null) return state.delivered.length === 0
  return state.row.value === state.stripe
}

export type Bounds = {
  ticks: number
  ticksPerSecond: number
  changes: number
  syncs: number
  repeats: number
  values: readonly Value[]
  thin: boolean
}

/**
 * Goes through every schedule within bounds, each state once.
 * @returns the shortest way found to a broken promise, or null, and how many states there were
 */
export function explore(by: Rules, bounds: Bounds, most = 3_000_000): { broken: Action[] | null; states: number } {
  type Node = {
    state: State
    changes: number
    syncs: number
    repeats: number
    back: Node | null
    action: Action | null
  }
  const seen = new Set<string>()
  let frontier: Node[] = [{ state: start, changes: 0, syncs: 0, repeats: 0, back: null, action: null }]
  const path = (node: Node): Action[] =>
    node.back === null || node.action === null ? [] : [...path(node.back), node.action]
  while (frontier.length > 0) {
    const next: Node[] = []
    for (const node of frontier) {
      for (const action of actionsFrom(node, bounds)) {
        const state = take(node.state, action, by, bounds.ticksPerSecond)
        if (state === null) continue
        const counted = {
          changes: node.changes + (action.do === 'change' ? 1 : 0),
          syncs: node.syncs + (action.do === 'sync' ? 1 : 0),
          repeats: node.repeats + (action.do === 'repeat' ? 1 : 0),
        }
        const key = JSON.stringify([state, counted])
        if (seen.has(key)) continue
        seen.add(key)
        if (seen.size > most) throw new Error(`more than ${most} states: make the bounds smaller`)
        const child: Node = { state, ...counted, back: node, action }
        if (!holds(state)) return { broken: path(child), states: seen.size }
        next.push(child)
      }
    }
    frontier = next
  }
  return { broken: null, states: seen.size }
}

function actionsFrom(
  { state, changes, syncs, repeats }: { state: State; changes: number; syncs: number; repeats: number },
  bounds: Bounds,
): Action[] {
  const actions: Action[] = []
  if (changes < bounds.changes) {
    for (const to of bounds.values) {
      actions.push({ do: 'change', to, thin: false })
      if (bounds.thin) actions.push({ do: 'change', to, thin: true })
    }
  }
  if (state.unstamped.length > 0) actions.push({ do: 'stamp' })
  state.undelivered.forEach((_, event) => {
    actions.push({ do: 'deliver', event })
  })
  if (repeats < bounds.repeats) {
    state.delivered.forEach((_, event) => {
      actions.push({ do: 'repeat', event })
    })
  }
  state.fetches.forEach((_, fetch) => {
    actions.push({ do: 'step', fetch })
  })
  if (syncs < bounds.syncs) actions.push({ do: 'sync' })
  if (state.time < bounds.ticks) actions.push({ do: 'tick' })
  return actions
}
