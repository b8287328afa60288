import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { brandNames, checkCardData, fingerprintOf, testCardOf } from '../engine/cards.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { missingParameter, notSupported } from '../protocol/errors.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { refuseUnsupported } from './unsupported.ts'

type Token = Kinds['token']

const unsupported = ['account', 'bank_account', 'customer', 'cvc_update', 'person', 'pii'] as const

defineResource({
  kind: 'token',
  operations: {
    'POST /v1/tokens': ({ account, params }) => {
      refuseUnsupported('tokens with', params, unsupported)
      if (!params.card) throw missingParameter('card')
      if (typeof params.card === 'string') throw notSupported('tokens of cards that are saved already')
      return createToken(account, params.card)
    },
    'GET /v1/tokens/{id}': ({ account, path }) => fromPath(account, 'token', path.id, 'token'),
  },
})

/** A token of a card, to be used once: https://docs.stripe.com/api/tokens/create_card. Throws as `createCardPaymentMethod` does. */
function createToken(account: Account, params: Stripe.TokenCreateParams.Card): Token {
  const card = testCardOf(params.number)
  const given = { exp_month: Number(params.exp_month), exp_year: Number(params.exp_year), cvc: params.cvc }
  const expiry = checkCardData(card, given, account.now)
  const id = account.newId('tok')
  account.insert('local.card', { id, object: 'local.card', number: card.number })
  return account.insert('token', {
    id,
    object: 'token',
    card: {
      id: `card_1${randomCharacters(23)}`,
      object: 'card',
      address_city: params.address_city ?? null,
      address_country: params.address_country ?? null,
      address_line1: params.address_line1 ?? null,
      address_line1_check: params.address_line1 ? 'unchecked' : null,
      address_line2: params.address_line2 ?? null,
      address_state: params.address_state ?? null,
      address_zip: params.address_zip ?? null,
      address_zip_check: params.address_zip ? 'unchecked' : null,
      brand: brandNames[card.brand] ?? 'Unknown',
      country: card.country,
      cvc_check: params.cvc === undefined ? null : 'unchecked',
      dynamic_last4: null,
      ...expiry,
      fingerprint: fingerprintOf(account.id, card.number),
      funding: card.funding,
      last4: card.number.slice(-4),
      metadata: {},
      name: params.name ?? null,
      regulated_status: 'unregulated',
      tokenization_method: null,
    },
    client_ip: null,
    created: account.now,
    livemode: false,
    type: 'card',
    used: false,
  })
}
