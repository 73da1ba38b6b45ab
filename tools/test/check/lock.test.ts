import t from 'tap'
import { lock } from '../../src/check/lock.js'
import { repositoryOf } from '../fixture.js'

const root = { name: 'fixture', version: '1.0.0', private: true, workspaces: ['packages/*'] }
const one = { name: '@fixture/one', version: '1.0.0' }
const packages = {
  '': root,
  'node_modules/@fixture/one': { resolved: 'packages/one', link: true },
  'packages/one': one,
}

t.test('a lock file that npm accepts is fine', async (t) => {
  const workspace = repositoryOf(t, {
    'package.json': root,
    'packages/one/package.json': one,
    'package-lock.json': { ...root, lockfileVersion: 3, packages },
  })
  t.same((await lock.run(workspace)).problems, [])
})

t.test('a lock file that lacks something is found', async (t) => {
  const workspace = repositoryOf(t, {
    'package.json': root,
    'packages/one/package.json': one,
    'packages/two/package.json': { name: '@fixture/two', version: '1.0.0' },
    'package-lock.json': { ...root, lockfileVersion: 3, packages },
  })
  t.match((await lock.run(workspace)).problems.join('\n'), 'Missing: @fixture/two@1.0.0 from lock file')
})

t.test('a download address is found', async (t) => {
  const resolved = 'https://registry.example.org/a.tgz'
  const workspace = repositoryOf(t, {
    'package.json': root,
    'package-lock.json': {
      ...root,
      lockfileVersion: 3,
      packages: { '': root, 'node_modules/a': { version: '1.0.0', resolved } },
    },
  })
  t.match((await lock.run(workspace)).problems, ['package-lock.json: node_modules/a has a download address'])
})
