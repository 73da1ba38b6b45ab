import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { skipWithoutBrowser } from '../../../tools/browser/chromium.js'
import { openPage, type TestPage } from '../../../tools/browser/page.js'

harness(t)

type Threads = typeof import('./page/threads.js')
const entry = fileURLToPath(new URL('./page/threads.ts', import.meta.url))
const MiB = 1024 * 1024

t.test('a page and a worker in a browser', { skip: skipWithoutBrowser() }, async (t) => {
  const page: TestPage<Threads> = await openPage<Threads>({ entry })
  t.teardown(() => page.close())
  await page.run('open')

  t.test('call each other, in msgpack', async (t) => {
    t.equal(await page.run('echo'), `${2n ** 62n} 0,255 1970-01-01T00:00:00.000Z ü🪢 null`)
    t.equal(await page.run('quadruple', 3), 12)
    t.equal(await page.run('many', 1_000), 1_000)
    t.equal(await page.run('missing'), false)
    t.same(await page.run('fail'), {
      code: 'not_found',
      executed: 'yes',
      details: { left: 3 },
      retryAfterMs: 1_500,
    })
  })

  t.test('send each other large bytes: copied, or moved where they are given away', async (t) => {
    t.same(await page.run('mirror', 100, true), [100, true, 100])
    t.same(await page.run('mirror', 3 * MiB, false), [3 * MiB, true, 3 * MiB])
    t.same(await page.run('mirror', 3 * MiB, true), [3 * MiB, true, 0])
  })

  t.test('a call settles when its worker is terminated, and the next worker takes calls', async (t) => {
    await page.run('hang')
    const [outcome, ms] = await page.run('terminate')
    t.equal(outcome, 'unavailable/maybe')
    t.ok(ms < 5_000, `after ${Math.round(ms)} ms`)
    t.comment(`noticed after ${Math.round(ms)} ms: ${(await page.run('told')).join()}`)
    await page.run('restart')
    t.equal(await page.run('quadruple', 5), 20)
  })

  t.test('have nothing to complain of', async (t) => {
    await page.run('close')
    t.same(page.complaints, [])
  })
})
