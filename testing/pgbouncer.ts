import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A pgbouncer in transaction mode that this process started. */
export type Pgbouncer = {
  /** The connection string through it. */
  url: string
  stop(): Promise<void>
}

/** Whether this machine has a pgbouncer; `apt-get install pgbouncer` and `brew install pgbouncer` bring one. */
export function hasPgbouncer(): boolean {
  return spawnSync('pgbouncer', ['--version'], { env: withSbin() }).status === 0
}

/**
 * Starts a pgbouncer in transaction mode before one database, with its own settings but for what is said here: each transaction gets any of a few
 * server connections, so that what a session leaves behind is met by somebody else.
 *
 * @param url the database's connection string
 * @param servers how many server connections it may have
 */
export async function startPgbouncer(url: string, { servers = 3 }: { servers?: number } = {}): Promise<Pgbouncer> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const folder = await mkdtemp(join(tmpdir(), 'dues-pgbouncer-'))
  const file = join(folder, 'pgbouncer.ini')
  const own = await freePort()
  const name = pathname.slice(1)
  const settings = `[databases]
${name} = host=${hostname} port=${port} dbname=${name} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${servers}
max_client_conn = 200
`
  await writeFile(file, settings, { mode: 0o644 })
  await chmod(folder, 0o755)
  const bouncer = spawn('pgbouncer', [file], {
    ...ordinaryUser(),
    env: withSbin(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // A test that fails before it closes its database must not leave one behind for each.
  const kill = () => void bouncer.kill('SIGTERM')
  process.once('exit', kill)
  try {
    await ready(bouncer)
  } catch (error) {
    process.off('exit', kill)
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  return {
    url: Object.assign(new URL(url), { port: `${own}` }).href,
    async stop() {
      process.off('exit', kill)
      kill()
      if (bouncer.exitCode === null && bouncer.signalCode === null) await once(bouncer, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function ready(bouncer: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    bouncer.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000)
      if (log.includes('process up')) resolve()
    })
    bouncer.on('error', reject)
    bouncer.on('exit', (code) => reject(new Error(`pgbouncer ended with ${code} while starting:\n${log}`)))
  })
}

/** It refuses to run as root. */
function ordinaryUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** Debian puts it where only root looks. */
const withSbin = () => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` })

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
