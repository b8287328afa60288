import type { Choice } from './fields.ts'

const codes =
  'AE AR AT AU BE BG BR CA CH CL CN CO CR CY CZ DE DK DO EE ES FI FR GB GI GR HK HR HU ID IE IL IN IS IT JP KE KR LI LT LU LV MA MC MT MX MY NG NL NO NZ PE PH PL PT RO RS SA SE SG SI SK TH TR TW UA US UY VN ZA'.split(
    ' ',
  )

const names = new Intl.DisplayNames('en', { type: 'region' })

/** Countries to choose from, by name. */
export const countries: readonly Choice[] = codes
  .map((code): Choice => [code, names.of(code) ?? code])
  .sort(([, a], [, b]) => a.localeCompare(b, 'en'))

export const isCountry = (code: string): boolean => codes.includes(code)

export const countryName = (code: string | null | undefined): string => (code ? (names.of(code) ?? code) : '')
