import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './settings.ts'

/** What the club logs, on the standard error: for people at a terminal, as JSON for everything else. Cookies and keys stay out. */
export function createLog(level: LogLevel): Logger {
  const options = {
    level,
    base: null,
    redact: ['req.headers', 'headers', 'secret', 'password', '*.secret', '*.password'],
  }
  const people = process.stderr.isTTY === true
  return people
    ? pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }))
    : pino(options, pino.destination(2))
}
