import t from 'tap'
import { manifests } from '../../src/check/manifests.js'
import { manifestOf, repositoryOf } from '../fixture.js'

async function problemsOf(
  t: Parameters<typeof repositoryOf>[0],
  role: string,
  manifest: object,
): Promise<readonly string[]> {
  const workspace = repositoryOf(t, {
    [`packages/${role}/package.json`]: manifest,
    [`packages/${role}/src/index.ts`]: 'export {}\n',
  })
  return (await manifests.run(workspace)).problems.map((problem) =>
    problem.replace(`packages/${role}/package.json: `, ''),
  )
}

t.test('a manifest like all others is fine', async (t) => {
  t.same(
    await problemsOf(t, 'wire', manifestOf('wire', { dependencies: { '@hawser/contract': '0.1.0' } })),
    [],
  )
  t.same(
    await problemsOf(t, 'codec-msgpack', manifestOf('codec-msgpack', { dependencies: { msgpackr: '2' } })),
    [],
  )
})

t.test('each deviation is found', async (t) => {
  const cases: [changes: Record<string, unknown>, problem: RegExp][] = [
    [{ name: '@hawser/other' }, /^name should be "@hawser\/wire"/],
    [{ license: 'ISC' }, /^license should be "MIT"/],
    [{ engines: { node: '>=18' } }, /^engines should be/],
    [{ type: 'commonjs' }, /^type should be "module"/],
    [{ files: ['dist'] }, /^files should be/],
    [{ main: 'dist/index.js' }, /^the key main is not one the others have/],
    [{ exports: {} }, /^exports nothing/],
    [{ exports: { './sub': { types: './dist/sub.d.ts', default: './dist/sub.js' } } }, /no src\/sub.ts/],
    [{ exports: { '.': { default: './dist/index.js' } } }, /^the export \. should be/],
    [
      { exports: { '.': { default: './dist/index.js', types: './dist/index.d.ts' } } },
      /^the export \. should be/,
    ],
    [
      {
        exports: {
          '.': {
            browser: { types: './dist/index.d.ts', default: './dist/index.js' },
            types: './dist/index.d.ts',
            default: './dist/index.js',
          },
        },
      },
      /^the export \. should be/,
    ],
    [{ dependencies: { ws: '8' } }, /^wire may not depend on ws/],
    [{ dependencies: { '@hawser/contract': '^0.1.0' } }, /depends on @hawser\/contract \^0.1.0/],
    [{ devDependencies: { b: '1', a: '1' } }, /^devDependencies are not in alphabetical order/],
    [{ devDependencies: {}, dependencies: {} }, /^the order is not name, version/],
  ]
  for (const [changes, problem] of cases) {
    const problems = await problemsOf(t, 'wire', manifestOf('wire', changes))
    t.match(problems, [problem], JSON.stringify(changes))
    t.equal(problems.length, 1, JSON.stringify(problems))
  }
})

t.test('install scripts and missing keys are found', async (t) => {
  const { description: _, ...rest } = manifestOf('wire') as Record<string, unknown>
  t.match(await problemsOf(t, 'wire', rest), [/^the key description is missing/])
  const scripted = { ...manifestOf('wire'), scripts: { test: 'tap', postinstall: 'node x.js' } }
  t.match(await problemsOf(t, 'wire', scripted), [/^scripts should be/])
})
