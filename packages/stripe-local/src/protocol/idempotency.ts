import { createHash } from 'node:crypto'
import { ApiError } from './errors.ts'

/** The first answer under a key, which later requests with that key are given again. */
export type KeptAnswer = { fingerprint: string; status: number; body: string; request: string; at: number }

/** An answer and the idempotency key that it is kept under. */
export type AnswerUnderKey = [key: string, answer: KeptAnswer]

const keptFor = 24 * 3600

/**
 * Idempotency keys of one account, as Stripe has them: the first answer is kept for 24 hours, 500s included; another body under the
 * same key is an error; a key whose request is still running is a 409; what failed validation is not kept.
 *
 * https://docs.stripe.com/api/idempotent_requests
 */
export function createIdempotency() {
  let answers = new Map<string, KeptAnswer>()
  const running = new Set<string>()

  function refuseWhileRunning(key: string): void {
    if (!running.has(key)) return
    throw new ApiError(
      409,
      'There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ' +
        `${key}. Please try again later.`,
      { type: 'idempotency_error', code: 'idempotency_key_in_use' },
    )
  }

  return {
    /** Keeps a key to one request while that is made to wait. Nothing else takes time here: handlers are synchronous. */
    async whileWaiting(key: string, waited: () => Promise<unknown>): Promise<void> {
      refuseWhileRunning(key)
      running.add(key)
      try {
        await waited()
      } finally {
        running.delete(key)
      }
    },

    /** The kept answer; undefined when the request is to be carried out, which `finish` or `abandon` must end. */
    begin(key: string, fingerprint: string, now: number): KeptAnswer | undefined {
      if (key.length > 255)
        throw new ApiError(400, 'Idempotency keys cannot be longer than 255 characters.', { type: 'idempotency_error' })
      refuseWhileRunning(key)
      const kept = answers.get(key)
      if (kept && kept.at + keptFor > now) {
        if (kept.fingerprint === fingerprint) return kept
        throw new ApiError(
          400,
          `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
          { type: 'idempotency_error' },
        )
      }
      running.add(key)
      return undefined
    },

    finish(key: string, answer: KeptAnswer): void {
      running.delete(key)
      answers.delete(key)
      answers.set(key, answer)
      for (const [oldest, { at }] of answers) {
        if (at + keptFor > answer.at) break
        answers.delete(oldest)
      }
    },

    abandon: (key: string): void => void running.delete(key),

    /** Puts one answer of a journal back. */
    replay: (key: string, answer: KeptAnswer): void => void answers.set(key, answer),

    snapshot: (): AnswerUnderKey[] => [...answers],
    restore(kept: AnswerUnderKey[]): void {
      answers = new Map(kept)
      running.clear()
    },
  }
}

export type Idempotency = ReturnType<typeof createIdempotency>

/** What must be the same for two requests under one key to be the same request. */
export const fingerprintOf = (method: string, path: string, body: string): string =>
  createHash('sha256').update(`${method} ${path}\n${body}`).digest('base64')
