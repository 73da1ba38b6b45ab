import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import t from 'tap'
import { served } from './support/served.js'
import { hawser } from './support/terminal.js'

harness(t)

const server = served()
const { address } = await server.listen('tcp://127.0.0.1:0')
t.teardown(() => server.close())
const shell = (...lines: string[]) =>
  hawser(['shell', address], { input: lines.map((line) => `${line}\n`).join('') })

t.test('each line is a call, and errors end nothing', async (t) => {
  const { code, out, err } = await shell(
    '/add 1 2',
    '',
    '/fail',
    '/echo "a  b"',
    'shop.Shop/get "7"',
    '/add [20, 22]',
  )
  t.equal(code, 0)
  t.equal(out, '3\n"a  b"\n{\n  "id": "7",\n  "name": "rope",\n  "photo": "AQI="\n}\n42\n')
  t.match(err, /^hawser: not_found, executed: .*\n$/)
})

t.test('its commands are those of the command line', async (t) => {
  const { out, err } = await shell('ping', 'ping /nope', 'help', 'list', 'bogus', '/echo hello', '/echo -')
  t.match(out, /^answer 1 in [\d.]+ ms\nanswer 1 in [\d.]+ ms, there is no \/nope\n\/path/)
  t.match(err, /reflection is not enabled[\s\S]+There is no bogus here[\s\S]+a text has quotes/)
})

t.test('the exit code is that of the last line, where lines are piped', async (t) => {
  t.equal((await shell('/add 1 2', '/fail')).code, 1)
  t.equal((await shell('/fail', '/add 1 2')).code, 0)
  t.match(await shell('/echo 1', 'exit', '/echo 2'), { code: 0, out: '1\n' })
})

t.test('an address alone is a shell', async (t) => {
  t.equal((await hawser([address], { input: '/add 1 2\n' })).out, '3\n')
})

t.test('where nobody is reached there is no shell', async (t) => {
  t.match(await hawser(['tcp://127.0.0.1:1'], { input: '/add 1 2\n' }), {
    code: 3,
    out: '',
    err: /unreachable/,
  })
})

t.test('an interruption ends what goes on', async (t) => {
  const controller = new AbortController()
  server.rpc('/interrupted', () => {
    controller.abort()
    return new Promise((resolve) => currentCall()?.onCancel({ cancelled: resolve }))
  })
  const input = '/interrupted\n/add 1 2\n'
  t.match(await hawser([address], { input, interrupted: controller.signal }), { out: '', err: /cancelled/ })
})
