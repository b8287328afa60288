import { notSupported } from '../protocol/errors.ts'

/** 501 for a parameter that Stripe has and we do not: what it asks for must not be left undone in silence. */
export function refuseUnsupported(what: string, params: object, names: readonly string[]): void {
  const given = names.find((name) => (params as Record<string, unknown>)[name] !== undefined)
  if (given) throw notSupported(`${what} the parameter ${given}`)
}
