import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { paths } from '../../src/check/paths.js'
import { repositoryOf } from '../fixture.js'

t.test('relative paths and addresses are fine', async (t) => {
  const workspace = repositoryOf(t, {
    'docs/page.md': 'See ../x/home/y, https://example.org/home/a/b and /run/demo.sock\n',
  })
  t.same((await paths.run(workspace)).problems, [])
})

t.test('a path of one machine is found', async (t) => {
  const homes = ['/home', '/Users'].map((folder) => `${folder}/somebody/x`)
  const workspace = repositoryOf(t, {
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
