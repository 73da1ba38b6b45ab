import t from 'tap'
import { dependencies } from '../../src/check/dependencies.js'
import { manifestOf, repositoryOf } from '../fixture.js'

t.test('declared imports are fine: sources by dependencies, tests by devDependencies too', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/wire/package.json': manifestOf('wire', {
      dependencies: { '@hawser/contract': '0.1.0' },
      devDependencies: { '@hawser/compliance': '0.1.0', '@types/ws': '8' },
    }),
    'packages/wire/src/index.ts': "import type { Codec } from '@hawser/contract'\nimport 'node:net'\n",
    'packages/wire/test/x.test.ts':
      "import t from 'tap'\nimport '@hawser/compliance/codec'\nimport '@hawser/wire'\n",
  })
  t.same((await dependencies.run(workspace)).problems, [])
})

t.test('a source may not import what is declared for tests only, nor what is not declared', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/wire/package.json': manifestOf('wire', { devDependencies: { ws: '8' } }),
    'packages/wire/src/index.ts': "import 'ws'\nimport 'tap'\nimport 'fs'\n",
    'packages/wire/test/x.test.ts': "import 'msgpackr'\n",
  })
  t.same((await dependencies.run(workspace)).problems, [
    'packages/wire/src/index.ts:1 imports ws, which is no dependency of packages/wire',
    'packages/wire/src/index.ts:2 imports tap, which is no dependency of packages/wire',
    'packages/wire/src/index.ts:3 imports fs without node: in front',
    'packages/wire/test/x.test.ts:1 imports msgpackr, which is no dependency or devDependency of packages/wire',
  ])
})

t.test('a declared dependency that nothing imports is found, and one that only tests import', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/wire/package.json': manifestOf('wire', {
      dependencies: { '@hawser/contract': '0.1.0' },
      devDependencies: { ws: '8' },
    }),
    'packages/wire/src/index.ts': 'export {}\n',
    'packages/wire/test/x.test.ts': "import '@hawser/contract'\n",
  })
  t.same((await dependencies.run(workspace)).problems, [
    'packages/wire/package.json declares @hawser/contract, which its sources never import',
    'packages/wire/package.json declares ws, which nothing imports',
  ])
})
