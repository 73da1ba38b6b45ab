import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { paths } from '../../src/check/paths.js'
import { repositoryOf } from '../fixture.js'

const lock = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { resolved: 'packages/b', link: true },
  },
}

t.test('relative paths, addresses and links are fine', async (t) => {
  const workspace = repositoryOf(t, {
    'package-lock.json': lock,
    'docs/page.md': 'See ../x/home/y, https://example.org/home/a/b and /run/demo.sock\n',
  })
  t.same((await paths.run(workspace)).problems, [])
})

t.test('a path of one machine is found', async (t) => {
  const homes = ['/home', '/Users'].map((folder) => `${folder}/somebody/x`)
  const workspace = repositoryOf(t, {
    'package-lock.json': lock,
    'docs/page.md': `fine\nsee ${homes[0]}\n`,
    'packages/x.json': `{ "at": "${homes[1]}" }`,
    'tools/run': 'cd here\n',
  })
  appendFileSync(join(workspace.root, 'tools/run'), `cd ${workspace.root}/tools\n`)
  t.same((await paths.run(workspace)).problems, [
    'docs/page.md:2 names a path of one machine',
    'packages/x.json:1 names a path of one machine',
    'tools/run:2 names a path of one machine',
  ])
})

t.test('a download address in the lock file is found', async (t) => {
  const resolved = 'https://registry.example.org/a.tgz'
  const workspace = repositoryOf(t, { 'package-lock.json': { packages: { 'node_modules/a': { resolved } } } })
  t.same((await paths.run(workspace)).problems, ['package-lock.json: node_modules/a has a download address'])
})
