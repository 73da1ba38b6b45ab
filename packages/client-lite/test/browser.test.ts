import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { skipWithoutBrowser } from '../../../tools/browser/chromium.js'
import { openPage, type TestPage } from '../../../tools/browser/page.js'
import { serve } from '../../transport-ws/test/support/served.js'

harness(t)

type Calls = typeof import('./page/calls.js')
const entry = fileURLToPath(new URL('./page/calls.ts', import.meta.url))
const skip = skipWithoutBrowser()

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

t.test('a page in a browser', { skip }, async (t) => {
  const page: TestPage<Calls> = await openPage<Calls>({ entry })
  t.teardown(() => page.close())

  for (const codec of ['msgpack', 'json', 'protobuf', 'binary', 'compact'] as const)
    t.test(`makes calls of every kind, in ${codec}`, async (t) => {
      await using served = await serve(page.origin)
      await page.run('open', served.address, codec, false)
      t.equal(await page.run('greet', 'Jäger 🪢'), 'Hello Jäger 🪢')
      t.equal(await page.run('upper', 'unary'), 'UNARY')
      t.equal(await page.run('load'), `${2n ** 62n} 0,255 -1,a,ü undefined`)
      t.equal(await page.run('sum', [1, 2, 3.5]), 6.5)
      t.equal(await page.run('count', 1_000), 500_500)
      t.same(await page.run('mirror', ['ready', 'steady', 'go']), ['READY', 'STEADY', 'GO'])
      await page.run('close')
    })

  t.test('cancels, and the handler hears of it', async (t) => {
    await using served = await serve(page.origin)
    await page.run('open', served.address, 'msgpack', false)
    await page.run('hang', 'one')
    await until(() => served.hung.get('one') === 'waiting')
    t.equal(await page.run('cancel', 'one'), 'cancelled/cancelled')
    await until(() => served.hung.get('one') === 'cancelled')
    t.equal(await page.run('leaveAt', 5), 5)
    await until(() => served.left.length === 1)
    await page.run('close')
  })

  t.test('has 1,000 calls in flight', async (t) => {
    await using served = await serve(page.origin)
    await page.run('open', served.address, 'msgpack', false)
    t.equal(await page.run('many', 1_000), 1_000)
    await page.run('close')
  })

  t.test('hears what the server pushes', async (t) => {
    await using served = await serve(page.origin)
    await page.run('open', served.address, 'msgpack', false)
    await page.run('greet', 'you')
    served.peers[0]?.notify('test.news', { number: 7 })
    await until(async () => (await page.run('told')).some((event) => event.startsWith('test.news')))
    t.equal((await page.run('told')).at(-1), 'test.news {"number":7}')
    t.equal(await page.run('tell', 'test.up', [1]), true)
    await until(() => served.said.length === 1)
    t.same(served.said, [['test.up', [1]]])
    await page.run('close')
  })

  t.test('comes back to a server that was started again', async (t) => {
    const first = await serve(page.origin)
    await page.run('open', first.address, 'msgpack', true)
    t.equal(await page.run('upper', 'before'), 'BEFORE')
    const connected = (await page.run('told')).filter((event) => event === 'connected').length
    await first[Symbol.asyncDispose]()
    await using second = await serve(page.origin, first.address)
    await until(async () => {
      const told = await page.run('told')
      return told.filter((event) => event === 'connected').length > connected
    })
    t.equal(second.peers.length, 1, 'without a call')
    t.equal(await page.run('upper', 'after'), 'AFTER')
    await page.run('close')
  })

  t.test('fails as it should where nobody listens, and where it is not allowed', async (t) => {
    const served = await serve('http://elsewhere.example')
    t.equal(await page.run('dial', served.address), 'unavailable/unreachable/no')
    await served[Symbol.asyncDispose]()
    t.equal(await page.run('dial', served.address), 'unavailable/unreachable/no')
  })

  t.test('has nothing to complain of', async (t) => {
    // What a browser logs by itself of the dials that failed.
    const expected = /ERR_CONNECTION_REFUSED|Unexpected response code: 403/
    t.same(
      page.complaints.filter((text) => !expected.test(text)),
      [],
    )
  })
})
