import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runSuites } from '../src/test/suites.js'
import { repository, type Workspace } from '../src/workspace.js'
import { repositoryOf } from './fixture.js'

// A workspace that nx and tap can really run in.
function workspaceOf(
  t: Parameters<typeof repositoryOf>[0],
  packages: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Workspace {
  const files: Record<string, string | object> = {
    'package.json': { name: 'fixture', private: true, workspaces: ['packages/*'] },
    'package-lock.json': { name: 'fixture', lockfileVersion: 3, packages: {} },
    'nx.json': readFileSync(join(repository, 'nx.json'), 'utf8'),
    '.taprc': readFileSync(join(repository, '.taprc'), 'utf8'),
    'tsconfig.base.json': '{}',
  }
  for (const [name, tests] of Object.entries(packages)) {
    const manifest = { name: `@fixture/${name}`, version: '1.0.0', type: 'module', scripts: { test: 'tap' } }
    files[`packages/${name}/package.json`] = { ...manifest, tap: { extends: '../../.taprc' } }
    for (const [file, text] of Object.entries(tests)) files[`packages/${name}/test/${file}`] = text
  }
  const workspace = repositoryOf(t, files)
  symlinkSync(join(repository, 'node_modules'), join(workspace.root, 'node_modules'))
  return workspace
}

const good = "import t from 'tap'\nt.test('good', async (t) => t.equal(1 as number, 1))\n"
const bad = "import t from 'tap'\nconsole.error('a hint')\nt.test('bad', async (t) => t.equal(1, 2))\n"

t.test('the tests of all packages are counted, and failures shown', async (t) => {
  const lines: string[] = []
  const workspace = workspaceOf(t, {
    a: { 'a.test.ts': good },
    b: { 'b.test.ts': bad, 'g.test.ts': good },
    none: {},
  })
  const result = await runSuites(workspace, (line) => lines.push(line))
  t.same(result, { passed: 2, skipped: 0, failed: 2 })
  t.same(await runSuites(workspace, () => {}), result, 'and again, now that some results are in the cache')
  const text = lines.join('\n')
  t.match(text, /✓ packages\/a +1 passed/)
  t.match(text, /✗ packages\/b +1 passed, 1 failed/)
  t.match(text, /✗ test\/b\.test\.ts > bad/)
  t.match(text, 'a hint', 'what the test wrote is shown too')
  t.match(text, /✗ packages\/none +0 passed, 1 failed/, 'a package whose tests are missing has failed')
})
