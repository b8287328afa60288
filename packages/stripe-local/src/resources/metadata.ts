type Metadata = Record<string, string>
type MetadataParam = { [key: string]: string | number | null } | '' | null | undefined

/**
 * Metadata after an update: named keys are set, an empty value unsets its key, an empty string for the whole unsets all.
 *
 * https://docs.stripe.com/api/metadata
 */
export function mergeMetadata(before: Metadata, change: MetadataParam): Metadata {
  if (change === undefined) return before
  if (change === '' || change === null) return {}
  const merged = { ...before }
  for (const [key, value] of Object.entries(change)) {
    if (value === '' || value === null) delete merged[key]
    else merged[key] = String(value)
  }
  return merged
}
