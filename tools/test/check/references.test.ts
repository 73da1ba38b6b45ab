import t from 'tap'
import { references } from '../../src/check/references.js'
import { manifestOf, repositoryOf } from '../fixture.js'

const good = {
  'tsconfig.json': { files: [], references: [{ path: 'packages/contract' }, { path: './packages/wire' }] },
  'packages/contract/package.json': manifestOf('contract'),
  'packages/contract/tsconfig.json': {},
  'packages/wire/package.json': manifestOf('wire', {
    dependencies: { '@hawser/contract': '0.1.0', ws: '8' },
  }),
  'packages/wire/tsconfig.json': { references: [{ path: '../contract' }] },
  'tools/package.json': {
    name: '@hawser/tools',
    private: true,
    devDependencies: { '@hawser/wire': '0.1.0' },
  },
  'tools/tsconfig.json': { compilerOptions: { noEmit: true } },
}

t.test('references that follow the dependencies are fine', async (t) => {
  t.same((await references.run(repositoryOf(t, good))).problems, [])
})

t.test('a missing reference is found, in a package and at the root', async (t) => {
  const workspace = repositoryOf(t, {
    ...good,
    'tsconfig.json': { files: [], references: [{ path: 'packages/contract' }] },
    'packages/wire/tsconfig.json': {},
  })
  t.same((await references.run(workspace)).problems, [
    'packages/wire/tsconfig.json: does not reference packages/contract',
    'tsconfig.json: does not reference packages/wire',
  ])
})

t.test('a reference without a dependency is found', async (t) => {
  const workspace = repositoryOf(t, {
    ...good,
    'packages/contract/tsconfig.json': { references: [{ path: '../wire' }] },
  })
  t.same((await references.run(workspace)).problems, [
    'packages/contract/tsconfig.json: references packages/wire, no dependency',
  ])
})
