import { type ChildProcess, spawn } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { send } from './load.ts'

/** A server in a process of its own, so that the one that measures does not take its time. */
export type Contestant = { port: number; process: ChildProcess; readyAfter: number; stop: () => Promise<void> }

/** Starts a program and waits until it answers `probe`; tells how many milliseconds that took. */
export async function startContestant(options: {
  command: (port: number) => string[]
  env?: (port: number) => Record<string, string>
  probe: { path: string; headers: Record<string, string> }
  /** Its errors are provoked and nobody wants to read them. */
  quiet?: boolean
  /** It can be sent messages. */
  ipc?: boolean
}): Promise<Contestant> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn(process.execPath, options.command(port), {
    stdio: ['ignore', 'ignore', options.quiet ? 'ignore' : 'inherit', ...(options.ipc ? ['ipc' as const] : [])],
    env: { ...process.env, ...options.env?.(port) },
  })
  const exited = new Promise<never>((_resolve, reject) =>
    child.once('exit', (code) => reject(new Error(`${options.command(port).join(' ')} ended with ${code}`))),
  )
  exited.catch(() => undefined)
  await Promise.race([answers(port, options.probe), exited])
  return {
    port,
    process: child,
    readyAfter: performance.now() - began,
    stop: () =>
      new Promise((resolve) => {
        // It may have been killed by whom it was lent to.
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.removeAllListeners('exit')
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
        setTimeout(() => child.kill('SIGKILL'), 2000).unref()
      }),
  }
}

async function answers(port: number, probe: { path: string; headers: Record<string, string> }): Promise<void> {
  const agent = new http.Agent()
  const deadline = performance.now() + 30_000
  for (;;) {
    try {
      await send(agent, port, { method: 'GET', ...probe })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
}

/** A port that nobody has at this moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
