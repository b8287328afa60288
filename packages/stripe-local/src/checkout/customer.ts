import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { createCustomer, updateCustomer } from '../resources/customers.ts'
import { createTaxId } from '../resources/tax-ids.ts'
import type { Entered } from './entered.ts'
import type { Session } from './session.ts'

/**
 * Keeps on the session what its customer has entered, and answers it. A customer is made when a payment is first tried, where the session
 * makes one; the next try goes on with it.
 */
export function recordEntries(account: Account, session: Session, entered: Entered): Session {
  const customer = customerFor(account, session, entered)
  return account.update('checkout.session', session.id, {
    customer,
    consent: entered.consent,
    custom_fields: entered.customFields,
    customer_details: {
      address: session.mode === 'setup' ? null : entered.address,
      business_name: entered.businessName,
      email: entered.email,
      individual_name: entered.individualName,
      name: entered.name ?? entered.individualName,
      phone: entered.phone,
      tax_exempt:
        session.mode === 'setup' ? null : ((customer && account.find('customer', customer)?.tax_exempt) ?? 'none'),
      tax_ids: session.mode === 'setup' ? null : entered.taxId ? [entered.taxId] : [],
    },
    collected_information: {
      business_name: entered.businessName,
      individual_name: entered.individualName,
      shipping_details: entered.shipping,
    },
  })
}

function customerFor(account: Account, session: Session, entered: Entered): string | null {
  const { params } = account.get('local.checkout', session.id)
  if (session.customer) {
    const known = account.get('customer', session.customer, 'customer')
    const ours = session.customer_creation !== null
    const update = ours ? detailsOf(entered) : updatesOf(known, params.customer_update, entered)
    if (Object.keys(update).length > 0) updateCustomer(account, known.id, update)
    if (entered.taxId && !hasTaxId(account, known.id, entered.taxId.value))
      createTaxId(account, known.id, entered.taxId)
    return known.id
  }
  const keeps = params.payment_intent_data?.setup_future_usage !== undefined
  if (session.customer_creation !== 'always' && !(session.customer_creation === 'if_required' && keeps)) return null
  return createCustomer(account, {
    ...detailsOf(entered),
    preferred_locales: ['en'],
    ...(entered.taxId && { tax_id_data: [entered.taxId] }),
  }).id
}

const detailsOf = (entered: Entered): Stripe.CustomerCreateParams & Stripe.CustomerUpdateParams => {
  const name = entered.businessName ?? entered.name ?? entered.individualName
  return {
    email: entered.email,
    ...(name && { name }),
    ...(entered.phone && { phone: entered.phone }),
    ...(entered.address && { address: withoutNulls(entered.address) }),
    ...(entered.shipping && {
      shipping: { name: entered.shipping.name, address: withoutNulls(entered.shipping.address) },
    }),
  }
}

const hasTaxId = (account: Account, customer: string, value: string): boolean =>
  account.store.by('tax_id', 'customer', customer).some((known) => known.value === value)

/** A customer that was there before is changed only as `customer_update` allows; an address of email that was missing is added. */
function updatesOf(
  customer: Kinds['customer'],
  allowed: Stripe.Checkout.SessionCreateParams.CustomerUpdate | undefined,
  entered: Entered,
): Stripe.CustomerUpdateParams {
  const { address, email, name, shipping } = detailsOf(entered)
  return {
    ...(!customer.email && email && { email }),
    ...(allowed?.address === 'auto' && address && { address }),
    ...(allowed?.name === 'auto' && name && { name }),
    ...(allowed?.shipping === 'auto' && shipping && { shipping }),
  }
}

const withoutNulls = (address: Stripe.Address): Stripe.AddressParam =>
  Object.fromEntries(Object.entries(address).filter(([, value]) => value !== null))
