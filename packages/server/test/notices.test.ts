import { binary } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import type { Codec } from '@hawser/contract'
import { bytes, field, i32, string, struct } from '@hawser/schema'
import t from 'tap'
import { stack, until } from '../../client/test/support/stack.js'

harness(t)

const Ticked = struct('demo.Ticked', { at: field(1, i32), by: field(2, string), mark: field(3, bytes) })
const notices = { 'demo.Ticked': Ticked }

/** What a codec is asked for, and how. */
function watched(codec: Codec): { readonly codec: Codec; readonly typed: unknown[] } {
  const typed: unknown[] = []
  return {
    typed,
    codec: {
      ...codec,
      typed(type) {
        typed.push(type)
        return (codec.typed?.(type) ?? codec) as never
      },
    },
  }
}

for (const made of [json(), msgpack()])
  t.test(
    `FR-28 ${made.name}: a notification with a type is in the codec of that type, on both sides`,
    async (t) => {
      const { codec, typed } = watched(made)
      const told: unknown[] = []
      const onNotify = (type: string, message: unknown) => void told.push({ type, message })
      await using all = await stack({ codecs: [codec], server: { notices }, client: { notices, onNotify } })
      t.same(typed, [Ticked, Ticked], 'asked for when the two are made')
      await all.client.connect(all.address)
      await until(() => all.server.connections.length === 1)
      const [connection] = all.server.connections
      t.equal(connection?.notify('demo.Ticked', { at: 1, by: 'me', mark: Uint8Array.of(1, 2) }), true)
      t.equal(connection?.notify('demo.Other', { any: 'thing' }), true)
      await until(() => told.length === 2)
      t.same(told[1], { type: 'demo.Other', message: { any: 'thing' } })
      t.match(told[0], { type: 'demo.Ticked', message: { at: 1, by: 'me' } })
    },
  )

t.test('a type that a codec has no layout for is refused at once', async (t) => {
  const refusing: Codec = {
    ...json(),
    typed() {
      throw new TypeError('no layout')
    },
  }
  await t.rejects(stack({ codecs: [refusing], server: { notices } }), new TypeError('no layout'))
})

t.test('a notification without a type goes by a codec that needs none', async (t) => {
  const told: unknown[] = []
  const onNotify = (type: string, message: unknown) => void told.push({ type, message })
  await using all = await stack({
    codecs: [binary(), json()],
    server: { notices },
    client: { notices, onNotify },
  })
  await all.client.connect(all.address)
  await until(() => all.server.connections.length === 1)
  const [connection] = all.server.connections
  t.ok(connection?.notify('demo.Other', { any: 'thing' }))
  t.ok(connection?.notify('demo.Ticked', { at: 1, by: 'me', mark: Uint8Array.of(1) }))
  await until(() => told.length === 2)
  t.match(told, [{ message: { any: 'thing' } }, { message: { at: 1, by: 'me' } }])
})
