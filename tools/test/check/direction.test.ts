import t from 'tap'
import { direction } from '../../src/check/direction.js'
import { manifestOf, repositoryOf } from '../fixture.js'

t.test('an import along an arrow is allowed', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/transport-tcp/package.json': manifestOf('transport-tcp'),
    'packages/transport-tcp/src/index.ts':
      "import '@hawser/contract'\nimport { x } from '@hawser/wire'\nimport './x.js'\n",
    'packages/transport-tcp/test/x.test.ts': "import '@hawser/codec-json'\n",
    'apps/echo/package.json': { name: '@hawser/echo' },
    'apps/echo/src/main.ts': "import '@hawser/codec-json'\nimport '@hawser/transport-tcp'\n",
  })
  t.same((await direction.run(workspace)).problems, [])
})

t.test('an import against the arrows is found, whatever its form', async (t) => {
  const forms = [
    "import { json } from '@hawser/codec-json'",
    "import type { Json } from '@hawser/codec-json'",
    "export * from '@hawser/codec-json/sub'",
    "export const later = () => import('@hawser/codec-json')",
    "export type Json = import('@hawser/codec-json').Json",
    "export const path = import.meta.resolve('@hawser/codec-json')",
    "export const old = createRequire(import.meta.url)('@hawser/codec-json')",
  ]
  for (const form of forms) {
    const workspace = repositoryOf(t, {
      'packages/server/package.json': manifestOf('server'),
      'packages/server/src/index.ts': `// a comment\n${form}\n`,
    })
    const { problems } = await direction.run(workspace)
    t.same(problems, ['packages/server/src/index.ts:2 may not import @hawser/codec-json'], form)
  }
})

t.test('what looks like an import in a text or a comment is none', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/server/package.json': manifestOf('server'),
    'packages/server/src/index.ts':
      "/** import '@hawser/codec-json' */\nexport const text = \"import '@hawser/codec-json'\"\n",
  })
  t.same((await direction.run(workspace)).problems, [])
})

t.test('a relative path out of the package is found', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/server/package.json': manifestOf('server'),
    'packages/server/src/deep/index.ts': "import '../fine.js'\nimport '../../../codec-json/src/index.js'\n",
  })
  const { problems } = await direction.run(workspace)
  t.same(problems, [
    'packages/server/src/deep/index.ts:2 leaves its package: ../../../codec-json/src/index.js',
  ])
})

t.test('a package without a line in the table is found', async (t) => {
  const workspace = repositoryOf(t, { 'packages/surprise/package.json': manifestOf('surprise') })
  t.same((await direction.run(workspace)).problems, [
    'packages/surprise: has no line in tools/src/check/arrows.ts',
  ])
})
