import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { skipWithoutBrowser, startBrowser } from '../../../tools/browser/chromium.js'
import { startDemo } from '../src/demo.js'
import { somewhere } from './support/somewhere.js'

harness(t)

t.test(
  'AM-54 the page calls by fetch, and pulls by the WebSocket of the browser',
  { skip: skipWithoutBrowser() },
  async (t) => {
    const demo = await startDemo(somewhere())
    const browser = await startBrowser()
    try {
      const page = await browser.newPage()
      const thrown: string[] = []
      page.on('pageerror', (error) => thrown.push(String(error)))
      await page.goto(demo.page)
      const output = async (id: string, text: RegExp) => {
        await page.locator(id).filter({ hasText: text }).waitFor()
        return (await page.textContent(id)) ?? ''
      }
      t.equal(await output('output[for=to_string]', /./), '"123"')
      t.match(JSON.parse(await output('output[for=birthday]', /\}$/)), {
        name: 'Ada',
        age: 37,
        photo: 'AQID',
      })
      t.equal(await output('output[for=echo]', /./), '61 20 72 6f 70 65 20 e2 9a 93\na rope ⚓')
      t.match(await output('output[for=divide]', /./), /^500 Nothing can be divided by 0\n/)
      t.match(await output('#reflection', /./), '/to_string')
      t.equal(await output('#state', /ecv/), 'ecv_amrpc_json')
      await page.fill('#nag input', 'Mind the tide')
      await page.click('#nag button')
      t.equal(await output('output[for=nag]', /./), 'subscribers: 1')
      await output('#nags', /Mind the tide/)
      await output('#nags', /moored/)
      t.same(thrown, [])
    } finally {
      await browser.close()
      await demo[Symbol.asyncDispose]()
    }
  },
)

t.test('a page from elsewhere may not call', async (t) => {
  await using demo = await startDemo(somewhere())
  const response = await fetch(`${demo.tcp.replace(/^tcp/, 'http')}/to_string`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain', Origin: 'https://elsewhere.example', Connection: 'close' },
    body: '[123]',
  })
  t.equal(response.status, 403)
  await response.body?.cancel()
})
