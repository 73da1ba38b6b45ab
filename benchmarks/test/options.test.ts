import t from 'tap'
import { chosen, type Options, parseOptions } from '../src/options.js'
import { subjects } from '../src/subjects.js'

t.test('only the standard run writes the document by itself', (t) => {
  t.match(parseOptions([]), {
    write: true,
    rounds: 5,
    modes: [
      'speed',
      'transports',
      'streams',
      'http',
      'publish',
      'stalled',
      'models',
      'sniff',
      'codecs',
      'workers',
      'browser',
      'memory',
      'leak',
    ],
  })
  t.match(parseOptions(['memory']), { write: true, modes: ['memory'] })
  t.match(parseOptions(['--quick']), { write: false, rounds: 2 })
  t.match(parseOptions(['--only', 'minimum']), { write: false })
  t.match(parseOptions(['--rounds', '1', '--write']), { write: true, rounds: 1 })
  t.end()
})

t.test('extra subjects run when they are named', (t) => {
  const named = ({ only }: { readonly only: readonly string[] | undefined }) =>
    chosen(subjects, { only }).map(({ name }) => name)
  const { only } = parseOptions(['--only', 'minimum-tick-cork,grpc']) as Options
  t.same(named({ only }), ['minimum-tick-cork', 'grpc'])
  t.notOk(chosen(subjects, { only: undefined }).some(({ extra }) => extra))
  t.end()
})

t.test('what is not understood is refused by name', (t) => {
  t.throws(() => parseOptions(['--only', 'nobody']), { message: /no subject named nobody/ })
  t.throws(() => parseOptions(['everything']), { message: /no mode named everything/ })
  t.throws(() => parseOptions(['--rounds', '0']), { message: /"0" is not a number above 0/ })
  t.throws(() => parseOptions(['--unknown']), { name: 'TypeError' })
  t.end()
})
