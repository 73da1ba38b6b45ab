import { harness } from '@hawser/compliance/harness'
import { reflect } from '@hawser/reflection'
import t from 'tap'
import { counting, served } from './support/served.js'
import { hawser } from './support/terminal.js'

harness(t)

t.test('AM-35 shows methods and topics with their signatures', async (t) => {
  const server = served()
  counting(server)
  reflect(server, { enabled: true })
  const { address } = await server.listen('tcp://127.0.0.1:0')
  t.teardown(() => server.close())
  const { code, out } = await hawser(['list', address])
  t.equal(code, 0)
  t.match(out, /^rpc\n[\s\S]+^publish\n {2}\/numbers /m)
  t.match(out, /^ {2}shop\.Shop\/get +shop\.Item ?\(i64\)/m)
  const json = JSON.parse((await hawser(['list', address, '--json'])).out)
  t.same(Object.keys(json.publish), ['/numbers'])
  t.ok(json.rpc['/add'])
})

t.test('a server that does not tell is told to be one', async (t) => {
  const server = served()
  const { address } = await server.listen('tcp://127.0.0.1:0')
  t.teardown(() => server.close())
  const { code, err } = await hawser(['list', address])
  t.equal(code, 6)
  t.match(err, /reflection is not enabled/)
})
