import t from 'tap'
import { replaceSection } from '../src/document.js'

const document = 'before\n<!-- speed: begin, generated -->\n\nold\n\n<!-- speed: end -->\nafter\n'

t.test('a section is replaced and the prose around it kept', (t) => {
  const replaced = replaceSection(document, 'speed', '\nnew $1\n')
  t.equal(
    replaced,
    document.replace('old', () => 'new $1'),
  )
  t.equal(replaceSection(replaced, 'speed', 'old'), document)
  t.end()
})

t.test('a document without the section is refused', (t) => {
  t.throws(() => replaceSection(document, 'leak', ''), { message: /no section leak/ })
  t.end()
})
