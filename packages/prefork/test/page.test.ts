import { readFileSync } from 'node:fs'
import t from 'tap'
import { models } from '../src/index.js'

t.test('PM-16 the page on models says of each when to choose it, and what was measured', async (t) => {
  const page = readFileSync(new URL('../../../docs/models.md', import.meta.url), 'utf8')
  const chapters = new Map(page.split(/^## /m).map((chapter) => [chapter.split('\n', 1)[0], chapter]))
  const choice = chapters.get('Which one')!
  const tables = chapters
    .get('Measurements')!
    .split(/\n\n(?=\|)/)
    .slice(1)
  t.ok(tables.length > 0)
  for (const model of models) {
    t.match(choice, `\`${model}\``)
    for (const table of tables) t.match(table, new RegExp(`^\\| \`?${model}\`?[^|]*\\|.*\\d`, 'm'))
  }
})
