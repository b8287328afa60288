import type { Plans } from '../catalogue/plans.ts'
import type { Context } from '../context.ts'
import { toTransition } from '../entitlements/transitions.ts'
import type { Member } from '../entitlements/types.ts'
import { findOwner } from '../store/owners.ts'
import { cancelSubscription } from './cancel.ts'
import { comeBack } from './come-back.ts'
import { applyDiscount, removeDiscount } from './discount.ts'
import { pauseSubscription, unpauseSubscription } from './pause.ts'
import { openPortal } from './portal.ts'
import { previewSwitch } from './preview.ts'
import { resumeSubscription } from './resume.ts'
import { switchPlan } from './switch.ts'
import { endTrial, moveTrialEnd } from './trial.ts'
import type { ChangePreview, SubscriptionsFacade, SwitchPreview } from './types.ts'
import { undoSwitch } from './undo-switch.ts'

/** `dues.subscriptions`: each change answers with the membership that it left. */
export function subscriptionsFacade<P extends Plans>(
  context: Context,
  member: (owner: string) => Promise<Member<P>>,
): SubscriptionsFacade<P> {
  return {
    // The names were checked against the catalogue on the way in, so what comes out is of the catalogue's types.
    preview: async (owner, plan, interval, { quantity, ...options } = {}) =>
      (await previewSwitch(context, owner, { plan, interval, quantity }, options)) as SwitchPreview<P>,
    async switchTo(owner, plan, interval, { quantity, ...options } = {}) {
      await switchPlan(context, owner, { plan, interval, quantity }, options)
      return member(owner)
    },
    async undoSwitch(owner) {
      await undoSwitch(context, owner)
      return member(owner)
    },
    previewQuantity: async (owner, quantity, options) =>
      (await previewSwitch(context, owner, { quantity }, options)) as ChangePreview<P>,
    async setQuantity(owner, quantity, options) {
      await switchPlan(context, owner, { quantity }, options)
      return member(owner)
    },
    async cancel(owner, options) {
      await cancelSubscription(context, owner, options)
      return member(owner)
    },
    async resume(owner) {
      await resumeSubscription(context, owner)
      return member(owner)
    },
    async pause(owner, options) {
      await pauseSubscription(context, owner, options)
      return member(owner)
    },
    async unpause(owner) {
      await unpauseSubscription(context, owner)
      return member(owner)
    },
    async moveTrialEnd(owner, until) {
      await moveTrialEnd(context, owner, until)
      return member(owner)
    },
    async endTrial(owner) {
      await endTrial(context, owner)
      return member(owner)
    },
    async applyDiscount(owner, discount) {
      await applyDiscount(context, owner, discount)
      return member(owner)
    },
    async removeDiscount(owner) {
      await removeDiscount(context, owner)
      return member(owner)
    },
    async comeBack(owner, plan, interval, options) {
      await comeBack(context, owner, { plan, interval, ...options })
      return member(owner)
    },
    portal: (owner, options) => openPortal(context, owner, options),
    async history(id) {
      const owner = await findOwner(context.database, id)
      const recorded = await context.mirror.transitionsOf(id)
      return recorded.reverse().map((one) => toTransition<P>(one, owner, context.catalogue))
    },
  }
}
