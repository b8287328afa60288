import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockFolder } from './lock.ts'

/** A folder of one test's own, which goes with it. */
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'club-lock-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

test('a folder can be taken again after it was given back', async () => {
  const data = join(await folder(), 'new', 'one')
  await (await lockFolder(data))()
  await (await lockFolder(data))()
})

test('a folder that another living process has is refused, by name', async () => {
  const data = await folder()
  // The parent of this process is alive for as long as the test is.
  await writeFile(join(data, 'club.pid'), String(process.ppid))
  await expect(lockFolder(data)).rejects.toThrow(`in use by process ${process.ppid}`)
})

test('a folder left behind by a killed process is taken over', async () => {
  const data = await folder()
  await writeFile(join(data, 'club.pid'), '99999999')
  await (await lockFolder(data))()
})
