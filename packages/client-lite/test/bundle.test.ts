import t from 'tap'
import { bundle, gzippedBytes } from '../../../tools/browser/bundle.js'

const folder = 'packages/client-lite'
const lite = `export { createClient } from '@hawser/client-lite'\n`
const ws = `export { ws } from '@hawser/transport-ws'\n`

// What a page may have to load, in bytes, minified and gzipped. It is to become less, never more.
const bundles: Record<string, readonly [contents: string, most: number]> = {
  'the client by itself': [lite, 11_600],
  'the client and WebSockets': [lite + ws, 13_500],
  'the whole for services without types': [
    `${lite}${ws}export { msgpack } from '@hawser/codec-msgpack/untyped'`,
    17_800,
  ],
  'the whole': [`${lite}${ws}export { msgpack } from '@hawser/codec-msgpack'`, 20_000],
}

for (const [name, [contents, most]] of Object.entries(bundles))
  t.test(`${name} is small`, async (t) => {
    const made = await bundle({ contents, folder })
    const size = gzippedBytes(made)
    t.comment(
      `${size} bytes, minified and gzipped; before gzip by origin: ${JSON.stringify([...made.origins])}`,
    )
    t.ok(size < most, `${size} bytes`)
    for (const origin of ['packages/client', 'packages/context', 'node_modules/msgpackr', 'node_modules/ws'])
      t.notOk(made.origins.has(origin), `without ${origin}`)
  })
