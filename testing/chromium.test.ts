import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findChromium, launchChromium } from './chromium.ts'

test('a page is rendered, and nothing outside this machine is reached', async () => {
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.setContent('<h1>Members</h1>')
  expect(await page.getByRole('heading').textContent()).toBe('Members')
  await expect(page.goto('https://stripe.com')).rejects.toThrow('ERR_NAME_NOT_RESOLVED')
})

test('CHROMIUM names the browser to use, and is refused when it is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dues-chromium-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'my-chromium')
  await writeFile(path, '#!/bin/sh\n')
  expect(() => findChromium({ CHROMIUM: path })).toThrow('Correct it or unset it')
  await chmod(path, 0o755)
  expect(findChromium({ CHROMIUM: path })).toBe(path)
})
