import { join } from 'node:path'
import t from 'tap'
import { formatAddress, longestPath, parseAddress } from '../src/address.js'

const here = process.cwd()

t.test('a path is absolute, or relative to the working directory', async (t) => {
  for (const [address, path] of [
    ['ipc:///run/demo.sock', '/run/demo.sock'],
    ['ipc:///a', '/a'],
    ['ipc://demo.sock', join(here, 'demo.sock')],
    ['ipc://a/demo.sock', join(here, 'a/demo.sock')],
    ['ipc://./demo.sock', join(here, 'demo.sock')],
    ['ipc:./demo.sock', join(here, 'demo.sock')],
    ['ipc:../demo.sock', join(here, '../demo.sock')],
    ['ipc://./@demo', join(here, '@demo')],
    ['ipc://./pipe/demo', join(here, 'pipe/demo')],
  ] as const) {
    const parsed = parseAddress(address, 'linux')
    t.same(parsed, { kind: 'file', path })
    t.equal(formatAddress(parsed), `ipc://${path}`)
    t.same(parseAddress(formatAddress(parsed), 'linux'), parsed)
  }
})

t.test('nothing in a path is decoded, and there is no query', async (t) => {
  for (const path of ['/run/a%20b', '/run/a b', '/run/a?b#c', '/run/Ünï', '/run/a:1', '/run/..a'])
    t.equal(parseAddress(`ipc://${path}`, 'linux').path, path)
})

t.test('what is no address is refused, nothing is guessed', async (t) => {
  for (const address of [
    '',
    'ipc',
    'ipc:',
    'ipc:/',
    'ipc://',
    'ipc:///',
    'ipc:///run/',
    'ipc:///run/.',
    'ipc:///run/..',
    'ipc://.',
    'ipc://..',
    'ipc:.',
    'ipc:./',
    'ipc:/run/demo.sock',
    'ipc:demo.sock',
    'ipc:.demo.sock',
    'ipc:// ',
    'ipc:///run/demo ',
    'ipc:// /run/demo',
    ' ipc:///run/demo',
    'ipc:///run/de\0mo',
    'ipc://\0demo',
    'ipc:///run/de\nmo',
    'ipc:///run/\ud800',
    'ipc://@demo',
    'IPC:///run/demo',
    'unix:///run/demo',
    '/run/demo',
  ])
    t.throws(() => parseAddress(address, 'linux'), TypeError, JSON.stringify(address))
})

t.test("a path has to fit into the system's socket address, in bytes", async (t) => {
  for (const [platform, most] of [
    ['linux', 107],
    ['darwin', 103],
  ] as const) {
    t.equal(longestPath(platform), most)
    const path = (bytes: number) => `/${'x'.repeat(bytes - 1)}`
    for (const bytes of [most - 1, most])
      t.equal(parseAddress(`ipc://${path(bytes)}`, platform).path, path(bytes))
    t.throws(() => parseAddress(`ipc://${path(most + 1)}`, platform), {
      name: 'TypeError',
      message: new RegExp(`${most + 1} bytes, ${most} is the most`),
    })
    t.throws(() => parseAddress(`ipc:///${'ü'.repeat(most / 2 + 1)}`, platform), TypeError)
    t.throws(() => parseAddress(`ipc://${'x'.repeat(most - 2)}`, platform), TypeError, 'made absolute first')
  }
})

t.test('on Windows it is a pipe', async (t) => {
  const parsed = parseAddress('ipc://./pipe/demo.1', 'win32')
  t.same(parsed, { kind: 'pipe', path: '\\\\.\\pipe\\demo.1' })
  t.equal(formatAddress(parsed), 'ipc://./pipe/demo.1')
  t.equal(parseAddress(`ipc://./pipe/${'x'.repeat(247)}`, 'win32').path.length, 256)
  for (const address of [
    'ipc:///run/demo.sock',
    'ipc://demo',
    'ipc://./pipe/',
    'ipc://./pipe/a/b',
    'ipc://./pipe/a\\b',
    'ipc://C:/demo',
    `ipc://./pipe/${'x'.repeat(248)}`,
  ])
    t.throws(() => parseAddress(address, 'win32'), TypeError, address)
})
