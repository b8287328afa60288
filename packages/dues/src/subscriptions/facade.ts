import type { Plans } from '../catalogue/plans.ts'
import type { Context } from '../context.ts'
import { toTransition } from '../entitlements/transitions.ts'
import type { Member } from '../entitlements/types.ts'
import { findOwner } from '../store/owners.ts'
import { cancelSubscription } from './cancel.ts'
import { comeBack } from './come-back.ts'
import { applyDiscount, removeDiscount } from './discount.ts'
import { inTurn } from './in-turn.ts'
import { unlessOvertaken } from './overtaken.ts'
import { pauseSubscription, unpauseSubscription } from './pause.ts'
import { openPortal } from './portal.ts'
import { previewSwitch } from './preview.ts'
import { previewCancel } from './preview-cancel.ts'
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
  /** A change, and then the membership that it left. */
  const after =
    <Args extends unknown[]>(change: (context: Context, owner: string, ...args: Args) => Promise<unknown>) =>
    async (owner: string, ...args: Args): Promise<Member<P>> => {
      await inTurn(() => unlessOvertaken(context, owner, () => change(context, owner, ...args)))
      return member(owner)
    }
  const switched = after(switchPlan)
  return {
    // The names were checked against the catalogue on the way in, so what comes out is of the catalogue's types.
    preview: async (owner, plan, interval, { quantity, addOns, ...options } = {}) =>
      (await previewSwitch(context, owner, { plan, interval, quantity, addOns }, options)) as SwitchPreview<P>,
    switchTo: (owner, plan, interval, { quantity, addOns, ...options } = {}) =>
      switched(owner, { plan, interval, quantity, addOns }, options),
    undoSwitch: after(undoSwitch),
    previewQuantity: async (owner, quantity, options) =>
      (await previewSwitch(context, owner, { quantity }, options)) as ChangePreview<P>,
    setQuantity: (owner, quantity, options) => switched(owner, { quantity }, options),
    previewAddOns: async (owner, addOns, options) =>
      (await previewSwitch(context, owner, { addOns }, options)) as ChangePreview<P>,
    setAddOns: (owner, addOns, options) => switched(owner, { addOns }, options),
    previewAnchor: async (owner, options) =>
      (await previewSwitch(context, owner, { anchor: 'now' }, { ...options, anchor: 'now' })) as ChangePreview<P>,
    resetAnchor: (owner, options) => switched(owner, { anchor: 'now' }, { ...options, anchor: 'now' }),
    cancel: after(cancelSubscription),
    previewCancel: (owner) => previewCancel(context, owner),
    resume: after(resumeSubscription),
    pause: after(pauseSubscription),
    unpause: after(unpauseSubscription),
    moveTrialEnd: after(moveTrialEnd),
    endTrial: after(endTrial),
    applyDiscount: after(applyDiscount),
    removeDiscount: after(removeDiscount),
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
