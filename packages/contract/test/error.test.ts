import { RpcError } from '@hawser/contract'
import t from 'tap'

t.test('an RpcError is known across duplicate installs', async (t) => {
  t.ok(RpcError.is(new RpcError('internal', 'x')))
  t.notOk(RpcError.is(new Error('x')))
})
