import type Stripe from 'stripe'
import type { Held } from './line.ts'

/** What an app believes of a subscription, in Stripe's words. `periodEnd` is in Unix seconds. */
export type Belief = { status: string; price: string; periodEnd: number }

/** What not every handler offers. Where it does not, the row says so instead of failing. */
export type Need = 'hooks' | 'thin events' | 'questions to Stripe'

/** The Stripe that an app is tried with: Stripe Local, two prices, and its time. */
export type Shop = {
  stripe: Stripe
  /** Where the handlers find it. */
  url: string
  prices: Record<'pro' | 'ent', string>
  /** Unix seconds, by Stripe's clock. */
  now(): number
  /** Lets Stripe's clock come to a later second. */
  tick(): Promise<void>
  /** Begins an outage of Stripe's API. Answers what ends it. */
  down(): Promise<() => Promise<void>>
  /** Holds up the next answer that a handler gets about a subscription. */
  hold(subscription: string): Held
}

/**
 * A webhook handler with its database, in two processes, whatever it is made of: what a scenario does to it and asks of it.
 * The same table runs against Dues inside a test and against any program over HTTP.
 */
export type Handler = {
  /** Posts a delivery to one of the two processes. Answers the status; 0 where there was no answer. */
  deliver(body: string, signature: string, process: 0 | 1): Promise<number>
  /** What the app believes; null where it knows no such subscription. */
  belief(subscription: string): Promise<Belief | null>
  /** What the app does before somebody buys: it knows the customer. Answers metadata that it wants on what is bought. */
  enrol(customer: string, owner: string, by: 'checkout' | 'api'): Promise<Record<string, string>>
  /** Begins an outage of the database. Answers what ends it. */
  databaseDown(): Promise<() => Promise<void>>
  /** From now on the app's own code, which is run on a change, throws. Answers what mends it. */
  hookDown(): Promise<() => Promise<void>>
  /** How often the app's own code was run for a subscription, and how often that went well. */
  hookRuns(subscription: string): { tried: number; done: number }
  /** Lets the first process die at its n-th statement to the database, counted from now. Answers how to know that it did. */
  dieAt(statement: number): () => boolean
  /** Starts the first process anew. */
  restart(): Promise<void>
  /** What an operator, or a schedule, does to find what was lost. */
  repair(): Promise<void>
  /** What it does not offer, and why. */
  without: Partial<Record<Need, string>>
  /** How long to wait for what it does by itself, in milliseconds: soon, after an outage, and for what it should leave alone. */
  patience: { soon: number; late: number; moment: number }
}

/** Somebody who pays, at Stripe. Each change answers the events that Stripe has made of it, the oldest first. */
export type Member = {
  subscription: string
  owner: string
  switchTo(plan: 'pro' | 'ent'): Promise<Stripe.Event[]>
  cancelAtPeriodEnd(): Promise<Stripe.Event[]>
  resume(): Promise<Stripe.Event[]>
  end(): Promise<Stripe.Event[]>
}

/** What a scenario works with. */
export type Stage = {
  shop: Shop
  handler: Handler
  /** Somebody buys Professional by Checkout. `bought` are the events of that; nothing was delivered yet. */
  buy(): Promise<{ member: Member; bought: Stripe.Event[] }>
  /** The same, delivered in order and believed. */
  join(): Promise<Member>
  /** A subscription made by the API, not paid yet and then paid, all in one second: two events. */
  createAndPay(): Promise<{ member: Member; created: Stripe.Event; paid: Stripe.Event }>
  /** Changes of one second: done again with somebody else if the second ended in between. */
  inOneSecond(changes: (member: Member) => Promise<Stripe.Event[]>): Promise<{ member: Member; events: Stripe.Event[] }>
  /** One delivery. What is not answered 2xx is delivered again by `agrees`, as Stripe does. */
  deliver(event: object, options?: { process?: 0 | 1; sign?: Sign }): Promise<number>
  /** Fails unless the app comes to believe what Stripe says, while Stripe repeats what was not acknowledged. */
  agrees(member: Member, when?: 'soon' | 'late'): Promise<void>
  /** Fails if the app, which agrees with Stripe now, comes to believe something else within a moment. */
  staysSo(member: Member): Promise<void>
  /** Fails with a sentence. */
  fail(because: string): never
  /** Waits, up to a bound; answers whether it came to be. */
  until(condition: () => boolean | Promise<boolean>, when: 'soon' | 'late' | 'moment'): Promise<boolean>
}

/** Makes the Stripe-Signature header of a body. */
export type Sign = (payload: string, now: number) => string

/** A row of the table. */
export type Scenario = {
  name: string
  /** The number of the promise in DESIGN.md that it belongs to. */
  promise: number
  /** What must be true in the end, as a sentence. */
  must: string
  needs?: Need
  run(stage: Stage): Promise<void>
}
