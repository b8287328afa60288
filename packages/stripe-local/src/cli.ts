import { parseArgs } from 'node:util'
import { startStripeLocal, type WebhookOption } from './index.ts'

const help = `Stripe Local: a Stripe on your own machine, for development and tests. No account, no internet, no money.

  stripe-local [--port 12111] [--webhook URL=whsec_SECRET] [--journal FILE]

  --port PORT          where to listen; 12111 unless told otherwise
  --host HOST          which address to listen on; loopback unless told otherwise
  --webhook URL=SECRET send events there, signed with this secret; may be given several times
  --journal FILE       keep everything in this file; without it, all is gone when the process ends
  --help               this page

Any key that begins with sk_test_ works, and each key has an account of its own. An official SDK reaches it like this:

  new Stripe('sk_test_anything', { host: 'localhost', port: 12111, protocol: 'http' })
`

/** Runs the command line; answers the exit code once it is known, or never while the server runs. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '12111' },
      host: { type: 'string' },
      webhook: { type: 'string', multiple: true, default: [] },
      journal: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return
  }
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port must be a number from 0 to 65535, not ${values.port}.`)
  const local = await startStripeLocal({
    port,
    webhooks: values.webhook.map(webhookOption),
    ...(values.host !== undefined && { host: values.host }),
    ...(values.journal !== undefined && { journal: values.journal }),
  })
  const stop = () => void local.stop().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  if (process.env.npm_command) whenOrphaned(stop)
  console.log(`Stripe Local takes any key that begins with sk_test_. Nothing here moves money.`)
  for (const { url } of values.webhook.map(webhookOption)) console.log(`events go to ${url}`)
  console.log(`ready ${local.url}`)
}

/** npm hands a signal to the shell between it and us, which ends and tells nobody: the server would stay, and keep the port. */
function whenOrphaned(then: () => void): void {
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    then()
  }, 250)
  look.unref()
}

/** `http://localhost:4242/billing/webhook=whsec_x`: the address may hold equals signs of its own. */
function webhookOption(text: string): WebhookOption {
  const at = text.lastIndexOf('=whsec_')
  const url = text.slice(0, at)
  if (at < 0 || !URL.canParse(url))
    throw new Error(`--webhook must look like http://localhost:4242/billing/webhook=whsec_secret, not ${text}.`)
  return { url, secret: text.slice(at + 1) }
}

main().catch((error: NodeJS.ErrnoException) => {
  const port = error.code === 'EADDRINUSE' ? ' Something listens there already: choose another with --port.' : ''
  console.error(`stripe-local: ${error.message}.${port}`.replace('..', '.'))
  process.exitCode = 1
})
