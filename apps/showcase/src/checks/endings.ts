import { randomUUID } from 'node:crypto'
import { NoText } from '../service.js'
import type { Check } from './check.js'
import { errorOf, expect, expectEqual } from './expect.js'

const shortMs = 60
// A late answer is one thing, one that waits for the default deadline another.
const lateMs = 3_000
const enough = 25

/** What a handler throws reaches the caller. */
export const error: Check = {
  name: 'error',
  about: 'a text that is not there: the error that the method declares, with its fields',
  async run({ texts, library }) {
    const error = await texts.read({ file: 'no/such.md' }).catch((error: unknown) => error)
    if (!NoText.is(error)) throw error
    const { message, file, texts: count } = error
    expectEqual(
      'error',
      { message, file, count },
      { message: 'There is no text no/such.md here', file: 'no/such.md', count: library.size },
    )
  },
}

/** Time runs out on both sides. */
export const deadline: Check = {
  name: 'deadline',
  about: `a search without end and ${shortMs} ms for it: the caller is told, and the server stops`,
  async run({ texts }) {
    const id = randomUUID()
    const started = performance.now()
    const { code } = await errorOf(texts.ponder.with({ timeoutMs: shortMs })({ id }))
    const tookMs = performance.now() - started
    expectEqual('code', code, 'deadline_exceeded')
    expect(`it took ${tookMs.toFixed(0)} ms`, tookMs >= shortMs && tookMs < lateMs)
    expectEqual('end on the server', await texts.noted({ id }), { word: 'deadline_exceeded' })
  },
}

/** The caller has had enough. */
export const cancel: Check = {
  name: 'cancel',
  about: 'a stream is left early, a call aborted by its signal: the server stops both',
  async run({ texts, gone }) {
    const [stream, call] = [randomUUID(), randomUUID()]
    let lines = 0
    for await (const _ of texts.follow({ id: stream })) if (++lines === enough) break
    expectEqual('end of the stream on the server', await texts.noted({ id: stream }), { word: gone })

    const controller = new AbortController()
    const error = errorOf(texts.ponder.with({ signal: controller.signal })({ id: call }))
    // An answer to a later call shows that the earlier one is there.
    await texts.measure({ text: '' })
    controller.abort()
    expectEqual('code', (await error).code, 'cancelled')
    expectEqual('end of the call on the server', await texts.noted({ id: call }), { word: gone })
  },
}
