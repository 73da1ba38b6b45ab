import { harness } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import t from 'tap'
import { WebSocket } from 'ws'
import { ws as browserWs, type NativeWebSocket } from '../src/browser/index.js'
import { ws } from '../src/index.js'

harness(t)

// The interface of browsers as ws has it, so that the suite can run here; a real browser is in browser.test.ts.
const dialer = browserWs({ WebSocket: WebSocket as unknown as NativeWebSocket })

t.test('the entry for browsers', async (t) => {
  transportSuite({
    test: t,
    create: async () => ({
      transport: { ...ws(), dial: dialer.dial },
      address: 'ws://127.0.0.1:0/suite',
    }),
    supports: { freeAddress: true },
  })
})
