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

function compliance(...flags: string[]): Promise<string> {
  return node(...flags, '--import=tsx', here('compliance.test.ts'))
}

t.test('works where no code may be made from strings', async (t) => {
  t.match(await compliance('--disallow-code-generation-from-strings'), /^# \{ total: \d{4,}/m)
})

t.test('works the same without the parts of Node that it uses for speed', async (t) => {
  t.match(await compliance('--import', here('fixtures/other-runtime.mjs')), /^# \{ total: \d{4,}/m)
})

t.test(
  'works the same where other code uses msgpackr: natively, and with forms of its own for Dates',
  async (t) => {
    t.match(await compliance('--import', here('fixtures/other-code.mjs')), /^# \{ total: \d{4,}/m)
  },
)

t.test('works where there are no Buffers', async (t) => {
  t.equal(
    await node('--conditions=browser', '--import=tsx', here('fixtures/browser.mjs')),
    'fine, undefined\n',
  )
})
