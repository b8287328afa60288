import { createHash } from 'node:crypto'

/** A name for a text that changes when the text does, so that browsers may keep what they have loaded for ever. */
export const versionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
