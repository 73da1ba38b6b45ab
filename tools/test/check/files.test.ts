import t from 'tap'
import { files } from '../../src/check/files.js'
import { manifestOf, repositoryOf } from '../fixture.js'

const fence = '```'
const readme = `# wire\n\n${fence}ts\nconst a = 1\n\nexport { a }\n${fence}\n`
const source = `/**\n * A package.\n *\n * ${fence}ts\n * const a = 1\n *\n * export { a }\n * ${fence}\n *\n * @module\n */\nexport {}\n`

t.test('a README whose snippet is that of the module doc is fine', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/wire/package.json': manifestOf('wire'),
    'packages/wire/README.md': readme,
    'packages/wire/src/index.ts': source,
    'packages/wire/src/long.ts': '\n'.repeat(400),
  })
  t.same((await files.run(workspace)).problems, [])
})

t.test('each deviation is found', async (t) => {
  const cases: [changes: Record<string, string>, problem: string][] = [
    [
      { 'packages/wire/src/long.ts': '\n'.repeat(401) },
      'packages/wire/src/long.ts: has 401 lines, 400 is the most',
    ],
    [{ 'packages/wire/README.md': '# wire\n' }, 'packages/wire/README.md: has no ts snippet'],
    [
      { 'packages/wire/README.md': readme.replace('a = 1', 'a = 2') },
      'packages/wire/src/index.ts: the snippet of the module doc is not the first one of packages/wire/README.md',
    ],
    [
      { 'packages/wire/src/index.ts': 'export {}\n' },
      'packages/wire/src: no entry begins with a module doc that has a ts snippet',
    ],
    [
      { 'packages/wire/src/index.ts': source.replace('@module', '') },
      'packages/wire/src/index.ts: the module doc lacks @module',
    ],
  ]
  for (const [changes, problem] of cases) {
    const workspace = repositoryOf(t, {
      'packages/wire/package.json': manifestOf('wire'),
      'packages/wire/README.md': readme,
      'packages/wire/src/index.ts': source,
      ...changes,
    })
    t.same((await files.run(workspace)).problems, [problem])
  }
})

t.test('a package without a README is found', async (t) => {
  const workspace = repositoryOf(t, { 'packages/wire/package.json': manifestOf('wire') })
  t.same((await files.run(workspace)).problems, ['packages/wire: has no README.md'])
})
