import { CliError } from './error.ts'

/** `--rate`: questions to Stripe a second. */
export function rateOf(values: ReadonlyMap<string, string>): number {
  const perSecond = Number(values.get('rate') ?? '20')
  if (perSecond > 0) return perSecond
  throw new CliError('--rate is a number of questions a second, above 0.')
}
