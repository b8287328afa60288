import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'

type TaxRate = Kinds['tax_rate']
type Texts = Partial<Record<'country' | 'description' | 'jurisdiction' | 'state', string>>

defineResource({
  kind: 'tax_rate',
  operations: {
    'POST /v1/tax_rates': ({ account, params }) => {
      const percentage = percentageOf(params.percentage)
      const rate = account.insert('tax_rate', {
        id: account.newId('txr'),
        object: 'tax_rate',
        active: params.active ?? true,
        country: null,
        created: account.now,
        description: null,
        display_name: params.display_name,
        effective_percentage: percentage,
        flat_amount: null,
        inclusive: params.inclusive,
        jurisdiction: null,
        jurisdiction_level: null,
        livemode: false,
        metadata: mergeMetadata({}, params.metadata),
        percentage,
        rate_type: 'percentage',
        state: null,
        tax_type: params.tax_type ?? null,
        ...textsOf(params),
      })
      account.emit('tax_rate.created', rate)
      return rate
    },
    'POST /v1/tax_rates/{id}': ({ account, path, params }) => {
      const before = fromPath(account, 'tax_rate', path.id, 'tax_rate', 'tax rate')
      return account.change('tax_rate.updated', 'tax_rate', path.id, {
        metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
        ...(params.active !== undefined && { active: params.active }),
        ...(params.display_name !== undefined && { display_name: params.display_name }),
        ...(params.tax_type !== undefined && { tax_type: params.tax_type }),
        ...textsOf(params),
      })
    },
    'GET /v1/tax_rates/{id}': ({ account, path }) => fromPath(account, 'tax_rate', path.id, 'tax_rate', 'tax rate'),
    'GET /v1/tax_rates': ({ account, params, url }) =>
      listOf(account, 'tax_rate', params, url, {
        where: ({ active, inclusive }) =>
          (params.active === undefined || active === params.active) &&
          (params.inclusive === undefined || inclusive === params.inclusive),
      }),
  },
})

function textsOf({ country, description, jurisdiction, state }: Texts): Partial<TaxRate> {
  return {
    ...(country !== undefined && { country: countryOf(country) }),
    ...(description !== undefined && { description: description || null }),
    ...(jurisdiction !== undefined && { jurisdiction: jurisdiction || null }),
    ...(state !== undefined && { state: state || null }),
  }
}

function countryOf(country: string): string | null {
  if (country === '') return null
  if (/^[A-Za-z]{2}$/.test(country)) return country.toUpperCase()
  throw invalidRequest(
    `Country '${country}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'. A full list of country codes is available at https://stripe.com/docs/api/country_specs/list.`,
    'country',
    'country_code_invalid',
  )
}

/** https://docs.stripe.com/api/tax_rates/create#create_tax_rate-percentage */
function percentageOf(percentage: number): number {
  if (percentage < 0 || percentage > 100) {
    throw invalidRequest('The percentage of a tax rate must be between 0 and 100.', 'percentage')
  }
  if (Math.round(percentage * 1e4) !== Number((percentage * 1e4).toFixed(6))) {
    throw invalidRequest(`Invalid decimal: ${percentage}; must contain at most 4 decimal places.`, 'percentage')
  }
  return percentage
}
