import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { dryRun } from '../engine/dry-run.ts'
import { type CreditNote, createCreditNote, voidCreditNote } from '../engine/invoices/credit-notes.ts'
import { listOf, pageOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

defineResource({
  kind: 'credit_note',
  operations: {
    'POST /v1/credit_notes': ({ account, params }) => createCreditNote(account, params),
    'POST /v1/credit_notes/{id}': ({ account, path, params }) => update(account, path.id, params),
    'POST /v1/credit_notes/{id}/void': ({ account, path }) => voidCreditNote(account, path.id),
    'GET /v1/credit_notes/preview': ({ account, params }) =>
      dryRun(account, (quiet) => createCreditNote(quiet, params)),
    'GET /v1/credit_notes/preview/lines': ({ account, params, url }) => {
      const { limit, starting_after, ending_before, ...asked } = params
      const { lines } = dryRun(account, (quiet) => createCreditNote(quiet, asked))
      const page = pageOf([...lines.data].reverse(), {
        ...(limit !== undefined && { limit }),
        ...(starting_after !== undefined && { starting_after }),
        ...(ending_before !== undefined && { ending_before }),
      })
      return { object: 'list', data: page.data, has_more: page.has_more, url }
    },
    'GET /v1/credit_notes/{id}': ({ account, path }) => account.get('credit_note', path.id),
    'GET /v1/credit_notes/{id}/lines': ({ account, path, params, url }) => {
      const { lines } = account.get('credit_note', path.id)
      const page = pageOf([...lines.data].reverse(), params)
      return { object: 'list', data: page.data, has_more: page.has_more, url }
    },
    'GET /v1/credit_notes': ({ account, params, url }) =>
      listOf(account, 'credit_note', params, url, {
        ...(params.customer && { among: account.store.by('credit_note', 'customer', params.customer) }),
        ...(params.invoice && { among: account.store.by('credit_note', 'invoice', params.invoice) }),
        where: ({ customer }) => params.customer === undefined || customer === params.customer,
      }),
  },
})

/** https://docs.stripe.com/api/credit_notes/update */
const update = (account: Account, id: string, params: Stripe.CreditNoteUpdateParams): CreditNote => {
  const before = account.get('credit_note', id)
  return account.change('credit_note.updated', 'credit_note', id, {
    ...(params.memo !== undefined && { memo: params.memo || null }),
    ...(params.metadata !== undefined && { metadata: mergeMetadata(before.metadata ?? {}, params.metadata) }),
  })
}
