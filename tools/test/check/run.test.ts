import t from 'tap'
import { checks } from '../../src/check/all.js'
import { runChecks } from '../../src/check/run.js'
import { repositoryOf } from '../fixture.js'

t.test('checks are counted, and their findings printed; one that breaks has failed', async (t) => {
  const lines: string[] = []
  const workspace = repositoryOf(t, {})
  const tally = await runChecks(
    [
      { name: 'good', about: 'all is well', run: () => ({ problems: [], note: '3 things' }) },
      {
        name: 'bad',
        about: 'nothing is missing',
        run: async () => ({ problems: ['a: is missing', 'b: is missing'] }),
      },
      { name: 'broken', about: '', run: () => Promise.reject(new Error('no such thing')) },
    ],
    workspace,
    (line) => lines.push(line),
  )
  t.same(tally, { passed: 1, failed: 2 })
  t.match(lines, [
    /^✓ good +3 things \(\d/,
    /^✗ bad/,
    'rule: nothing is missing',
    'a: is missing',
    'b: is missing',
    /^✗ broken/,
    'rule: ',
    'no such thing',
  ])
})

t.test('check names are unique, for they choose on the command line', async (t) => {
  t.equal(new Set(checks.map(({ name }) => name)).size, checks.length)
})
