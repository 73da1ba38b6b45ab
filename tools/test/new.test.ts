import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Check } from '../src/check/check.js'
import { dependencies } from '../src/check/dependencies.js'
import { direction } from '../src/check/direction.js'
import { files } from '../src/check/files.js'
import { manifests } from '../src/check/manifests.js'
import { neutrality } from '../src/check/neutral.js'
import { references } from '../src/check/references.js'
import { snippets } from '../src/check/snippets.js'
import { fencesOf } from '../src/markdown.js'
import { generate, type Kind } from '../src/new/generate.js'
import { namesOf } from '../src/new/names.js'
import { runTool, tsc } from '../src/process.js'
import { type Tests, testsOf } from '../src/test/tap.js'
import { readWorkspace, repository, type Workspace } from '../src/workspace.js'
import { repositoryOf } from './fixture.js'

// The parts of this repository that a new package meets, and none of its other packages.
function workspaceOf(t: Parameters<typeof repositoryOf>[0]): Workspace {
  const copied = ['LICENSE', '.taprc', 'tsconfig.base.json', 'biome.json', 'tools/platform/globals.d.ts']
  const { root } = repositoryOf(t, {
    'package.json': { private: true, type: 'module' },
    'tsconfig.json': { files: [], references: [{ path: 'packages/contract' }, { path: 'packages/wire' }] },
    'packages/readme.md': '',
  })
  for (const path of copied) cpSync(join(repository, path), join(root, path))
  for (const name of ['contract', 'wire', 'compliance'])
    symlinkSync(join(repository, 'packages', name), join(root, 'packages', name))
  return readWorkspace(root)
}

// Generates, and links the package as npm would.
function generateIn(workspace: Workspace, kind: Kind, name: string): string {
  const path = generate(workspace, kind, name)
  const scope = join(workspace.root, 'node_modules', '@hawser')
  mkdirSync(scope, { recursive: true })
  symlinkSync(join(workspace.root, path), join(scope, `${kind}-${name}`))
  return path
}

async function build(root: string, path: string): Promise<string> {
  return (await tsc(['-p', join(root, path), '--pretty', 'false'])).output
}

async function suite(root: string, path: string): Promise<Tests> {
  const report = join(root, path, 'report.tap')
  await runTool('tap/dist/esm/run.mjs', ['--reporter=tap', `--reporter-file=${report}`], {
    cwd: join(root, path),
    env: { TAP: '', TAP_REPORTER: '', TAP_REPORTER_FILE: '' },
  })
  return testsOf(readFileSync(report, 'utf8'))
}

async function problemsOf({ root }: Workspace, path: string): Promise<string[]> {
  const all = readWorkspace(root)
  const fresh = all.published.filter((each) => each.path === path)
  // The others are links here; they are checked where they are at home.
  const workspace = { ...all, published: fresh }
  const list: readonly Check[] = [direction, manifests, files, neutrality, snippets]
  const found = await Promise.all(list.map((check) => check.run(workspace)))
  const whole = await Promise.all([dependencies, references].map((check) => check.run(all)))
  const problems = [...found, ...whole].flatMap((each) => each.problems)
  return problems.filter((problem) => problem.includes(path))
}

for (const kind of ['transport', 'codec'] satisfies Kind[])
  t.test(
    `a generated ${kind} builds, keeps every rule, and is red because nothing is implemented`,
    async (t) => {
      const workspace = workspaceOf(t)
      const path = generateIn(workspace, kind, 'two-words')
      t.equal(path, `packages/${kind}-two-words`)
      const lint = await runTool(
        '@biomejs/biome/bin/biome',
        ['check', '--error-on-warnings', '--vcs-enabled=false', '--colors=off', path],
        { cwd: workspace.root },
      )
      t.equal(lint.status, 0, lint.output)
      t.equal(await build(workspace.root, path), '')
      t.same(await problemsOf(workspace, path), [])

      const { passed, failures } = await suite(workspace.root, path)
      t.ok(failures.length > passed, `${failures.length} failed, ${passed} passed`)
      for (const { name, text } of failures) t.match(text, /unimplemented|cannot .* yet/, name)
    },
  )

t.test('the transport of docs/contributing.md turns the generated suite green', async (t) => {
  const page = readFileSync(join(repository, 'docs', 'contributing.md'), 'utf8')
  const code = fencesOf(page).find(
    ({ info, code }) => info[0] === 'ts' && code.includes('export function pipe('),
  )?.code
  if (code === undefined) throw new Error('docs/contributing.md has no transport named pipe')
  t.ok(code.split('\n').filter((line) => line !== '').length <= 65, 'it is about 60 lines long')

  const workspace = workspaceOf(t)
  const path = generateIn(workspace, 'transport', 'pipe')
  const file = join(workspace.root, path, 'src', 'transport.ts')
  t.ok(existsSync(file))
  writeFileSync(file, `${code}\n`)
  t.equal(await build(workspace.root, path), '')
  t.same(await problemsOf(workspace, path), [])
  const { passed, failures } = await suite(workspace.root, path)
  t.same(failures, [])
  t.ok(passed > 20, `${passed} passed`)
})

t.test('the new package is referenced by the root', async (t) => {
  const workspace = workspaceOf(t)
  generate(workspace, 'codec', 'abc')
  t.same(JSON.parse(readFileSync(join(workspace.root, 'tsconfig.json'), 'utf8')).references, [
    { path: 'packages/codec-abc' },
    { path: 'packages/contract' },
    { path: 'packages/wire' },
  ])
})

t.test('a package that exists is left alone', async (t) => {
  const workspace = workspaceOf(t)
  generate(workspace, 'codec', 'abc')
  writeFileSync(join(workspace.root, 'packages/codec-abc/src/codec.ts'), 'mine')
  t.throws(() => generate(workspace, 'codec', 'abc'), /packages\/codec-abc exists already/)
  t.equal(readFileSync(join(workspace.root, 'packages/codec-abc/src/codec.ts'), 'utf8'), 'mine')
})

t.test('names that cannot be a package, a scheme and a function are refused', async (t) => {
  t.same(namesOf('unix-socket2'), { name: 'unix-socket2', camel: 'unixSocket2', Pascal: 'UnixSocket2' })
  const bad = [
    '',
    'A',
    'a b',
    '../x',
    'a/b',
    '-a',
    'a-',
    'a--b',
    '2a',
    'ä',
    'a.b',
    'a_b',
    '__proto__',
    'a'.repeat(33),
  ]
  for (const name of [...bad, 'new', 'default', 'await', 'static', 'let', 'eval'])
    t.throws(() => namesOf(name), TypeError, name)
})
