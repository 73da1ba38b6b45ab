import t from 'tap'
import { RpcError } from '@hawser/contract'
t.test('an RpcError is known across duplicate installs', async (t) => {
  t.ok(RpcError.is(new RpcError('internal', 'x')))
  t.notOk(RpcError.is(new Error('x')))
})
