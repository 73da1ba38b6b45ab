import { harness } from '@hawser/compliance/harness'
import { topic } from '@hawser/push'
import t from 'tap'
import { counting, served } from './support/served.js'
import { hawser, values } from './support/terminal.js'

harness(t)

const server = served()
counting(server)
const { address } = await server.listen('tcp://127.0.0.1:0')
t.teardown(() => server.close())

t.test('prints what is published, one line each, and ends after a count', async (t) => {
  const { code, out, err } = await hawser(['pull', address, '/numbers', '--count', '3'])
  t.equal(code, 0)
  t.equal(err, '')
  const [first, ...more] = values(out) as [number, number, number]
  t.same(more, [first + 1, first + 2])
})

t.test('tells programs the number of each message', async (t) => {
  const { out } = await hawser(['pull', address, '/numbers', '-n', '2', '--json'])
  const [first, second] = values(out) as { number: number; missed: number; value: number }[]
  t.same(second, { number: first!.number + 1, missed: 0, value: first!.value + 1 })
})

t.test('being interrupted is an end like another', async (t) => {
  const controller = new AbortController()
  const { code, out, err } = await hawser(['pull', address, '/numbers'], {
    interrupted: controller.signal,
    heard: (out) => values(out).length > 1 && controller.abort(),
  })
  t.equal(code, 0)
  t.equal(err, '')
  t.ok(values(out).length > 1)
})

t.test('what was published and did not come is told', async (t) => {
  const gaps = topic<number>(server, '/gaps', {
    policy: 'drop-new',
    onJoin: () => {
      // More than the connection takes and the mark allows, in one turn; then one that comes.
      const large = 'x'.repeat(100_000) as unknown as number
      for (let index = 0; index < 40; index++) gaps.publish(large)
      setTimeout(() => gaps.publish(1), 100)
      setTimeout(() => gaps.close(), 200)
    },
  })
  const { out, err } = await hawser(['pull', address, '/gaps', '--json'])
  const missed = (values(out) as { missed: number }[]).reduce((sum, { missed }) => sum + missed, 0)
  t.ok(missed > 0, `${missed}`)
  t.match(err, /missed \d+/)
})

t.test('a topic that is not there, and a method that is none', async (t) => {
  const none = await hawser(['pull', address, '/nope'])
  t.equal(none.code, 6)
  const method = await hawser(['pull', address, '/add'])
  t.equal(method.code, 6)
  t.match(method.err, /it is no topic: see hawser call/)
})

t.test('a topic that is closed says why', async (t) => {
  const closing = topic<string>(server, '/closing', {
    onJoin: () => {
      closing.publish('bye')
      closing.close('The day is over')
    },
  })
  const { code, out, err } = await hawser(['pull', address, '/closing'])
  t.equal(out, '"bye"\n')
  t.not(code, 0)
  t.match(err, /The day is over/)
})
