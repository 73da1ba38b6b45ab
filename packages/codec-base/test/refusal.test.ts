import { RpcError } from '@hawser/contract'
import t from 'tap'
import { Refusal, refuse } from '../src/index.js'

t.test('a refusal names the path of the value', async (t) => {
  const refusal = Refusal.under(
    Refusal.under(Refusal.under(new Refusal('is odd'), {}, 'b c'), [], 0),
    {},
    'a',
  )
  const error = Refusal.error(refusal)
  t.equal(error.message, 'value.a[0]["b c"] is odd')
  t.match(error, { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' })
  t.equal(Refusal.error(new Refusal('is odd')).message, 'value is odd')
})

t.test('a path that is too long is cut in front', async (t) => {
  let refusal = new Refusal('is odd')
  for (let i = 0; i < 1000; i++) refusal = Refusal.under(refusal, {}, `key${i}`)
  const { message } = Refusal.error(refusal)
  t.ok(message.startsWith('value…') && message.length < 500)
})

t.test('too deep with a container met twice is a cycle', async (t) => {
  const loop = {}
  const deep = () => new Refusal('nests deeper than 64', 'too_deep')
  t.match(Refusal.error(Refusal.under(Refusal.under(deep(), loop, 'a'), loop, 'a')), {
    reason: 'bad_payload',
    message: /cycle/,
  })
  t.match(Refusal.error(Refusal.under(Refusal.under(deep(), {}, 'a'), loop, 'a')), { reason: 'too_deep' })
})

t.test('what user code throws is the cause', async (t) => {
  const thrown = new Error('mine')
  t.equal(Refusal.error(Refusal.under(thrown, {}, 'a')).cause, thrown)
  t.equal(Refusal.error(thrown).cause, thrown)
})

t.test('the end of a decode', async (t) => {
  try {
    refuse('Not so', 'too_deep')
  } catch (error) {
    t.ok(RpcError.is(error))
    t.match(error, { code: 'invalid_argument', reason: 'too_deep', message: 'Not so' })
  }
})
