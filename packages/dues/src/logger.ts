/** Where Dues writes what happened: fields first, as pino has it, so that a pino logger fits as it is. */
export type Logger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Warnings and errors on the console, one line each; the rest is left out. The default. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (fields, message) => console.warn(`dues: ${message}`, fields),
  error: (fields, message) => console.error(`dues: ${message}`, fields),
}

/** Says nothing. For tests. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
