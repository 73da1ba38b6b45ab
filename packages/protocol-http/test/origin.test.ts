import { harness } from '@hawser/compliance/harness'
import t, { type Test } from 'tap'
import { http } from '../src/index.js'
import { exchange, post, world } from './support/world.js'

harness(t)

const chrome = 'User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n'

async function asked(t: Test, origins: readonly string[] | '*' | undefined) {
  const made = await world(t, { http: { origins, hosts: ['a'] } })
  let calls = 0
  made.server.rpc('/write', () => ++calls)
  made.server.rpc('/read', () => 'read', { safe: true })
  const close = 'Connection: close\r\n'
  return {
    ...made,
    calls: () => calls,
    get: (path: string, headers: string) =>
      exchange(t, made.port, `GET ${path} HTTP/1.1\r\nHost: a:1\r\n${close}${headers}\r\n`),
    post: (headers: string) => exchange(t, made.port, post('/write', '[]', close + headers)),
    simple: (headers: string) =>
      exchange(t, made.port, post('/write', '[]', close + headers).replace('application/json', 'text/plain')),
    options: (headers: string) =>
      exchange(t, made.port, `OPTIONS /write HTTP/1.1\r\nHost: a:1\r\n${close}${headers}\r\n`),
  }
}

t.test('pages of other sites can neither post nor get', async (t) => {
  const { get, post, simple, options, calls } = await asked(t, undefined)
  for (const [what, answer] of [
    ['a form or a fetch', simple('Origin: http://evil.test\r\n')],
    ['a fetch of JSON', post('Origin: http://evil.test\r\n')],
    ['a page without an origin', post('Origin: null\r\n')],
    ['the same host on another port', post('Origin: http://a:2\r\n')],
    ['a name that begins alike', post('Origin: http://a.evil.test\r\n')],
    ['a page that says it is cross-site', post('Origin: http://a\r\nSec-Fetch-Site: cross-site\r\n')],
    ['an image', get('/write', 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: image\r\n')],
    ['an image of a sister site', get('/write', 'Sec-Fetch-Site: same-site\r\n')],
    ['an image over plain HTTP', get('/write', chrome)],
    [
      'what asks whether it may',
      options('Origin: http://evil.test\r\nAccess-Control-Request-Method: POST\r\n'),
    ],
  ] as const) {
    const text = await answer
    t.match(text, /^HTTP\/1.1 403 Forbidden\r\n[\s\S]*"reason":"denied"/, what)
    t.notMatch(text, /Access-Control/i, what)
  }
  t.equal(calls(), 0)
})

t.test('pages of its own, and whatever is no browser, can', async (t) => {
  const { get, post, simple } = await asked(t, undefined)
  t.match(await post('Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n'), /^HTTP\/1.1 200/)
  t.match(await simple('Origin: https://a\r\n'), /^HTTP\/1.1 200/)
  t.match(await get('/write', `${chrome}Sec-Fetch-Site: none\r\n`), /^HTTP\/1.1 200/, 'an address typed in')
  t.match(await get('/write', 'User-Agent: curl/8\r\n'), /^HTTP\/1.1 200/)
  t.match(await get('/write', `${chrome}Referer: http://a:1/page\r\n`), /^HTTP\/1.1 200/, 'a page of its own')
  t.match(await get('/read', chrome), /^HTTP\/1.1 200/, 'what is safe harms nobody')
})

t.test('origins of the list can, and are told so', async (t) => {
  const { post, get, options } = await asked(t, ['https://app.test'])
  const ours = 'Origin: https://app.test\r\nSec-Fetch-Site: cross-site\r\n'
  t.match(
    await post(ours),
    /^HTTP\/1.1 200 OK\r\n[\s\S]*Access-Control-Allow-Origin: https:\/\/app.test\r\nVary: Origin\r\n/,
  )
  t.match(
    await get('/absent', ours),
    /^HTTP\/1.1 404 [\s\S]*Access-Control-Allow-Origin: https:\/\/app.test\r\n/,
  )
  t.match(
    await options(
      `${ours}Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: content-type, x-a\r\n`,
    ),
    /^HTTP\/1.1 204 No Content\r\n[\s\S]*Access-Control-Allow-Methods: PUT\r\n[\s\S]*Access-Control-Allow-Headers: content-type, x-a\r\n/,
  )
  t.match(await post('Origin: https://app.test.evil.test\r\n'), /^HTTP\/1.1 403/)
  t.match(await post('Origin: http://app.test\r\n'), /^HTTP\/1.1 403/)
})

t.test('all origins can where that is said', async (t) => {
  const { post } = await asked(t, '*')
  t.match(
    await post('Origin: http://evil.test\r\n'),
    /^HTTP\/1.1 200 OK\r\n[\s\S]*Access-Control-Allow-Origin: http:\/\/evil.test\r\n/,
  )
})

t.test('a page that has a name of its own lead here is told apart', async (t) => {
  const { post, get, calls, port } = await asked(t, undefined)
  const here = (host: string, headers: string, verb = 'GET') =>
    exchange(
      t,
      port,
      `${verb} ${verb === 'GET' ? '/read' : '/write'} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`,
    )
  const page = (host: string) => `Origin: http://${host}\r\n`
  for (const [what, answer] of [
    ['a post', here('evil.test', page('evil.test'), 'POST')],
    [
      'a post that says same-origin',
      here('evil.test', `${page('evil.test')}Sec-Fetch-Site: same-origin\r\n`, 'POST'),
    ],
    ['a get that says so', here('evil.test:80', 'Sec-Fetch-Site: same-origin\r\n')],
    ['a get over plain HTTP', here('evil.test', `${chrome}Referer: http://evil.test/\r\n`)],
    ['a name that ends alike', here('127.0.0.1.evil.test', page('127.0.0.1.evil.test'), 'POST')],
    [
      'localhost as the beginning of a name',
      here('localhost.evil.test', page('localhost.evil.test'), 'POST'),
    ],
  ] as const)
    t.match(await answer, /^HTTP\/1.1 403 Forbidden/, what)
  t.equal(calls(), 0)
  for (const host of ['127.0.0.1:8080', '[::1]:8080', 'localhost:8080', 'app.localhost', 'A:8080'])
    t.match(await here(host, page(host), 'POST'), /^HTTP\/1.1 200/, host)
  t.match(await here('evil.test', 'User-Agent: curl/8\r\n'), /^HTTP\/1.1 200/, 'what is no browser')
  t.match(await post('Origin: http://a\r\n'), /^HTTP\/1.1 200/)
  t.match(await get('/read', chrome), /^HTTP\/1.1 200/)
})

t.test('options that make no protocol are refused', async (t) => {
  for (const options of [
    { origins: 'https://app.test' as '*' },
    { origins: ['*'] },
    { origins: ['app.test'] },
    { hosts: 'a' as never },
    { origins: ['https://app.test/'] },
    { origins: ['https://APP.test'] },
    { hosts: ['a:80'] },
    { hosts: ['https://a'] },
    { profile: 'other' as 'amrpc' },
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
  ])
    t.throws(() => http(options), TypeError, JSON.stringify(options))
})
