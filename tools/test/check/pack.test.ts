import t from 'tap'
import { pack } from '../../src/check/pack.js'
import { manifestOf, repositoryOf } from '../fixture.js'

const root = { private: true, workspaces: ['packages/*'] }

t.test('a package that works is fine', async (t) => {
  const workspace = repositoryOf(t, {
    'package.json': root,
    'packages/wire/package.json': manifestOf('wire'),
    'packages/wire/LICENSE': 'MIT',
    'packages/wire/README.md': '# wire',
    'packages/wire/src/index.ts': 'export const a: number = 1\n',
    'packages/wire/dist/index.js': 'export const a = 1\n',
    'packages/wire/dist/index.d.ts': 'export declare const a: number\n',
  })
  t.same(await pack.run(workspace), { problems: [], note: '1 packages, 1 entries' })
})

t.test('what a user would stumble over is found', async (t) => {
  const workspace = repositoryOf(t, {
    'package.json': root,
    'packages/server/package.json': manifestOf('server'),
    'packages/server/README.md': '# server',
    // A top-level await forbids require, and a missing type breaks the declarations.
    'packages/server/dist/index.js': 'export const a = await 1\n',
    'packages/server/dist/index.d.ts': 'export declare const a: Missing\n',
    'packages/wire/package.json': manifestOf('wire', { files: ['dist', 'test'] }),
    'packages/wire/LICENSE': 'MIT',
    'packages/wire/README.md': '# wire',
    'packages/wire/test/x.test.ts': 'export {}\n',
    'packages/wire/dist/other.js': 'export const a = 1\n',
  })
  const { problems } = await pack.run(workspace)
  for (const expected of [
    /^@hawser\/server: its tarball lacks LICENSE/,
    /^@hawser\/server: require: .*await/,
    /node_modules\/@hawser\/server\/dist\/index\.d\.ts.*TS2304/,
    /^@hawser\/wire: its tarball has test\/x\.test\.ts/,
    /^@hawser\/wire: import: .*Cannot find module/,
    /^@hawser\/wire: require: .*Cannot find module/,
    /^all\.cts.*TS2307/,
    /^all\.mts.*TS2307/,
    /^@hawser\/wire: publint: .*does not exist/,
    /^@hawser\/wire: attw: /,
  ])
    t.ok(
      problems.some((problem) => expected.test(problem)),
      `${expected}`,
    )
})
