import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

async function node(...args: string[]): Promise<string> {
  // tap sets variables for its children that make them report to it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_?TAP/.test(name)))
  const { stdout } = await run(process.execPath, args, { env, cwd: here('..'), maxBuffer: 2 ** 26 })
  return stdout
}

for (const flags of [[], ['--disallow-code-generation-from-strings']])
  t.test(`works without the parts of Node that it uses for speed ${flags.join('')}`, async (t) => {
    t.match(await node(...flags, '--import=tsx', here('fixtures/other-runtime.mjs')), /^fine, undefined$/m)
  })
