import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { limitTable } from '@hawser/contract'
import t from 'tap'
import { generated } from '../../src/check/generated.js'
import { writeGenerated } from '../../src/docs/generated.js'
import { limitsPage } from '../../src/docs/limits.js'
import { manifestOf, repositoryOf } from '../fixture.js'

const files = {
  LICENSE: 'Do as you please\n',
  'docs/limits.md': '# Limits of long ago\n',
  'packages/wire/package.json': manifestOf('wire'),
}

t.test('stale and missing files are found, and written anew', async (t) => {
  const workspace = repositoryOf(t, files)
  t.same((await generated.run(workspace)).problems, [
    'docs/limits.md: is stale, run npm run docs',
    'packages/wire/LICENSE: is stale, run npm run docs',
  ])
  t.same(writeGenerated(workspace), ['docs/limits.md', 'packages/wire/LICENSE'])
  t.same((await generated.run(workspace)).problems, [])
  t.equal(readFileSync(join(workspace.root, 'packages/wire/LICENSE'), 'utf8'), files.LICENSE)
})

t.test('the page of limits has a row for each, with units one can read', async (t) => {
  const page = limitsPage(limitTable)
  for (const name of Object.keys(limitTable)) t.match(page, `| \`${name}\` | `)
  const row = { about: 'a|b', breach: 'closed' }
  t.match(
    limitsPage({
      bytes: { ...row, value: 4 * 1024 * 1024, unit: 'bytes', ceiling: 1500 },
      time: { ...row, value: 25_000, unit: 'ms' },
      share: { ...row, value: 0.25, unit: 'share' },
      count: { ...row, value: 10_000, unit: 'count' },
    }),
    [
      '| `bytes` | 4 MiB | 1,500 B | a\\|b | closed |',
      '| `time` | 25 s |  | a\\|b | closed |',
      '| `share` | 25 % |  | a\\|b | closed |',
      '| `count` | 10,000 |  | a\\|b | closed |',
    ].join('\n'),
  )
})
