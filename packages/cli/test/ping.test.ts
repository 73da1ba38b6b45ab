import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { served } from './support/served.js'
import { hawser, values } from './support/terminal.js'

harness(t)

const server = served()
const { address } = await server.listen('tcp://127.0.0.1:0')
t.teardown(() => server.close())

t.test('tells each answer, and what they come to', async (t) => {
  const { code, out, err } = await hawser(['ping', address, '-n', '3', '-i', '1ms'])
  t.equal(code, 0)
  t.equal(err, '')
  const lines = out.split('\n')
  t.match(lines[0], /^connected to tcp:\/\/127\.0\.0\.1:\d+ in [\d.]+ ms$/)
  t.match(lines[3], /^answer 3 in [\d.]+ ms$/)
  t.match(lines[4], /^3 asked, 3 answered; min [\d.]+ ms, median [\d.]+ ms, max [\d.]+ ms$/)
})

t.test('AM-12 asks for a method without running it', async (t) => {
  t.match(await hawser(['ping', address, '/slow', '-n', '1']), { code: 0, out: /, \/slow is there\n/ })
  t.match(await hawser(['ping', address, 'shop.Shop/all', '-n', '1']), { code: 0 })
  t.match(await hawser(['ping', address, '/nope', '-n', '1']), { code: 1, out: /, there is no \/nope\n/ })
})

t.test('tells programs the same', async (t) => {
  const { out } = await hawser(['ping', address, '/nope', '-n', '1', '--json'])
  t.match(values(out), [
    { number: 1, ms: Number, there: false },
    { asked: 1, answered: 1, minMs: Number, medianMs: Number, maxMs: Number },
  ])
})

t.test('where nobody answers the exit code is 1', async (t) => {
  const { code, out, err } = await hawser(['ping', 'tcp://127.0.0.1:1', '-n', '2', '-i', '1ms'])
  t.equal(code, 1)
  t.equal(out, '2 asked, 0 answered\n')
  t.equal(err.match(/unreachable/g)?.length, 2)
  const json = await hawser(['ping', 'tcp://127.0.0.1:1', '-n', '1', '--json'])
  t.match(values(json.out), [
    { number: 1, error: { reason: 'unreachable' } },
    { asked: 1, answered: 0 },
  ])
})

t.test('a server that goes away and comes back is lost and found', async (t) => {
  const first = served()
  const { address } = await first.listen('tcp://127.0.0.1:0')
  const second = served()
  const controller = new AbortController()
  let step = 0
  const next = (act: () => unknown) => {
    void act()
    return step + 1
  }
  const { code, out, err } = await hawser(['ping', address, '-n', '0', '-i', '20ms'], {
    interrupted: controller.signal,
    heard(out, err) {
      if (step === 0 && out.includes('answer 1')) step = next(() => first.close())
      if (step === 1 && err.includes('unreachable')) step = next(() => second.listen(address))
      if (step === 2 && out.match(/connected to.*connected to.*answer/s))
        step = next(() => controller.abort())
    },
  })
  await second.close()
  t.equal(code, 0)
  t.match(err, /is a server listening there/)
  t.equal(out.match(/^connected to/gm)?.length, 2)
})
