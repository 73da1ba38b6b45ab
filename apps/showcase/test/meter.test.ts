import fc from 'fast-check'
import t from 'tap'
import { statisticsOf } from '../src/checks/kinds.js'
import { piecesOf } from '../src/library.js'
import { TextMeter } from '../src/meter.js'

const text = fc.string({ unit: fc.constantFrom('a', 'bb', ' ', '\n', '\t', '🪢', 'é'), maxLength: 60 })

t.test('a text cut anywhere is measured as the whole is', async (t) => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 9 }), (text, size) => {
      const meter = new TextMeter()
      const lines = [...piecesOf(text, size)].flatMap(({ piece }) => meter.push(piece))
      lines.push(...meter.end())
      t.same(meter.statistics, statisticsOf(text))
      t.equal(lines.length, meter.statistics.lines)
      t.equal(
        lines.reduce((sum, { words }) => sum + words, 0),
        meter.statistics.words,
      )
    }),
  )
})

t.test('pieces are the text again, and none ends inside a character', async (t) => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 9 }), (text, size) => {
      const pieces = [...piecesOf(text, size)].map(({ piece }) => piece)
      t.equal(pieces.join(''), text)
      t.ok(pieces.every((piece) => piece.length <= size && piece.isWellFormed()))
    }),
  )
})
