import t from 'tap'
import { parseOptions } from '../src/options.js'

t.test('only the standard run writes the document by itself', (t) => {
  t.match(parseOptions([]), { write: true, rounds: 5, modes: ['speed', 'memory', 'leak'] })
  t.match(parseOptions(['memory']), { write: true, modes: ['memory'] })
  t.match(parseOptions(['--quick']), { write: false, rounds: 2 })
  t.match(parseOptions(['--only', 'minimum']), { write: false })
  t.match(parseOptions(['--rounds', '1', '--write']), { write: true, rounds: 1 })
  t.end()
})

t.test('extra subjects run when they are named', (t) => {
  const options = parseOptions(['--only', 'minimum-tick-cork,grpc'])
  t.match(options, { subjects: [{ name: 'minimum-tick-cork' }, { name: 'grpc' }] })
  t.notMatch(parseOptions([]), { subjects: [{ extra: true }] })
  t.end()
})

t.test('what is not understood is refused by name', (t) => {
  t.throws(() => parseOptions(['--only', 'nobody']), { message: /no subject named nobody/ })
  t.throws(() => parseOptions(['everything']), { message: /no mode named everything/ })
  t.throws(() => parseOptions(['--rounds', '0']), { message: /"0" is not a number above 0/ })
  t.throws(() => parseOptions(['--unknown']), { name: 'TypeError' })
  t.end()
})
