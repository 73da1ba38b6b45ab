import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { modulesOf, sourceOf } from '../src/check/snippets.js'
import { run } from '../src/process.js'
import { repository } from '../src/workspace.js'

// Inside the repository, so that imports resolve as they do for a user who has the packages installed.
const folder = join(repository, 'tools', 'test', '.snippets')

t.before(() => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
})
t.teardown(() => rmSync(folder, { recursive: true }))

/** The ports that a program counts on, be it to listen there or to find nobody. */
function portsOf(source: string): number[] {
  return [...source.matchAll(/127\.0\.0\.1:([1-9]\d*)/g)].map(([, port]) => Number(port))
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** What a line says in a comment that it comes to is held to be so. */
function claimsChecked(source: string): { readonly checked: string; readonly claims: number } {
  let claims = 0
  const checked = source.replace(/^(await .+?) \/\/ ('.*'|\{.*\})$/gm, (_, expression, value) => {
    claims++
    return `;(await import('node:assert')).deepStrictEqual(${expression}, ${value})`
  })
  return { checked, claims }
}

for (const [file, least] of [
  ['README.md', 2],
  ['packages/client/README.md', 0],
  ['packages/server/README.md', 0],
] as const)
  t.test(`what ${file} shows does run, and comes to what it says`, async (t) => {
    const { modules } = modulesOf(file, readFileSync(join(repository, file), 'utf8'))
    t.ok(modules.length > 0)
    let claimed = 0
    for (const { fences } of modules) {
      const { checked, claims } = claimsChecked(sourceOf(fences))
      claimed += claims
      const at = `${file}:${fences[0]!.line}`
      const taken: number[] = []
      for (const port of portsOf(checked)) if (!(await isFree(port))) taken.push(port)
      if (taken.length > 0) {
        t.pass(at, { skip: `something else listens on ${taken}` })
        continue
      }
      const program = join(folder, `${at.replace(/\W/g, '-')}.ts`)
      writeFileSync(program, checked)
      const { status, output } = await run(process.execPath, ['--import', 'tsx', program])
      t.equal(status, 0, `${at} ends by itself`)
      t.notMatch(output, /Error|hawser/, `${at} has nothing to complain of`)
    }
    t.ok(claimed >= least, `${claimed} claims`)
  })
