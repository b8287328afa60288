import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { closeDispute, type Dispute, refuseClosed } from '../engine/disputes.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'

defineResource({
  kind: 'dispute',
  operations: {
    'GET /v1/disputes/{id}': ({ account, path }) => ofPath(account, path.id),
    'POST /v1/disputes/{id}': ({ account, path, params }) => updateDispute(account, path.id, params),
    'POST /v1/disputes/{id}/close': ({ account, path }) => {
      const dispute = ofPath(account, path.id)
      return inTimeOf(account, dispute, () => closeDispute(account, dispute.id, 'lost'))
    },
    'GET /v1/disputes': ({ account, params, url }) =>
      listOf(account, 'dispute', params, url, {
        ...(params.charge !== undefined && { among: account.store.by('dispute', 'charge', params.charge) }),
        where: (dispute) => params.payment_intent === undefined || dispute.payment_intent === params.payment_intent,
      }),
  },
})

const ofPath = (account: Account, id: string): Dispute => fromPath(account, 'dispute', id, 'dispute')

const inTimeOf = <T>(account: Account, dispute: Dispute, work: () => T): T =>
  account.atTimeOf(account.find('charge', dispute.charge)?.customer, work)

/** Evidence is handed in at once, unless `submit` is false. https://docs.stripe.com/api/disputes/update */
function updateDispute(account: Account, id: string, params: Stripe.DisputeUpdateParams): Dispute {
  const dispute = ofPath(account, id)
  refuseClosed(dispute)
  const evidence = { ...dispute.evidence, ...evidenceOf(params.evidence) }
  const submits = params.submit ?? params.evidence !== undefined
  return inTimeOf(account, dispute, () =>
    account.change('charge.dispute.updated', 'dispute', id, {
      evidence,
      evidence_details: {
        ...dispute.evidence_details,
        has_evidence: Object.values(evidence).some((value) => typeof value === 'string'),
        ...(submits && {
          submission_count: dispute.evidence_details.submission_count + 1,
          submission_method: 'manual' as const,
        }),
      },
      metadata: mergeMetadata(dispute.metadata, params.metadata),
      ...(params.intended_submission_method && { intended_submission_method: params.intended_submission_method }),
      ...(submits && { status: dispute.status.startsWith('warning') ? 'warning_under_review' : 'under_review' }),
    }),
  )
}

/** An empty text clears a field. */
const evidenceOf = (given: Stripe.DisputeUpdateParams.Evidence = {}): Partial<Dispute['evidence']> =>
  Object.fromEntries(Object.entries(given).map(([field, value]) => [field, value === '' ? null : value]))
