import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import { RpcError } from '@hawser/contract'
import t from 'tap'
import { served } from './support/served.js'
import { hawser, values } from './support/terminal.js'

harness(t)

const server = served()
const { address } = await server.listen('tcp://127.0.0.1:0')
t.teardown(() => server.close())
const call = (...args: string[]) => hawser(['call', address, ...args])

t.test('AM-52 a path is called with an array of arguments, or with what stands in one', async (t) => {
  t.same(await call('/add', '[1, 2]'), { code: 0, out: '3\n', err: '' })
  t.same(await call('/add', '1', '2'), { code: 0, out: '3\n', err: '' })
  t.equal((await call('/echo', '{"a": [1, "two"]}')).out, '{\n  "a": [\n    1,\n    "two"\n  ]\n}\n')
  t.equal((await call('/echo', '{"a": [1, "two"]}', '--json')).out, '{"a":[1,"two"]}\n')
  t.equal((await call('/echo', '[[1, 2]]', '--json')).out, '[1,2]\n')
})

t.test('AM-42 bytes are shown in base64, with either codec', async (t) => {
  t.equal((await call('/bytes')).out, '"AQID"\n')
  t.equal((await call('/bytes', '--codec', 'msgpack')).out, '"AQID"\n')
})

t.test('no answer is nothing to print, but null to a program', async (t) => {
  t.equal((await call('/nothing')).out, '')
  t.equal((await call('/nothing', '--json')).out, 'null\n')
})

t.test('the method of a service is called with one value, by its types', async (t) => {
  const { out } = await call('shop.Shop/get', '"1152921504606846976"', '--json')
  t.equal(out, '{"id":"1152921504606846976","name":"rope","photo":"AQI="}\n')
  const two = await call('shop.Shop/get', '1', '2', '--kind', 'unary')
  t.equal(two.code, 2)
  t.match(two.err, /with one value, not 2/)
})

t.test('a stream of answers is one line each, and found out to be one', async (t) => {
  const { out, code } = await call('shop.Shop/all', '3')
  t.equal(code, 0)
  t.same(
    values(out).map((item) => (item as { id: string }).id),
    ['0', '1', '2'],
  )
})

t.test('streams of values are read one a line', async (t) => {
  const sum = await hawser(['call', address, 'shop.Shop/sum', '-', '--kind', 'client-stream'], {
    input: '1\n\n2\n3\n',
  })
  t.same(sum, { code: 0, out: '"6"\n', err: '' })
  const running = await hawser(['call', address, 'shop.Shop/running', '-', '--kind', 'duplex'], {
    input: '1\n2\n3',
  })
  t.equal(running.out, '"1"\n"3"\n"6"\n')
  const bad = await hawser(['call', address, 'shop.Shop/sum', '-', '--kind', 'client-stream'], {
    input: '1\nx\n',
  })
  t.equal(bad.code, 2)
  t.match(bad.err, /x is not taken as JSON/)
})

t.test('the kind of a method is found out, by calls that are never run', async (t) => {
  t.equal((await call('shop.Shop/sum', '1')).out, '"1"\n')
  t.equal((await call('shop.Shop/sum', '1', '2')).out, '"3"\n')
  t.equal((await call('shop.Shop/running', '1', '2')).out, '"1"\n"3"\n')
  t.equal((await hawser(['call', address, 'shop.Shop/sum', '-'], { input: '1\n2\n3\n' })).out, '"6"\n')
  t.same(await call('shop.Shop/note', '"3"'), { code: 0, out: '', err: '' })
  t.equal((await call('shop.Shop/noted', '0')).out, '"3"\n')
})

t.test('a kind that is not the one of the method is told', async (t) => {
  const wrong = await call('shop.Shop/sum', '1', '--kind', 'unary')
  t.equal(wrong.code, 6)
  t.match(wrong.err, /wrong_kind, not executed: .*client-stream/)
  t.match(await call('shop.Shop/get', '1', '2'), { code: 6, err: /is a unary method/ })
})

