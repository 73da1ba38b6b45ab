import { harness } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import type { Transport } from '@hawser/contract'
import t from 'tap'
import { worker } from '../src/index.js'

harness(t)

// Two threads have a transport each; here both are in one thread, at the two ends of a channel, and each calls the other
// by the same name.
function bothEnds(): Transport {
  const { port1, port2 } = new MessageChannel()
  const here = worker({ workers: { suite: port1 } })
  const there = worker({ workers: { suite: port2 } })
  return { ...here, listen: there.listen }
}

transportSuite({
  test: t,
  create: async () => ({ transport: bothEnds(), address: 'worker://suite' }),
  supports: { freeAddress: false },
})
