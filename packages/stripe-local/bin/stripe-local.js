#!/usr/bin/env node
// In the repository the sources run as they are (Node's own type stripping, no stale build);
// the published package holds no sources and runs what was built.
import { existsSync } from 'node:fs'
import module from 'node:module'

// Compiled once: the second start takes half as long. Node 20 does not have it.
module.enableCompileCache?.()

const source = new URL('../src/cli.ts', import.meta.url)
await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href)
