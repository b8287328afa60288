type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }
type JsonObject = { [key: string]: Json | undefined }

const isPlain = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether two JSON values are the same; the order of keys does not count. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => equalJson(item, b[i]))
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equalJson(a[key], b[key]))
}

/**
 * What an event calls `previous_attributes`: of everything that changed, the value it had. Inside objects only the changed keys
 * are named; arrays and lists are given whole; a key that is new was `null` before.
 *
 * https://docs.stripe.com/api/events/object#event_object-data-previous_attributes
 */
export function previousAttributes(before: object, after: object): Record<string, unknown> {
  const previous: Record<string, unknown> = {}
  const was = before as JsonObject
  const is = after as JsonObject
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const old = was[key]
    const now = is[key]
    if (equalJson(old, now)) continue
    const bothObjects = isPlain(old) && isPlain(now) && old.object === undefined
    previous[key] = bothObjects ? previousAttributes(old, now) : (old ?? null)
  }
  return previous
}
