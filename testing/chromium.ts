import { execFileSync, spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'

/**
 * Opens a headless Chromium that can reach this machine and nothing else, so a page that asks for something from the
 * internet shows it. Close it when done.
 *
 * @example
 * const browser = await launchChromium()
 * const page = await browser.newPage()
 * await page.goto('http://localhost:4242')
 */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    ...options,
    executablePath: await ensureChromium(),
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--font-render-hinting=none',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
      ...(options.args ?? []),
    ],
  })
}

/** The path of a Chromium on this machine; installs one if there is none. Throws if that fails: browser tests never skip. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium()
  if (found) return found
  for (const install of installers()) {
    console.log(
      `No Chromium found. Installing it for the browser tests: ${install.map((step) => step.join(' ')).join(' && ')}`,
    )
    for (const [command = '', ...args] of install) {
      if (!(await run(command, args))) break
    }
    const installed = findChromium()
    if (installed) return installed
  }
  throw new Error(
    'The browser tests need Chromium and it could not be installed. Install chromium or google-chrome by hand, ' +
      'or set CHROMIUM to the path of its executable.',
  )
}

/** `CHROMIUM`, else the usual places of Linux and macOS, else what Playwright has installed before. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.CHROMIUM) {
    if (isExecutable(env.CHROMIUM)) return env.CHROMIUM
    throw new Error(`CHROMIUM is set to ${env.CHROMIUM}, which is not an executable file. Correct it or unset it.`)
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/homebrew/bin']
  const apps = ['Chromium', 'Google Chrome']
  const places = [
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    ...apps.flatMap((app) =>
      ['/', homedir()].map((root) => join(root, `Applications/${app}.app/Contents/MacOS/${app}`)),
    ),
    ...playwrightsOwn(env),
  ]
  return places.find(isExecutable) ?? null
}

function playwrightsOwn(env: NodeJS.ProcessEnv): string[] {
  const cache = process.platform === 'darwin' ? 'Library/Caches/ms-playwright' : '.cache/ms-playwright'
  const root = env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), cache)
  if (!existsSync(root)) return []
  const inside = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
    'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  ]
  const versions = readdirSync(root).filter((name) => name.startsWith('chromium-'))
  return versions.flatMap((version) => inside.map((path) => join(root, version, path)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Ways to install Chromium here, the best first; each a list of commands. */
function installers(): string[][][] {
  const playwright = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js')
  const own = [[process.execPath, playwright, 'install', '--no-shell', 'chromium']]
  const debian = [
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation'],
  ]
  return process.getuid?.() === 0 && hasCommand('apt-get') ? [debian, own] : [own]
}

function hasCommand(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs a command with its output shown: an install takes a minute and should be seen to get on. */
function run(command: string, args: string[]): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', (error) => {
      console.error(error.message)
      resolve(false)
    })
    child.on('exit', (code) => resolve(code === 0))
  })
}
