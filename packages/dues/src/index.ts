export type { BackfillOptions, BackfillReport, OwnerOf, UnownedCustomer } from './backfill/types.ts'
export type {
  AddOnConfig,
  AddOnName,
  AddOnNumbers,
  AddOns,
  NoAddOns,
  WantedAddOns,
  WithAddOns,
} from './catalogue/add-ons.ts'
export type { FieldChange, ShownChange } from './catalogue/change.ts'
export type { CatalogueFacade, PushOptions, PushResult } from './catalogue/facade.ts'
export type { KeptPrice } from './catalogue/kept.ts'
export type {
  FeatureName,
  FeatureValue,
  FlatPrice,
  Interval,
  IntervalOf,
  LimitName,
  PaidPlanName,
  PlanConfig,
  PlanName,
  Plans,
  PriceConfig,
  QuantityConfig,
  Tier,
  TieredPrice,
  TrialConfig,
} from './catalogue/plans.ts'
export type { Pulled } from './catalogue/pull.ts'
export type {
  ByInvoiceRequest,
  CheckoutDefaults,
  CheckoutFacade,
  CheckoutOptions,
  CheckoutRequest,
  CompletedCheckout,
  StartedByInvoice,
  StartedCheckout,
} from './checkout/types.ts'
export type { Diagnostics } from './diagnostics.ts'
export type { Dues } from './dues.ts'
export { createDues } from './dues.ts'
export type { Grant, GrantsFacade } from './entitlements/grants.ts'
export type { Hooks, MembershipSnapshot, Transition } from './entitlements/transition.ts'
export type {
  ChangesTo,
  Member,
  MemberPrice,
  MembershipJson,
  MembershipState,
  MembershipWithUsage,
  Owner,
  SubscriptionStatus,
} from './entitlements/types.ts'
export { DuesError, type RefusalCode } from './errors.ts'
export type { Health } from './health.ts'
export type { Guard, Guards } from './http/guards.ts'
export type { Monitoring, Watcher } from './http/monitoring.ts'
export type { DisputePolicy } from './invoices/disputed.ts'
export type { RefundPolicy } from './invoices/refunded.ts'
export type {
  Balance,
  CreditNote,
  CreditNoteOptions,
  EndRefundWish,
  Invoice,
  InvoiceDetail,
  InvoiceLine,
  InvoicePage,
  InvoicesFacade,
  Refunded,
  RefundOptions,
  RefundReason,
  UpcomingInvoice,
} from './invoices/types.ts'
export type { DeadJob } from './jobs/jobs.ts'
export { consoleLogger, type Logger, silentLogger } from './logger.ts'
export type { MembersFacade, MembersFilter, MembersPage, PageOptions } from './members/types.ts'
export type { TransitionType } from './mirror/types.ts'
export { aud, cad, chf, eur, formatMoney, gbp, jpy, type Money, minorUnitDecimals, money, usd } from './money.ts'
export type { JobsFacade, WebhooksFacade } from './operations.ts'
export type { DuesOptions, Page, PageContext, Pages, Paths, StripeClient, StripeKeys } from './options.ts'
export type {
  CompletedSetup,
  ExpiringCard,
  PaymentMethod,
  PaymentMethodsFacade,
  StartedSetup,
} from './payment-methods/types.ts'
export { hasStripeSettings, readSettings, type Settings } from './settings.ts'
export type { DatabaseSource } from './store/database.ts'
export type { Drift } from './store/drift.ts'
export type { InboxEvent } from './store/inbox.ts'
export {
  type AnchorOptions,
  type CancelFeedback,
  type CancelOptions,
  type CancelPreview,
  type ChangeOptions,
  type ChangePreview,
  type ComeBackOptions,
  cancelFeedback,
  type Discount,
  type PauseOptions,
  type PortalOptions,
  type PreviewLine,
  type SubscriptionsFacade,
  type SwitchOptions,
  type SwitchPreview,
} from './subscriptions/types.ts'
export type { Resets } from './usage/period.ts'
export type { CountedFeatures, Counting, Usage, UsageFacade, UseOptions } from './usage/types.ts'
