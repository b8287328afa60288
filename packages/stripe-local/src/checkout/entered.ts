import type Stripe from 'stripe'
import type { Session } from './session.ts'

/** How somebody pays: a test card, or a test bank account that is debited. */
export type Method =
  | { type: 'card'; card: { number: string; exp_month: number; exp_year: number; cvc: string } }
  | { type: 'sepa_debit'; iban: string }

/** What a customer has entered on the page of a session, checked. */
export type Entered = {
  email: string
  phone: string | null
  name: string | null
  individualName: string | null
  businessName: string | null
  address: Stripe.Address | null
  shipping: { name: string; address: Stripe.Address } | null
  taxId: { type: Stripe.CustomerCreateParams.TaxIdDatum.Type; value: string } | null
  customFields: Session['custom_fields']
  consent: Session['consent']
  /** Null where nothing is to be paid and no card is asked for. */
  method: Method | null
}
