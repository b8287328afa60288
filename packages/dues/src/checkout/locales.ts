import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'

/**
 * The languages of Stripe's page, as the SDK lists them.
 *
 * @see https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-locale
 */
const locales: ReadonlySet<string> = new Set(
  'auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'.split(
    ' ',
  ),
)

/** The language that was asked for. Errors: `bad_request`. */
export function localeOf(wanted: string): NonNullable<Stripe.Checkout.SessionCreateParams['locale']> {
  if (locales.has(wanted)) return wanted as NonNullable<Stripe.Checkout.SessionCreateParams['locale']>
  throw new DuesError(
    'bad_request',
    `Stripe's page does not speak "${wanted.slice(0, 20)}". Give a language, as in de.`,
  )
}
