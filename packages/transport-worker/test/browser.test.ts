import { MessageChannel, MessagePort, type Transferable } from 'node:worker_threads'
import { harness } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import { RpcError, type Transport } from '@hawser/contract'
import t from 'tap'
import { type PortLike, worker } from '../src/index.js'
import { connect } from './support.js'

harness(t)

type Listener = (event: object) => void

/**
 * A port with what a browser's has, and nothing of Node. Ports that come in a message are alike.
 * @param tells of the other side's end, as not every browser does
 * @param keeps the process while it is listened on; what cannot be told to let go would do so for ever
 */
function browserPort(port: MessagePort, tells: boolean, keeps: boolean = true): PortLike {
  const wrapped = new Map<Listener, Listener>()
  return {
    postMessage: (message: unknown, transfer: readonly object[]) =>
      port.postMessage(message, transfer as Transferable[]),
    addEventListener(type: string, listener: Listener) {
      if (type === 'close' && !tells) return
      const own: Listener = (event) => {
        const data: unknown = (event as { readonly data: unknown }).data
        const inner = (data as { readonly port?: unknown } | null | undefined)?.port
        if (!(inner instanceof MessagePort)) listener(event)
        else listener({ data: { ...(data as object), port: browserPort(inner, tells) } })
      }
      wrapped.set(listener, own)
      port.addEventListener(type, own as (event: Event) => void)
      if (!keeps) port.unref()
    },
    removeEventListener(type: string, listener: Listener) {
      const own = wrapped.get(listener)
      if (own) port.removeEventListener(type, own as (event: Event) => void)
    },
    start: () => port.start(),
    close: () => port.close(),
  } as PortLike
}

function inBrowser(tells: boolean): Transport {
  const { port1, port2 } = new MessageChannel()
  const here = worker({ workers: { suite: browserPort(port1, tells, false) } })
  const there = worker({ workers: { suite: browserPort(port2, tells, false) } })
  return { ...here, listen: there.listen }
}

class BrowserChannel {
  readonly port1: PortLike
  readonly port2: MessagePort

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = browserPort(port1, BrowserChannel.tells)
    // Only this one is transferred.
    this.port2 = port2
  }

  static tells = true
}

for (const tells of [true, false])
  t.test(`over ports as browsers have them, which ${tells ? 'tell' : 'do not tell'} of an end`, async (t) => {
    t.before(() => {
      BrowserChannel.tells = tells
      Reflect.set(globalThis, 'MessageChannel', BrowserChannel)
    })
    t.teardown(() => Reflect.set(globalThis, 'MessageChannel', MessageChannel))
    transportSuite({
      test: t,
      create: async () => ({ transport: inBrowser(tells), address: 'worker://suite' }),
      supports: { freeAddress: false },
    })
    t.test('an abort is told to a peer that does not send', async (t) => {
      const transport = inBrowser(tells)
      const { client, server } = await connect(transport, transport, 'suite')
      client.start(() => {})
      server.start(() => {})
      client.abort(new RpcError('cancelled', 'enough'))
      t.match(await server.closed, { reason: 'connection_lost' })
    })
  })
