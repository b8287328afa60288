import { apiVersion } from '../version.ts'
import type { Difference } from './correspondence.ts'
import type { StepResult } from './replay.ts'

/** A difference that is meant: the recording was made by another version of the API, or in an account of another kind. */
export type KnownDifference = {
  /** The request, e.g. `POST /v1/customers`, where only one is meant. */
  request?: RegExp
  /** The field, as a path in the answer. */
  path: RegExp
  /** Only recordings that were made before this version of the API. */
  before?: string
  /** Only conversations of this name. */
  conversation?: RegExp
  /** Whether these two values are the difference that is meant. */
  values?: (difference: Difference) => boolean
  reason: string
}

/** Every difference that may be, one by one, with the reason. What is not in this table fails the suite. */
export const knownDifferences: KnownDifference[] = [
  {
    path: /^parameter /,
    before: apiVersion,
    reason: 'The parameter, or the field that it expands, is gone from the version of the API that the SDK pins.',
  },
  {
    path: /^error\.message$/,
    values: ({ recorded, local }) =>
      [recorded, local].every((message) => /^Invalid API Key provided: /.test(String(message))),
    reason: 'The recordings leave the key out that the message repeats.',
  },
  {
    path: /^error\.message$/,
    values: ({ recorded, local }) => String(recorded).startsWith(`${local}; It's possible this `),
    reason:
      'Stripe tells a platform that the object may belong to one of its connected accounts; Stripe Local has no Connect.',
  },
  {
    conversation: /connect/,
    request: /^GET \/v1\/customers\/\{id\}$/,
    path: /^status$/,
    values: ({ recorded, local }) => recorded === 404 && local === '200',
    reason:
      'The customer was made in a connected account and asked for in its platform; the recordings leave out the header that says so.',
  },
  {
    request: /^POST \/v1\/checkout\/sessions$/,
    path: /^branding_settings\./,
    reason: "How Checkout looks is the account's setting in the dashboard.",
  },
  {
    path: /payment_method_types(\.length|\[\d+\])$/,
    reason:
      'Which payment methods are offered, when the request names none, is the setting of the account in the dashboard.',
  },
  {
    path: /outcome\.risk_score$/,
    values: ({ local }) => typeof local === 'number' && local >= 0 && local < 65,
    reason: "Radar's score is another one for each payment; test cards that pay have a normal one, below 65.",
  },
  {
    path: /(^|\.)account_name$/,
    reason: "What the business is called is the account's setting in the dashboard.",
  },
  {
    path: /(^|\.)next_action\.use_stripe_sdk\./,
    reason: 'What Stripe.js does inside for 3D Secure; Stripe Local has its page for it, to which the redirect leads.',
  },
  {
    path: /(^|\.)calculated_statement_descriptor$/,
    reason: "What stands on the customer's statement begins with the account's own name.",
  },
  {
    path: /(^|\.)payment_method_configuration_details(\.id|\.parent)?$/,
    reason:
      'Which configuration of payment methods a payment is made by is the setting of the account in the dashboard.',
  },
  {
    path: /(^|\.)application$/,
    values: ({ recorded, local }) => /^ca_/.test(String(recorded)) && local === null,
    reason: 'The request was made by a Connect application for another account; Stripe Local has no Connect.',
  },
]

/** The reason why a difference may be, if it may. */
export function reasonFor(name: string, step: StepResult, difference: Difference): string | undefined {
  return knownDifferences.find(
    ({ conversation, request, path, before, values }) =>
      path.test(difference.path) &&
      (conversation === undefined || conversation.test(name)) &&
      (request === undefined || request.test(step.request)) &&
      (before === undefined || step.version < before) &&
      (values === undefined || values(difference)),
  )?.reason
}
