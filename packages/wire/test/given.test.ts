import { give } from '@hawser/contract'
import t from 'tap'
import { FrameWriter } from '../src/writer.js'
import { acceptorHello, preface } from './support/frame.js'
import { raw } from './support/raw.js'
import { items, world } from './support/world.js'

/** Does what a transport may do with what it was given. */
function move(bytes: Uint8Array): void {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
}
function spent(): Uint8Array {
  const bytes = give(new Uint8Array(10))
  move(bytes)
  return bytes
}

t.test('large bytes that are given go as they are once, and from then on as copies', async (t) => {
  const sent: Uint8Array[] = []
  const writer = () =>
    new FrameWriter(
      { queued: 1, send: (bytes: Uint8Array) => sent.push(bytes) > 0 } as never,
      { schedule: () => {}, take: () => new Uint8Array(65_536), give: () => {} } as never,
      { unblocked: () => {} },
    )
  const bytes = give(new Uint8Array(20_000).fill(7))
  const kept = new Uint8Array(20_000)
  for (const body of [bytes, bytes, kept, kept]) writer().body(body)
  t.equal(sent[0], bytes)
  t.not(sent[1], bytes)
  t.equal(sent[2], kept)
  t.equal(sent[3], kept)
  move(bytes)
  t.same([sent[1]!.length, sent[1]![0], sent[1]!.at(-1)], [20_000, 7, 7], 'whatever becomes of the first')
})

t.test('what was moved already is not sent as nothing, wherever it is found', async (t) => {
  const w = world({
    acceptor: {
      handler: (call) => ({
        output:
          call.kind === 'unary'
            ? spent()
            : (async function* () {
                yield spent()
              })(),
      }),
    },
  })
  await w.clock.settle()
  const request = w.call('/a', { input: spent() })
  const reply = w.call('/a')
  const answers = w.call('/a', { kind: 'server-stream' })
  const inputs = w.call('/a', {
    kind: 'duplex',
    input: (async function* () {
      yield spent()
    })(),
  })
  await w.clock.settle()
  const moved = { code: 'failed_precondition', retryable: false }
  t.match(request.error, { ...moved, executed: 'no' })
  t.match(reply.error, { ...moved, executed: 'yes' })
  t.match(await items(answers.reply?.output), [{ ...moved, executed: 'yes' }])
  t.match(inputs.error, { ...moved, executed: 'maybe' })
  t.throws(() => w.opener.notify({ type: 'a', codec: 'raw', body: spent() }), moved)
  t.ok(w.opener.open, 'and it is a matter of the call alone')
  await w.end(t)
})

t.test('bytes that are moved while their call waits are counted as what they were', async (t) => {
  const peer = raw('opener', { limits: { waitingBytes: 1_000 } })
  await peer.send(preface, acceptorHello([0], { inFlight: 1 }))
  peer.call('/first')
  const given = give(new Uint8Array(1_000))
  const waits = peer.call('/second', { input: given })
  t.match(peer.call('/third', { input: 'x' }).error, { reason: 'overloaded' }, 'there is no room for more')
  move(given)
  waits.cancel()
  const fits = peer.call('/fourth', { input: new Uint8Array(1_000) })
  t.equal(fits.error, undefined, 'and all of it is free again')
  await peer.send({ kind: 'reply', id: 1 })
  t.match(
    peer.frames(true).filter(({ kind }) => kind === 'request'),
    [{ name: '/first' }, { name: '/fourth' }],
  )
  await peer.end(t)
})
