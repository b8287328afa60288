import http from 'node:http'

export type Request = { method: string; path: string; headers?: Record<string, string>; body?: string }

/** What one round saw: how many answers a second, and how long they took, in milliseconds. */
export type Round = { perSecond: number; p50: number; p99: number }

/**
 * Sends `count` requests to 127.0.0.1 with `inFlight` at once over kept connections, and throws on the first answer that is not 2xx: a
 * figure that counts errors is worth nothing.
 */
export async function load(
  port: number,
  inFlight: number,
  count: number,
  next: (i: number) => Request,
): Promise<Round> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: inFlight })
  const times: number[] = []
  let begun = 0
  const began = performance.now()
  const worker = async (): Promise<void> => {
    while (begun < count) {
      const request = next(begun++)
      const at = performance.now()
      await send(agent, port, request)
      times.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const seconds = (performance.now() - began) / 1000
  agent.destroy()
  times.sort((a, b) => a - b)
  return { perSecond: count / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** One request; answers the body. */
export function send(agent: http.Agent, port: number, { method, path, headers = {}, body }: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve(text)
        else reject(new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`))
      })
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
