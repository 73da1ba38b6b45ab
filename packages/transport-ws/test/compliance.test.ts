import { harness, testAuthority } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import t from 'tap'
import { ws } from '../src/index.js'

harness(t)

const authority = testAuthority()
const { key, cert } = authority.issue('127.0.0.1')
const tls = { server: { key, cert }, client: { ca: authority.cert } }

t.test('ws', async (t) => {
  transportSuite({
    test: t,
    create: async () => ({ transport: ws(), address: 'ws://127.0.0.1:0/suite' }),
    supports: { freeAddress: true },
  })
})

t.test('wss', async (t) => {
  transportSuite({
    test: t,
    create: async () => ({ transport: ws({ tls }), address: 'wss://127.0.0.1:0/suite' }),
    supports: { freeAddress: true },
  })
})
