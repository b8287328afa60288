import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * Node's HTTP. An `import` of it reads every name that it exports, among them `WebSocket`, and so loads all of Node's fetch:
 * 30 of the milliseconds in which Stripe Local is ready.
 */
export const http = require('node:http') as typeof import('node:http')

/** The same for addresses that begin with `https:`, read by whoever has one. */
export const https = () => require('node:https') as typeof import('node:https')
