import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

async function node(...args: string[]): Promise<string> {
  // tap sets variables for its children that make them report to it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_?TAP/.test(name)))
  const { stdout } = await run(process.execPath, args, { env, cwd: here('..'), maxBuffer: 2 ** 26 })
  return stdout
}

t.test('works the same without the parts of Node that it uses for speed', async (t) => {
  for (const test of ['text', 'binary', 'hostility']) {
    const output = await node(
      '--import=tsx',
      '--import',
      here('fixtures/other-runtime.mjs'),
      here(`${test}.test.ts`),
    )
    t.match(output, /^# \{ total: \d{2,}, pass: \d{2,} \}/m, test)
  }
})

t.test('works where no code may be made from strings, and where there are no Buffers', async (t) => {
  const output = await node(
    '--disallow-code-generation-from-strings',
    '--import=tsx',
    here('fixtures/page.mjs'),
  )
  t.equal(output, 'fine, undefined, true\n')
})
