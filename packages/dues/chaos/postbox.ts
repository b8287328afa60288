import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export const webhookSecret = 'whsec_chaos'

/** Where Stripe Local hands over its events. What becomes of them is the network's business. */
export type Postbox = {
  readonly url: string
  /** From now on told of each event: its id, and its body as it came. */
  onEvent(take: (id: string, body: string) => void): void
  close(): void
}

export async function openPostbox(): Promise<Postbox> {
  let take: (id: string, body: string) => void = () => undefined
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { id } = JSON.parse(body) as { id: string }
    response.end()
    take(id, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    onEvent(told) {
      take = told
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
