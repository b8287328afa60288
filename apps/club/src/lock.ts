import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What keeps the club from starting, in a sentence that says how to mend it. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/**
 * Takes a folder for this process alone; resolves to the function that gives it back. Two processes on one embedded database
 * would destroy it, and two ports do not keep them apart.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new StartError(
      `DATA_DIR (${folder}) cannot be made: ${cause.message}. Set it to a folder that can be written.`,
    )
  })
  const file = join(folder, 'club.pid')
  if (!(await take(file))) {
    const holder = Number(await readFile(file, 'utf8'))
    if (holder !== process.pid && isAlive(holder)) {
      throw new StartError(
        `DATA_DIR (${folder}) is in use by process ${holder}. End that one, or set DATA_DIR to another folder.`,
      )
    }
    // Left behind by a process that was killed.
    await rm(file, { force: true })
    if (!(await take(file))) throw new StartError(`DATA_DIR (${folder}) was taken by another process just now.`)
  }
  return () => rm(file, { force: true })
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(String(process.pid))
    await handle.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
