import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** An answer that is on its way. */
export type Held = {
  /** Whether Stripe has answered: what the answer shows is older than everything from now on. */
  answered(): boolean
  /** Lets it arrive. */
  release(): void
}

/** The way of an app to Stripe, on which an answer can be held up. */
export type Line = {
  url: string
  /** Holds up the next answer about a subscription. */
  hold(subscription: string): Held
  close(): Promise<void>
}

/** Stands between an app and its Stripe and hands on what either says. */
export async function openLine(stripe: string): Promise<Line> {
  const holding = new Map<string, (release: () => void) => void>()
  const target = new URL(stripe)

  const server = http.createServer((request, response) => {
    const { method, url = '/', headers } = request
    const onward = http.request({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const arrive = () => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          response.end(Buffer.concat(chunks))
        }
        const id = /^\/v1\/subscriptions\/(\w+)/.exec(url)?.[1] ?? ''
        const hold = method === 'GET' ? holding.get(id) : undefined
        holding.delete(id)
        if (hold === undefined) arrive()
        else hold(arrive)
      })
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    hold(subscription) {
      let arrive: (() => void) | null = null
      let released = false
      holding.set(subscription, (then) => {
        if (released) then()
        else arrive = then
      })
      return {
        answered: () => arrive !== null,
        release() {
          released = true
          holding.delete(subscription)
          arrive?.()
        },
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
