import { RpcError } from '@hawser/contract'
import t from 'tap'
import { Refusal, refuse, typedCodec } from '../src/index.js'

const secret = 'secret'

const codec = typedCodec<unknown, unknown>({
  name: 'one',
  contentType: 'x/one',
  mistake: 'It cannot be built',
  encode(value, headroom) {
    if (value !== 1) throw Refusal.under(new Refusal('is not 1'), { value }, 'part')
    return new Uint8Array(headroom + 1)
  },
  decode(bytes) {
    if (bytes[0] === 1) throw Refusal.inside(Refusal.inside(new Refusal('is odd'), 'x'), 3)
    if (bytes[0] === 2) throw new SyntaxError(secret)
    if (bytes[0] === 3) refuse('It is three', 'too_deep')
    throw Refusal.inside(new RangeError(secret), 'x')
  },
})

const thrown = (action: () => unknown): RpcError => {
  try {
    action()
  } catch (error) {
    if (RpcError.is(error)) return error
  }
  throw new Error('It did not throw an RpcError')
}

t.test('a value that is refused is told with its path, and was not sent', async (t) => {
  const error = thrown(() => codec.encode(2))
  t.match(error, {
    code: 'invalid_argument',
    reason: 'bad_payload',
    executed: 'no',
    message: 'value.part is not 1',
  })
  t.match(
    thrown(() => codec.encode(undefined)),
    { reason: 'bad_payload', executed: 'no' },
  )
})

t.test(
  'bytes that are refused are told with the path in them, and nothing is said of what was executed',
  async (t) => {
    const error = thrown(() => codec.decode(Uint8Array.of(1)))
    t.match(error, {
      code: 'invalid_argument',
      reason: 'bad_payload',
      executed: 'maybe',
      message: 'value[3].x is odd',
    })
    t.match(
      thrown(() => codec.decode(Uint8Array.of(3))),
      { reason: 'too_deep', message: 'It is three' },
    )
    t.match(
      thrown(() => codec.decode(new Uint8Array(0))),
      { reason: 'bad_payload', message: 'There is no value' },
    )
  },
)

t.test('other errors are told without their message', async (t) => {
  for (const byte of [2, 4]) {
    const error = thrown(() => codec.decode(Uint8Array.of(byte)))
    t.equal(error.message, 'It cannot be built')
    t.notMatch(JSON.stringify(error), new RegExp(secret))
  }
})

t.test('headroom is checked', async (t) => {
  t.equal(codec.encode(1, 3).length, 4)
  for (const headroom of [-1, 0.5, Number.NaN])
    t.throws(() => codec.encode(1, headroom), { name: 'TypeError' })
})
