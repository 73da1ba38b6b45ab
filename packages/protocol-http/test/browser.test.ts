import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import { topic } from '@hawser/push'
import t from 'tap'
import { skipWithoutBrowser } from '../../../tools/browser/chromium.js'
import { openPage } from '../../../tools/browser/page.js'
import { until } from './support/subscriber.js'
import { world } from './support/world.js'

harness(t)

const entry = fileURLToPath(new URL('./page/subscriber.ts', import.meta.url))

t.test('AM-54 a page subscribes with the WebSocket it has', { skip: skipWithoutBrowser() }, async (t) => {
  await using page = await openPage<typeof import('./page/subscriber.js')>({ entry })
  const { server, port } = await world(t, {
    http: { origins: [page.origin] },
    limits: { keepAliveMs: 50, keepAliveTimeoutMs: 2_000 },
  })
  const nagging = topic<unknown>(server, '/nagging')
  const url = `ws://127.0.0.1:${port}/nagging`
  const publish = async (size: number, ...messages: unknown[]) => {
    await until(() => nagging.size === size)
    for (const message of messages) nagging.publish(message)
  }

  await t.test('in every form', async (t) => {
    const json = page.run('take', url, 'ecv_amrpc_json', 2)
    await publish(1, { hello: 'wörld' }, 2)
    t.same(await json, { protocol: 'ecv_amrpc_json', messages: ['{"hello":"wörld"}', '2'] })
    await until(() => nagging.size === 0)
    const bin = page.run('take', url, null, 1)
    await publish(1, 'x')
    t.same(await bin, { protocol: '', messages: [[0xa1, 0x78]] }, 'AM-56')
    await until(() => nagging.size === 0)
    const other = page.run('take', url, 'whatever', 1)
    await publish(1, 'x')
    t.same(await other, { protocol: 'whatever', messages: [[0xa1, 0x78]] }, 'AM-56')
    await until(() => nagging.size === 0)
  })

  await t.test('lives on through pings, and hears why it ends', async (t) => {
    const end = page.run('end', url, 'ecv_amrpc_json')
    await until(() => nagging.size === 1)
    await new Promise((resolve) => setTimeout(resolve, 300))
    t.equal(nagging.size, 1)
    const spoken = await page.run('end', url, 'ecv_amrpc_json', 'hello')
    t.same(spoken, [1003, 'Nothing is to be sent here; do not retry'])
    void nagging.close()
    const [code, reason] = await end
    t.equal(code, 4014)
    t.match(reason, /^unavailable\/closed: .*; do not retry$/)
  })

  await t.test('not from an origin that is not allowed', async (t) => {
    const strict = await world(t)
    topic(strict.server, '/nagging')
    const [code] = await page.run('end', `ws://127.0.0.1:${strict.port}/nagging`, 'ecv_amrpc_json')
    t.equal(code, 1006)
  })
})
