import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { served } from './support/served.js'
import { hawser } from './support/terminal.js'

harness(t)

t.test('a server that does not tell is told to be one', async (t) => {
  const server = served()
  const { address } = await server.listen('tcp://127.0.0.1:0')
  t.teardown(() => server.close())
  const { code, err } = await hawser(['list', address])
  t.equal(code, 6)
  t.match(err, /reflection is not enabled/)
})
