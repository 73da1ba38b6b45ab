import t from 'tap'
import { types } from '../../src/check/types.js'
import { repositoryOf } from '../fixture.js'

const config = { compilerOptions: { strict: true, types: [], noEmit: true }, include: ['../packages/*/test'] }

t.test('tests that type-check are fine', async (t) => {
  const workspace = repositoryOf(t, {
    'tools/tsconfig.json': config,
    'packages/wire/test/x.test.ts': 'export const a: number = 1\n',
  })
  t.same((await types.run(workspace)).problems, [])
})

t.test('a type error in a test is found', async (t) => {
  const workspace = repositoryOf(t, {
    'tools/tsconfig.json': config,
    'packages/wire/test/x.test.ts': "export const a: number = 'one'\n",
  })
  const { problems } = await types.run(workspace)
  t.match(problems, [/packages\/wire\/test\/x\.test\.ts\(1,14\): error TS2322/])
  t.equal(problems.length, 1)
})

t.test('a configuration that does not work is no success', async (t) => {
  t.equal((await types.run(repositoryOf(t, { 'tools/readme.md': '' }))).problems.length, 1)
})
