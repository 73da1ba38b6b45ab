import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { checks } from '../src/checks/all.js'
import { checksOf } from '../src/report.js'
import { codecsOf, type Way, ways } from '../src/strands.js'
import { run } from './process.js'

harness(t)
t.setTimeout(180_000)

const stacks = ways({}, '').flatMap((way) =>
  codecsOf(way).map((codec) => ({ way: way.name, codec: codec.name, marks: marksOf(way) })),
)

// What the row of a way looks like when all is well.
function marksOf(way: Way): string[] {
  const mine = checksOf(way)
  return checks.map((check) => (mine.includes(check) ? '✓' : '–'))
}

t.test(
  '--once shows every check passed through every stack, and exits with 0',
  { timeout: 180_000 },
  async (t) => {
    const { code, lines, errors } = await run('../src/main.ts', '--once')
    t.equal(errors, '')
    t.equal(code, 0)
    for (const { way, codec, marks } of stacks) {
      const row = lines.find((line) => new RegExp(`^${way} +${codec} `).test(line))
      t.match(row, new RegExp(`^${way} +${codec} +${marks.join(' +')} +[\\d,]+$`))
      t.ok(row && Number(row.split(' ').at(-1)!.replaceAll(',', '')) > 100, 'calls/s are a real number')
    }
    const count = stacks.flatMap(({ marks }) => [...marks, '✓']).filter((mark) => mark === '✓').length
    t.match(lines.at(-1), new RegExp(`^✓ All ${count} checks passed`))
    t.same(
      lines.filter((line) => line.length > 100),
      [],
      'fits in 100 columns',
    )
    t.notMatch(lines.join(''), '\u001b', 'without colours where there is no terminal')
  },
)

t.test('a server that lacks a method makes its rows fail, is named, and exits with 1', async (t) => {
  const { code, lines } = await run('./fixtures/lacking.ts')
  t.equal(code, 1)
  const tried = stacks.filter(({ way }) => way === stacks[0]!.way)
  t.match(lines.at(-1), new RegExp(`^✗ ${tried.length} of \\d+ checks failed\\.$`))
  for (const { way, codec } of tried)
    t.match(
      lines.find((line) => line.startsWith(`✗ ${way} ${codec}, server: `)),
      'showcase.Texts/search',
    )
})

t.test('an option that does not exist is told, with what does', async (t) => {
  const { code, errors } = await run('../src/main.ts', '--twice')
  t.equal(code, 2)
  t.match(errors, /--twice[\s\S]*Usage/)
})