t.test('values come from the standard input or a file', async (t) => {
  t.equal((await hawser(['call', address, '/add', '-'], { input: '[1,\n 2]' })).out, '3\n')
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'args.json'), '[20, 22]')
  t.equal((await call('/add', `@${folder}/args.json`)).out, '42\n')
  const missing = await call('/add', `@${folder}/none`)
  t.equal(missing.code, 2)
  t.match(missing.err, /ENOENT/)
  const stream = await call('shop.Shop/sum', `@${folder}/none`, '--kind', 'client-stream')
  t.equal(stream.code, 2)
  t.match(stream.err, /ENOENT/)
  writeFileSync(join(folder, 'numbers'), '1\n2\n39')
  t.equal((await call('shop.Shop/sum', `@${folder}/numbers`, '--kind', 'client-stream')).out, '"42"\n')
})

t.test('headers and codec are those that were said', async (t) => {
  t.equal((await call('/header', '"user"', '-H', 'user=ada=1', '--header', 'b=2')).out, '"ada=1"\n')
  t.equal((await call('/codec')).out, '"json"\n')
  t.equal((await call('/codec', '--codec', 'msgpack')).out, '"msgpack"\n')
})

t.test('a credential comes from the environment or a file, and refusal has a code of its own', async (t) => {
  const guarded = served({
    authenticate(credential) {
      if (credential === undefined || new TextDecoder().decode(credential) !== 'open sesame')
        throw new RpcError('unauthenticated', 'Who are you?', { reason: 'unauthenticated' })
      return 'ada'
    },
  })
  const { address } = await guarded.listen('tcp://127.0.0.1:0')
  t.teardown(() => guarded.close())
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'token'), 'open sesame\n')
  const args = ['call', address, '/add', '1', '2']
  t.equal((await hawser(args, { env: { HAWSER_TOKEN: 'open sesame' } })).code, 0)
  t.equal((await hawser([...args, '--token-file', join(folder, 'token')])).code, 0)
  const refused = await hawser(args)
  t.equal(refused.code, 5)
  t.match(refused.err, /^hawser: unauthenticated.*HAWSER_TOKEN/)
})

t.test('what a handler throws is told in one line: code, message, that it ran, details', async (t) => {
  t.same(await call('/fail'), {
    code: 1,
    out: '',
    err: 'hawser: not_found, executed: No such rope\\u001b[2J; details {"id":7}\n',
  })
  const { code, err } = await call('/fail', '--json')
  t.equal(code, 1)
  t.same(JSON.parse(err), {
    error: {
      code: 'not_found',
      message: 'No such rope\u001b[2J',
      executed: 'yes',
      retryable: false,
      details: { id: 7 },
    },
  })
})

t.test('a value that the codec cannot carry names one that can', async (t) => {
  const { code, err } = await call('/infinity')
  t.equal(code, 1)
  t.match(err, /bad_payload, executed: .*try --codec msgpack/)
  t.equal((await call('/infinity', '--codec', 'msgpack')).out, '"Infinity"\n')
})

t.test('a deadline has an exit code of its own', async (t) => {
  const { code, err } = await call('/slow', '--deadline', '1s')
  t.equal(code, 4)
  t.match(err, /^hawser: deadline_exceeded\/deadline, maybe executed: .*--deadline/)
})

t.test('a method that is not there has an exit code of its own', async (t) => {
  const { code, err } = await call('/nope')
  t.equal(code, 6)
  t.match(err, /no_method, not executed: .*hawser list/)
})

t.test('an interruption ends the call', async (t) => {
  const controller = new AbortController()
  server.rpc('/interrupted', () => {
    controller.abort()
    return new Promise((resolve) => currentCall()?.onCancel({ cancelled: resolve }))
  })
  const { code, err } = await hawser(['call', address, '/interrupted'], { interrupted: controller.signal })
  t.equal(code, 130)
  t.match(err, /^hawser: cancelled/)
})

t.test('a stack is told only where it is asked for', async (t) => {
  t.notMatch((await call('/fail')).err, / at /)
  t.match((await call('/fail', '--verbose')).err, /RpcError: No such rope[\s\S]+ at /)
  t.match((await call('/add', '1', '2', '-v')).err, /answered in [\d.]+ ms/)
})

t.test('colours are for terminals, and can be turned off', async (t) => {
  const args = ['call', address, '/fail']
  t.ok((await hawser(args, { tty: true })).err.startsWith('\u001b[31mhawser'))
  t.match((await hawser([...args, '--no-color'], { tty: true })).err, /^hawser/)
  t.match((await hawser(args, { tty: true, env: { NO_COLOR: '1' } })).err, /^hawser/)
})
