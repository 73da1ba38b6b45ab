import t from 'tap'
import { bundle, gzippedBytes } from '../../../tools/browser/bundle.js'

const folder = 'packages/transport-ws'
// What a page may have to load for the whole client. It is to become less, never more.
const mostBytes = 38_000

t.test('the client of a page is small', async (t) => {
  const contents = `
    export { createClient } from '@hawser/client'
    export { msgpack } from '@hawser/codec-msgpack'
    export { ws } from '@hawser/transport-ws'
  `
  const client = await bundle({ contents, folder })
  const size = gzippedBytes(client)
  t.comment(
    `${size} bytes, minified and gzipped; before gzip by origin: ${JSON.stringify([...client.origins])}`,
  )
  t.ok(size < mostBytes, `${size} bytes`)
  for (const origin of ['node_modules/ws', 'node_modules/msgpackr'])
    t.notOk(client.origins.has(origin), `without ${origin}`)
})

t.test('bundlers for browsers take the entry for browsers', async (t) => {
  const sizes = ['@hawser/transport-ws', '@hawser/transport-ws/browser'].map(async (name) =>
    gzippedBytes(await bundle({ contents: `export { ws } from '${name}'`, folder })),
  )
  const [unasked, asked] = await Promise.all(sizes)
  t.equal(unasked, asked)
})
