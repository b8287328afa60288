import type { Account } from '../account.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'

type Mandate = Kinds['mandate']

/** How the customer agreed to be debited, as in `mandate_data`. */
export type MandateData =
  | {
      customer_acceptance?: {
        accepted_at?: number
        online?: { ip_address?: string; user_agent?: string }
        type: string
      }
    }
  | ''
  | null

/**
 * The customer's permission to debit an account. One that may be used again is made once for a payment method.
 *
 * https://docs.stripe.com/api/mandates
 */
export function createMandate(
  account: Account,
  method: Kinds['payment_method'],
  data: MandateData | undefined,
  type: 'multi_use' | 'single_use',
): Mandate {
  const known = account.store.by('mandate', 'payment_method', method.id).find((mandate) => mandate.type === 'multi_use')
  if (known) return known
  const acceptance = data ? data.customer_acceptance : undefined
  const id = account.newId('mandate')
  return account.insert('mandate', {
    id,
    object: 'mandate',
    customer_acceptance: {
      accepted_at: acceptance?.accepted_at ?? account.now,
      ...(acceptance?.online
        ? {
            online: {
              ip_address: acceptance.online.ip_address ?? null,
              user_agent: acceptance.online.user_agent ?? null,
            },
            type: 'online',
          }
        : { offline: {}, type: 'offline' }),
    },
    livemode: false,
    ...(type === 'multi_use' && { multi_use: {} }),
    payment_method: method.id,
    payment_method_details:
      method.type === 'sepa_debit'
        ? {
            sepa_debit: { reference: randomCharacters(16).toUpperCase(), url: `${account.pagesUrl}/mandates/${id}` },
            type: method.type,
          }
        : { [method.type]: {}, type: method.type },
    status: 'active',
    type,
  })
}
