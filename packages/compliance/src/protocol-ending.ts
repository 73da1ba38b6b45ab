import { type Handler, type Reply, RpcError } from '@hawser/contract'
import { echo } from './protocol-calls.js'
import type { Cut } from './protocol-connection.js'
import { json, type MadeCall, type ProtocolSuite, valueIn, valuesIn, World } from './protocol-world.js'

const never: Handler = () => new Promise<Reply>(() => {})
const pulled = new RpcError('unavailable', 'the plug was pulled', { reason: 'closed' })

type End = (w: World) => void
const ends: Record<string, End> = {
  'the opener aborts': (w) => w.opener.abort(pulled),
  'the acceptor aborts': (w) => w.acceptor.abort(pulled),
  'the connection ends': (w) => void w.connections.acceptor.close(),
  'the connection breaks': (w) => w.connections.acceptor.abort(pulled),
}

/** However a call or a session ends, and whatever order it happens in. */
export function testEnding(suite: ProtocolSuite): void {
  const { test, supports } = suite
  const calls = (w: World): MadeCall[] =>
    (supports.multiplexes ? supports.kinds : supports.kinds.slice(0, 1))
      .filter((kind) => kind !== 'oneway')
      .map((kind) => {
        const streams = kind === 'client-stream' || kind === 'duplex'
        return w.call('/x', { kind, input: [1], items: streams ? [1, 2] : undefined })
      })

  for (const [name, end] of Object.entries(ends))
    test.test(`every call settles once when ${name}`, async (t) => {
      const told: unknown[] = []
      const w = new World(suite, {
        handler: (call) => {
          call.onCancel({ cancelled: (reason) => void told.push(reason) })
          return never(call)
        },
      })
      const made = calls(w)
      await w.clock.settle()
      end(w)
      await w.clock.advance(1_000)
      for (const { settled, error, kind } of made) {
        t.equal(settled, 1, kind)
        t.match(error, { code: 'unavailable' })
        t.not(error?.executed, 'yes')
      }
      t.equal(told.length, made.length, 'every handler is told')
      t.same([w.opener.open, w.acceptor.open], [false, false])
      await Promise.all([w.opener.closed, w.acceptor.closed])
      const late = w.call('/late')
      t.match(late.error, { code: 'unavailable' }, 'and what comes after is refused at once')
      if (supports.errorFacts) t.equal(late.error?.executed, 'no')
      t.equal(w.opener.active, 0)
      await w.end(t)
    })

  test.test('cut at every byte, each call settles once and nothing half arrives', async (t) => {
    const whole = new World(suite, { handler: echo })
    const wanted = calls(whole)
    await whole.clock.settle()
    const good = await Promise.all(wanted.map(outcome))
    const lengths = { opener: whole.connections.opener.sent, acceptor: whole.connections.acceptor.sent }
    await whole.end(t)
    // What has come is the same whichever way it stops, so one of them is tried at every single byte.
    for (const from of ['opener', 'acceptor'] as const)
      for (const kind of ['end', 'reset', 'silence'] as const)
        for (let at = 0; at < lengths[from]; at += kind === 'end' ? 1 : 4) {
          const cut: Cut = { from, at, kind }
          const w = new World(suite, { handler: echo, cut })
          const made = calls(w)
          const outcomes = Promise.all(made.map(outcome))
          await w.clock.advance(kind === 'silence' ? 120_000 : 1_000)
          if (kind === 'silence') for (const call of made) call.cancel()
          await w.clock.advance(1_000)
          for (const [index, text] of (await outcomes).entries()) {
            if (made[index]!.settled !== 1)
              throw new Error(`settled ${made[index]!.settled} times: ${JSON.stringify(cut)}`)
            if (text !== good[index] && !/unavailable|cancelled/.test(text))
              throw new Error(`${text} instead of ${good[index]}: ${JSON.stringify(cut)}`)
          }
          await w.end()
        }
    t.pass(`${lengths.opener + lengths.acceptor} places`)
  })

  test.test('a deadline settles the call, and reaches the handler', async (t) => {
    const told: unknown[] = []
    const w = new World(suite, {
      handler: (call) => {
        call.onCancel({ cancelled: (reason) => void told.push(reason) })
        return never(call)
      },
    })
    const call = w.call('/x', { timeoutMs: 100 })
    await w.clock.settle()
    await w.clock.advance(99)
    t.equal(call.settled, 0)
    await w.clock.advance(21)
    t.equal(call.settled, 1)
    t.match(call.error, { code: 'deadline_exceeded', reason: 'deadline' })
    if (supports.deadlines) t.match(told, [{ code: 'deadline_exceeded' }])
    await w.clock.advance(1_000)
    t.equal(call.settled, 1)
    const passed = w.call('/x', { timeoutMs: 0 })
    await w.clock.advance(1)
    t.match(passed.error, { code: 'deadline_exceeded' })
    await w.end(t)
  })

  test.test('a cancel settles the call at once, and reaches the handler', async (t) => {
    const told: unknown[] = []
    const w = new World(suite, {
      handler: (call) => {
        if (call.method === '/fine') return { output: json('fine') }
        return new Promise((_, reject) =>
          call.onCancel({
            cancelled(reason) {
              told.push(reason)
              reject(reason)
            },
          }),
        )
      },
    })
    const call = w.call('/x')
    await w.clock.settle()
    call.cancel()
    t.equal(call.settled, 1)
    t.match(call.error, { code: 'cancelled', reason: 'cancelled' })
    await w.clock.settle()
    if (supports.cancels) {
      t.match(told, [{ code: 'cancelled' }])
      t.same([w.opener.active, w.acceptor.active], [0, 0])
      const fine = w.call('/fine')
      await w.clock.settle()
      t.equal(valueIn(fine.reply?.output), 'fine', 'the connection goes on')
    }
    const before = w.call('/x')
    before.cancel()
    await w.clock.settle()
    t.equal(before.settled, 1)
    await w.end(t)
  })

  test.test('an answer that comes after the cancel is dropped', async (t) => {
    let answer: (reply: Reply) => void = () => {}
    const w = new World(suite, {
      handler: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    })
    const call = w.call('/x')
    await w.clock.settle()
    call.cancel()
    answer({ output: json('late') })
    await w.clock.settle()
    t.equal(call.settled, 1)
    t.equal(call.reply, undefined)
    await w.end(t)
  })

  test.test('close lets running calls end, refuses new ones, and is idempotent', async (t) => {
    let answer: (reply: Reply) => void = () => {}
    const w = new World(suite, {
      handler: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    })
    const call = w.call('/x')
    await w.clock.settle()
    const closing = [w.opener.close(), w.opener.close(), w.opener[Symbol.asyncDispose]()]
    t.equal(w.opener.open, false)
    const late = w.call('/late')
    t.match(late.error, { code: 'unavailable' })
    await w.clock.settle()
    answer({ output: json('done') })
    await w.clock.settle()
    await Promise.all(closing)
    t.equal(call.settled, 1)
    t.equal(valueIn(call.reply?.output), 'done')
    t.equal(await w.opener.closed, undefined, 'a clean end')
    await w.acceptor.closed
    await w.opener.close()
    await w.end(t)
  })

  test.test('close by the acceptor answers what was taken', { skip: !supports.drains }, async (t) => {
    let answer: (reply: Reply) => void = () => {}
    const w = new World(suite, {
      handler: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    })
    const call = w.call('/x')
    await w.clock.settle()
    const closing = w.acceptor.close()
    await w.clock.settle()
    t.equal(w.opener.open, false, 'the opener is told')
    answer({ output: json('done') })
    await w.clock.settle()
    await closing
    t.equal(valueIn(call.reply?.output), 'done')
    t.equal(await w.acceptor.closed, undefined)
    await w.end(t)
  })

  test.test('a close that is cut short is an abort', async (t) => {
    const w = new World(suite, { handler: never })
    const call = w.call('/x')
    await w.clock.settle()
    const stop = new AbortController()
    const closing = w.opener.close({ signal: stop.signal })
    stop.abort()
    await w.clock.settle()
    await closing
    t.equal(call.settled, 1)
    t.match(call.error, { code: 'unavailable' })
    await w.end(t)
  })
}

async function outcome(call: MadeCall): Promise<string> {
  await call.done
  const { error, reply } = call
  if (error) return error.code
  const output = reply?.output
  if (output instanceof Uint8Array) return JSON.stringify(valueIn(output))
  const values = await valuesIn(output)
  return values.map((value) => (RpcError.is(value) ? value.code : JSON.stringify(value))).join()
}
