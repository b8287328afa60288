/** What a person can mend: shown as a sentence, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
}

/** A refusal of Dues, whichever copy of the package threw it. */
export const isRefusal = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && error.name === 'DuesError' && 'code' in error
