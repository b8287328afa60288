import { DuesError } from '../errors.ts'

/** Stripe's events are a few kilobytes; one of 1 MiB is none. */
export const webhookLimit = 1024 * 1024
/** A form of ours holds a plan, an interval and a comment. */
export const formLimit = 64 * 1024

/**
 * Reads a body byte for byte, and stops as soon as it is too long, whatever its `Content-Length` said.
 *
 * Errors: `payload_too_large`.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

const tooLarge = (limit: number) =>
  new DuesError('payload_too_large', `The body is larger than ${limit / 1024} KiB. Send a smaller one.`)

/**
 * The fields of a form or of a JSON object, as text. Fields that are given twice count once, the last. What lies one step deeper in JSON is
 * called as a form calls it: `{"addOns": {"storage": 2}}` is `addOns[storage]=2`.
 */
export type Fields = Readonly<Record<string, string | undefined>>

/**
 * Reads the fields of a POST, sent by a form or as JSON.
 *
 * Errors: `bad_request`, `payload_too_large`.
 */
export async function readFields(request: Request): Promise<Fields> {
  const body = await readBody(request, formLimit)
  if (body.length === 0) return {}
  const type = request.headers.get('content-type') ?? ''
  if (isJson(type)) return jsonFields(new TextDecoder().decode(body))
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch((cause: unknown) => {
    throw new DuesError(
      'bad_request',
      'The body is neither a form nor JSON. Send one of them, with its Content-Type.',
      {
        cause,
      },
    )
  })
  const fields: Record<string, string> = Object.create(null)
  for (const [name, value] of form) if (typeof value === 'string') fields[name] = value
  return fields
}

function jsonFields(text: string): Fields {
  const fields: Record<string, string> = Object.create(null)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new DuesError('bad_request', 'The body says that it is JSON, and is not.', { cause })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new DuesError('bad_request', 'Send a JSON object, such as {"plan": "pro", "interval": "monthly"}.')
  for (const [name, value] of Object.entries(parsed)) {
    const inner: [string, unknown][] =
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([key, deeper]) => [`${name}[${key}]`, deeper])
        : [[name, value]]
    for (const [key, one] of inner) if (typeof one === 'string' || typeof one === 'number') fields[key] = String(one)
  }
  return fields
}

/**
 * The numbers of a group of fields: of `addOns[storage]=2`, `{ storage: 2 }`. Undefined without any; a field that was left empty says nothing.
 *
 * Errors: `bad_request`.
 */
export function readNumbers(fields: Fields, group: string): Record<string, number> | undefined {
  const found = Object.entries(fields).flatMap(([field, value]) => {
    if (!value?.trim() || !field.startsWith(`${group}[`) || !field.endsWith(']')) return []
    if (!Number.isFinite(Number(value)))
      throw new DuesError('bad_request', `${field.slice(0, 80)} is a number, such as ${group}[storage]=2.`)
    return [[field.slice(group.length + 1, -1), Number(value)] as const]
  })
  return found.length > 0 ? Object.fromEntries(found) : undefined
}

export const isJson = (contentType: string): boolean => /^application\/json\b/i.test(contentType.trim())
