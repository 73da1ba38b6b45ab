import t from 'tap'
import { neutrality } from '../../src/check/neutral.js'
import { manifestOf, repositoryOf } from '../fixture.js'

const plain = { compilerOptions: { types: [], lib: ['es2022'], noEmit: true }, include: ['src'] }

t.test('sources without Node and the DOM are fine, and so is Node where it is meant to be', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/server/package.json': manifestOf('server'),
    'packages/server/tsconfig.json': plain,
    'packages/server/src/index.ts': 'export const one = 1\n',
    'packages/transport-tcp/package.json': manifestOf('transport-tcp'),
    'packages/transport-tcp/src/index.ts': "import 'node:net'\n",
  })
  t.same((await neutrality.run(workspace)).problems, [])
})

t.test('an import of Node is found', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/codec-json/package.json': manifestOf('codec-json'),
    'packages/codec-json/tsconfig.json': plain,
    'packages/codec-json/src/index.ts': "export const one = 1\nimport 'node:buffer'\n",
  })
  t.same((await neutrality.run(workspace)).problems, [
    'packages/codec-json/src/index.ts:2 imports node:buffer',
  ])
})

t.test("Node's and the DOM's types are found, also when a source asks for them", async (t) => {
  const workspace = repositoryOf(t, {
    'packages/client/package.json': manifestOf('client'),
    'packages/client/tsconfig.json': { ...plain, compilerOptions: { types: [], noEmit: true } },
    'packages/client/src/index.ts': '/// <reference types="node" />\nexport const one = 1\n',
  })
  t.same((await neutrality.run(workspace)).problems, [
    "packages/client/tsconfig.json: the compilation includes Node's types",
    "packages/client/tsconfig.json: the compilation includes the DOM's types",
  ])
})

t.test('an entry for browsers is held to it, in a package that is not', async (t) => {
  const workspace = repositoryOf(t, {
    'packages/transport-ws/package.json': manifestOf('transport-ws'),
    'packages/transport-ws/tsconfig.browser.json': { ...plain, include: ['src/browser'] },
    'packages/transport-ws/src/index.ts': "import 'node:net'\n",
    'packages/transport-ws/src/browser/index.ts': 'export const socket = new WebSocket()\n',
  })
  const { problems } = await neutrality.run(workspace)
  t.match(problems, [/tsconfig\.browser\.json: .*WebSocket/])
})
