import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import t, { type Test } from 'tap'
import { post, wire, world } from './support/world.js'

harness(t)

const bearer = (token: string) => `Authorization: Bearer ${token}\r\n`

async function guarded(t: Test) {
  const asked: (string | undefined)[] = []
  const made = await world(t, {
    async authenticate(credential) {
      const text = credential && new TextDecoder().decode(credential)
      asked.push(text)
      if (text === 'banned')
        throw new RpcError('permission_denied', 'the reason is secret', { reason: 'denied' })
      if (text === 'broken') throw new Error('the directory is down')
      if (text === undefined || text === 'wrong')
        throw new RpcError('unauthenticated', 'the reason is secret', { reason: 'unauthenticated' })
      return { name: text }
    },
    middleware: [
      (next) => async (call) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        const { name } = call.connection!.identity as { name: string }
        return { ...(await next(call)), headers: new Map([['x-who', name]]) }
      },
    ],
  })
  let calls = 0
  made.server.rpc('/f', () => ++calls)
  return { ...made, asked, calls: () => calls }
}

t.test('who has no credential, or a wrong one, gets 401 and nothing else', async (t) => {
  const { port, calls, asked } = await guarded(t)
  for (const [headers, status] of [
    ['', 401],
    [bearer('wrong'), 401],
    [bearer('broken'), 401],
    [bearer('banned'), 403],
    ['Authorization: Basic dXNlcjpwYXNz\r\n', 401],
    ['Authorization: Bearer a b\r\n', 401],
    [`Authorization: Bearer ${'x'.repeat(9_000)}\r\n`, 431],
  ] as const) {
    const line = wire(t, port)
    line.send(post('/f', '[]', headers))
    await line.closed
    t.match(line.text, new RegExp(`^HTTP/1.1 ${status} `), headers.slice(0, 40))
    t.notMatch(line.text, /secret|directory/)
    if (status === 401) t.match(line.text, /WWW-Authenticate: Bearer\r\n/)
  }
  const absent = wire(t, port)
  absent.send(post('/absent', '[]'))
  await absent.closed
  t.match(absent.text, /^HTTP\/1.1 401 /, 'names are not told to strangers')
  t.equal(calls(), 0)
  t.equal(asked.length, 7)
})

t.test('a body is not read for strangers', async (t) => {
  const { port } = await guarded(t)
  const line = wire(t, port)
  line.send(post('/f', 'x'.repeat(1_000_000)))
  await line.closed
  t.match(line.text, /^(HTTP\/1.1 401 |$)/)
})

t.test('each credential of a connection has its own identity, found out once in a row', async (t) => {
  const { port, asked } = await guarded(t)
  const line = wire(t, port)
  for (const name of ['ann', 'ann', 'bob', 'bob', 'ann']) {
    line.text = ''
    line.send(post('/f', '[]', bearer(name)))
    t.equal((await line.until(/x-who: (\w+)\r\n[\s\S]*\r\n\r\n\d$/))[1], name)
  }
  t.same(asked, ['ann', 'bob', 'ann'])
  line.text = ''
  line.send(post('/f', '[]', bearer('ann')) + post('/f', '[]', bearer('eve')))
  await line.until(/x-who: ann\r\n[\s\S]*x-who: eve\r\n/)
  line.text = ''
  line.send(post('/f', '[]'))
  await line.closed
  t.match(line.text, /^HTTP\/1.1 401 /, 'a connection is not a credential')
})
