import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { snippets } from '../../src/check/snippets.js'
import { repository } from '../../src/workspace.js'
import { repositoryOf } from '../fixture.js'

const base = readFileSync(join(repository, 'tsconfig.base.json'), 'utf8')

function block(code: string, info = 'ts'): string {
  return `\`\`\`${info}\n${code}\n\`\`\`\n`
}

t.test('blocks that compile are fine, and may continue one another', async (t) => {
  const workspace = repositoryOf(t, {
    'tsconfig.base.json': base,
    'README.md': [
      block('const a: number = 1'),
      'and on it goes\n',
      block(
        "import { RpcError } from '@hawser/contract'\nconst b: RpcError = new RpcError('internal', String(a))",
        'ts continue',
      ),
      block('const a = "another module"'),
      block('this is no code', 'ts nocheck'),
      block('nor is this', 'text'),
    ].join('\n'),
  })
  const { problems, note } = await snippets.run(workspace)
  t.same(problems, [])
  t.equal(note, '3 compiled, 1 marked nocheck')
})

t.test('a mistake is found where it stands in the document', async (t) => {
  const workspace = repositoryOf(t, {
    'tsconfig.base.json': base,
    'README.md': `# Title\n\n${block('const a = 1')}\ntext\n\n${block('\nconst b: string = a', 'ts continue')}`,
    'docs/page.md': block("import { nothing } from '@hawser/contract'"),
  })
  const { problems } = await snippets.run(workspace)
  t.match(problems, [/^README\.md:11 TS2322: /, /^docs\/page\.md:2 TS2305: /])
  t.equal(problems.length, 2)
})

t.test('a mark that means nothing is found, and a continuation of nothing', async (t) => {
  const workspace = repositoryOf(t, {
    'tsconfig.base.json': base,
    'README.md': `${block('const a = 1', 'ts contineu')}${block('const b = 1', 'ts continue')}`,
  })
  t.same((await snippets.run(workspace)).problems, [
    'README.md:1 cannot be marked: ts contineu',
    'README.md:4 cannot be marked: ts continue',
  ])
})
