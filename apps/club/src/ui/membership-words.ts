import type { ClubMember } from '../billing.ts'
import { addOns, type ClubInterval, type PlanCode, per, plans } from '../plans.ts'
import { formatDay, formatPrice } from './format.ts'

/** "Professional" for `pro`. */
export const nameOf = (plan: PlanCode): string => plans[plan].name

/** "$19 a month". */
export const priceOf = (plan: 'pro' | 'ent', interval: ClubInterval): string => priceWith(plan, interval, 0)

/** "2 print bundles". */
export const bundles = (number: number): string => `${number} print bundle${number === 1 ? '' : 's'}`

/** "$12 a month" for two bundles. */
export function priceOfBundles(number: number, interval: ClubInterval): string {
  const { amount, currency } = addOns.bundle.prices[interval]
  return `${formatPrice(amount * number, currency)} a ${per[interval]}`
}

/** A membership's state in a word or two, for a label; none where there is nothing to say but "Free". */
export function stateLabel(member: ClubMember): { text: string; tone: 'good' | 'calm' | 'warn' } | null {
  if (member.pastDue()) return { text: 'Payment due', tone: 'warn' }
  if (member.state === 'unpaid') return { text: 'Unpaid', tone: 'warn' }
  if (member.paused()) return { text: 'Paused', tone: 'warn' }
  if (member.incomplete()) return { text: 'Waiting for payment', tone: 'warn' }
  if (member.cancelling()) return { text: 'Ends soon', tone: 'calm' }
  if (member.changesTo) return { text: 'Changes soon', tone: 'calm' }
  if (member.trialing()) return { text: 'Trial', tone: 'good' }
  if (member.state === 'granted') return { text: 'Given', tone: 'good' }
  if (member.subscribed()) return { text: 'Active', tone: 'good' }
  return null
}

/** Where a membership stands and what happens next, in a sentence or two that a member can plan by. */
export function stateSentence(member: ClubMember): string {
  const plan = nameOf(member.price?.plan ?? member.plan)
  const ends = member.endsAt && formatDay(member.endsAt)
  const price = wholePrice(member)
  if (member.pastDue()) {
    return member.subscribed() && ends
      ? `The last payment did not go through. You keep ${plan} until ${ends} while it is tried again.`
      : `The last payment did not go through, and ${plan} is on hold until it does.`
  }
  if (member.state === 'unpaid') return `${plan} is on hold: an invoice is not paid. Pay it and everything is back.`
  if (member.paused()) return `${plan} is paused: nothing is charged, and exporting waits until you go on.`
  if (member.incomplete()) return `The first payment for ${plan} has not gone through yet.`
  if (member.cancelling() && ends) return `Cancelled. You keep ${plan} until ${ends}; nothing more will be charged.`
  if (member.changesTo) {
    const { plan: next, interval, at, addOns: beside } = member.changesTo
    if (next === member.price?.plan && interval === member.interval)
      return `${plan} goes on. From ${formatDay(at)} on it is with ${beside.bundle > 0 ? bundles(beside.bundle) : 'no print bundles'}.`
    const then = next === 'free' || interval === null ? '' : `, for ${priceWith(next, interval, beside.bundle)}`
    return `You keep ${plan} until ${formatDay(at)}. From then on it is ${nameOf(next)}${then}.`
  }
  if (member.trialing() && member.trialEndsAt) {
    return `Your trial of ${plan} runs until ${formatDay(member.trialEndsAt)}. Then it is ${price}, unless you cancel before.`
  }
  if (member.state === 'granted') return `${plan} was given to you${ends ? ` until ${ends}` : ''}. Nothing is charged.`
  if (member.subscribed() && member.renewsAt) return `${capital(price)}. It renews on ${formatDay(member.renewsAt)}.`
  if (member.ended()) return `Your ${plan} membership ended${ends ? ` on ${ends}` : ''}. Your projects are still here.`
  return 'Free costs nothing and does not end.'
}

function wholePrice(member: ClubMember): string {
  const { price } = member
  if (!price || price.amount === null || price.currency === null) return 'the price you signed up for'
  const { amount, currency, interval } = price
  const beside = interval ? addOns.bundle.prices[interval].amount * price.addOns.bundle : 0
  return `${formatPrice(amount + beside, currency)}${interval ? ` a ${per[interval]}` : ''}${included(price.addOns.bundle)}`
}

/** "$37 a month, 3 print bundles included". */
function priceWith(plan: 'pro' | 'ent', interval: ClubInterval, number: number): string {
  const { amount, currency } = plans[plan].prices[interval]
  const beside = addOns.bundle.prices[interval].amount * number
  return `${formatPrice(amount + beside, currency)} a ${per[interval]}${included(number)}`
}

const included = (number: number): string => (number > 0 ? `, ${bundles(number)} included` : '')

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
