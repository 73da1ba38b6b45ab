import t from 'tap'
import { addressOf, checkName, nameOf } from '../src/address.js'

t.test('a name goes into an address and out of it', async (t) => {
  for (const name of ['tasks', 'a', 'Pool-1.worker_2', '0', 'n'.repeat(128)]) {
    t.equal(nameOf(addressOf(name), 'dial'), name)
    t.equal(nameOf(addressOf(name), 'listen'), name)
  }
})

t.test('the star is for listening', async (t) => {
  t.equal(nameOf('worker://*', 'listen'), '*')
  t.throws(() => nameOf('worker://*', 'dial'), TypeError)
  t.throws(() => checkName('*'), TypeError)
})

t.test('what is no address is a TypeError', async (t) => {
  const names = ['', ' ', 'a b', 'a/b', 'a?b', 'a#b', 'a:1', 'ä', '**', 'n'.repeat(129), 'a\n']
  for (const address of [
    ...names.map(addressOf),
    'worker:a',
    'worker:/a',
    'tcp://a',
    'WORKER://a',
    ' worker://a',
  ])
    t.throws(() => nameOf(address, 'listen'), TypeError, JSON.stringify(address))
})
