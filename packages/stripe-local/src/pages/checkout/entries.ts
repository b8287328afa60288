import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import type { Entered, Method } from '../../checkout/entered.ts'
import type { Session } from '../../checkout/session.ts'
import { ibanOf } from '../../engine/ibans.ts'
import { ApiError } from '../../protocol/errors.ts'
import { type CardEntry, emptyCard, readCard } from '../card-form.ts'
import { isCountry } from '../countries.ts'
import type { Problems } from '../fields.ts'
import { field } from '../web/form.ts'
import { readConsent, readCustomFields } from './custom-fields.ts'
import { fixedEmail, needsPaymentMethod } from './form.ts'

/** Reads the form of a Checkout page: what was entered or, if something is missing, what is wrong with which field. */
export function readEntries(
  account: Account,
  session: Session,
  form: URLSearchParams,
): { entered?: Entered; card: CardEntry; problems: Problems } {
  const value = (name: string): string => field(form, name)
  const email = fixedEmail(account, session) ?? value('email')
  const { fields, problems: ofFields } = readCustomFields(session, form)
  const { consent, problems: ofConsent } = readConsent(session, form)
  const method = needsPaymentMethod(session) ? readMethod(account, session, form) : nothingToPay
  const problems: Problems = {
    ...(!/^[^\s@]+@[^\s@]+$/.test(email) && { email: 'Enter an email address, such as ada@example.com.' }),
    ...(session.phone_number_collection?.enabled && value('phone') === '' && { phone: 'Enter a phone number.' }),
    ...nameProblems(session, value),
    ...method.problems,
    ...(session.shipping_address_collection && shippingProblems(value)),
    ...(session.tax_id_collection?.enabled &&
      value('tax_id_type') !== '' &&
      value('tax_id') === '' && { tax_id: 'Enter the number.' }),
    ...ofFields,
    ...ofConsent,
  }
  if (Object.keys(problems).length > 0) return { card: method.card, problems }
  const taxIdType = value('tax_id_type') as Stripe.CustomerCreateParams.TaxIdDatum.Type | ''
  const entered: Entered = {
    email,
    phone: value('phone') || null,
    name: value('name') || null,
    individualName: value('individual_name') || null,
    businessName: value('business_name') || null,
    address: method.method ? addressOf('billing', value) : null,
    shipping: session.shipping_address_collection
      ? { name: value('shipping_name'), address: addressOf('shipping', value) }
      : null,
    taxId: session.tax_id_collection?.enabled && taxIdType ? { type: taxIdType, value: value('tax_id') } : null,
    customFields: fields,
    consent,
    method: method.method,
  }
  return { entered, card: method.card, problems }
}

type Value = (name: string) => string
type ReadMethod = { method: Method | null; card: CardEntry; problems: Problems }

const nothingToPay: ReadMethod = { method: null, card: emptyCard, problems: {} }

function readMethod(account: Account, session: Session, form: URLSearchParams): ReadMethod {
  const value = (name: string): string => field(form, name)
  const type = session.payment_method_types.includes(value('method'))
    ? value('method')
    : session.payment_method_types[0]
  const ofPayer: Problems = {
    ...(value('name') === '' && {
      name: type === 'card' ? 'Enter the name on the card.' : 'Enter the name of the account holder.',
    }),
    ...(session.billing_address_collection === 'required' && addressProblems('billing', value)),
  }
  if (type === 'sepa_debit') return readIban(value('iban'), ofPayer)
  const { card, entry, problems } = readCard(form, account.timeOf(session.customer))
  return { method: card ? { type: 'card', card } : null, card: entry, problems: { ...ofPayer, ...problems } }
}

function readIban(typed: string, problems: Problems): ReadMethod {
  try {
    return { method: { type: 'sepa_debit', iban: ibanOf(typed) }, card: emptyCard, problems }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return {
      method: null,
      card: emptyCard,
      problems: { ...problems, iban: `${error.message} Use one of the test accounts below.` },
    }
  }
}

const nameProblems = ({ name_collection: names }: Session, value: Value): Problems => ({
  ...(names?.individual?.enabled &&
    !names.individual.optional &&
    value('individual_name') === '' && { individual_name: 'Enter your name.' }),
  ...(names?.business?.enabled &&
    !names.business.optional &&
    value('business_name') === '' && { business_name: 'Enter the name of the business.' }),
})

const shippingProblems = (value: Value): Problems => ({
  ...(value('shipping_name') === '' && { shipping_name: 'Enter who it is sent to.' }),
  ...addressProblems('shipping', value),
})

const addressProblems = (kind: string, value: Value): Problems => ({
  ...(!isCountry(value(`${kind}_country`)) && { [`${kind}_country`]: 'Choose a country.' }),
  ...(value(`${kind}_line1`) === '' && { [`${kind}_line1`]: 'Enter the street and number.' }),
  ...(value(`${kind}_city`) === '' && { [`${kind}_city`]: 'Enter the town.' }),
})

const addressOf = (kind: 'billing' | 'shipping', value: Value): Stripe.Address => ({
  city: value(`${kind}_city`) || null,
  country: value(`${kind}_country`) || 'US',
  line1: value(`${kind}_line1`) || null,
  line2: value(`${kind}_line2`) || null,
  postal_code: value(`${kind}_postal_code`) || null,
  state: value(`${kind}_state`) || null,
})
