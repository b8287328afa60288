/**
 * Text as PostgreSQL can keep it, which takes neither U+0000 nor half a character (a surrogate alone): Stripe's metadata may hold one,
 * and an event must not fail for it. What cannot be kept is shown as U+FFFD.
 */
export function keepable(text: string): string {
  return text.replaceAll('\0', '�').replace(/\p{Surrogate}/gu, '�')
}
