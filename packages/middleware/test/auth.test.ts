import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type Call, type Peer, RpcError } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import {
  authenticate,
  authorize,
  credentials,
  identityOf,
  type Policy,
  sameCredential,
} from '../src/auth/index.js'
import { timeout } from '../src/timeout/index.js'
import { mockPair, type Sent, type SentOptions } from './support/mock-pair.js'

harness(t)

const bearer = (token: string) => new Map([['authorization', `Bearer ${token}`]])
const ada = { name: 'ada' }
const verify = (credential: string) => (sameCredential(credential, 'Bearer s3cret') ? ada : undefined)
const nobody = 'unauthenticated/unauthenticated/no'
const denied = 'permission_denied/denied/no'
const peer = (identity: unknown) => ({ id: 'p', identity }) as Peer

t.test('a credential becomes an identity, and goes no further', async (t) => {
  const { send, received, clock } = mockPair((clock) => [
    authenticate({ verify }),
    timeout({ ms: 50, clock }),
  ])
  send({ headers: new Map([...bearer('s3cret'), ['traceparent', 'x']]) })
  await clock.settle()
  const { call } = received[0]!
  t.equal(identityOf(call), ada, 'through what else is on the way')
  t.same([...call.headers], [['traceparent', 'x']])
  received[0]!.reply('')
  await clock.settle()
})

const refusals: readonly [why: string, verify: (credential: string) => unknown, token: string | undefined][] =
  [
    ['there is none', verify, undefined],
    ['it is wrong', verify, 'guess'],
    ['it is wrong, found out later', async () => undefined, 'x'],
    ['the check says false', () => false, 'x'],
    ['the check says null', async () => null, 'x'],
    [
      'the check breaks',
      () => {
        throw new Error('no database')
      },
      'x',
    ],
    ['the check breaks later', () => Promise.reject(new Error('no database')), 'x'],
  ]
for (const [why, verify, token] of refusals)
  t.test(`a call is not run, and its caller unknown, when ${why}`, async (t) => {
    const { send, received, clock } = mockPair(() => authenticate({ verify }))
    const sent = send(token === undefined ? {} : { headers: bearer(token) })
    await clock.settle()
    t.equal(sent.outcome, nobody)
    t.equal(received.length, 0)
    t.notMatch(sent.error?.message, 'database')
  })

t.test('a check may say in its own words why it refuses', async (t) => {
  const verify = () => {
    throw new RpcError('permission_denied', 'expired')
  }
  const { send } = mockPair(() => authenticate({ verify }))
  t.equal(send({ headers: bearer('x') }).outcome, 'permission_denied/undefined/no')
})

t.test('without a credential of its own a call has that of its connection', async (t) => {
  const { send, received, clock } = mockPair(() => authenticate({ verify }))
  send({ connection: peer('bob') })
  send({ connection: peer('bob'), headers: bearer('s3cret') })
  const none = send({ connection: peer(undefined) })
  const wrong = send({ connection: peer('bob'), headers: bearer('guess') })
  await clock.settle()
  t.equal(identityOf(received[0]!.call), 'bob')
  t.equal(identityOf(received[1]!.call), ada)
  t.equal(none.outcome, nobody)
  t.equal(wrong.outcome, nobody, 'a wrong one is not made good by it')
  for (const each of received) each.reply('')
})

t.test('a call that ends while its credential is checked is not run', async (t) => {
  let found!: (identity: unknown) => void
  const { send, received, clock } = mockPair(() =>
    authenticate({ verify: () => new Promise((resolve) => (found = resolve)) }),
  )
  const sent = send({ headers: bearer('x') })
  sent.cancel()
  found(ada)
  await clock.settle()
  t.equal(sent.outcome, 'cancelled/cancelled/no')
  t.equal(received.length, 0)
})

// ---- policies ------------------------------------------------------------------------------------------------------

function judged(
  policies: Readonly<Record<string, Policy>>,
  methods: readonly string[],
  options: SentOptions,
) {
  const { send, received, clock } = mockPair(() => [
    authenticate({ verify, anonymous: true }),
    authorize({ policies }),
  ])
  const sent = methods.map((method): [string, Sent] => [method, send({ ...options, method })])
  return {
    async outcomes(): Promise<Record<string, string>> {
      await clock.settle()
      for (const each of received) each.reply('in')
      await clock.settle()
      return Object.fromEntries(sent.map(([method, { outcome }]) => [method, outcome]))
    },
  }
}

const policies: Readonly<Record<string, Policy>> = {
  '/status': 'anyone',
  '/admin/*': (identity) => identity === ada,
  '/admin/never/*': () => false,
  '/admin/never/but/this': 'anyone',
  'bank.Accounts/*': 'known',
  'bank.Accounts/close': async (_, call: Call) => call.headers.has('sure'),
}
const methods = [
  '/status',
  '/status/x',
  '/admin/a',
  '/admin/a/b',
  '/admin',
  '/admin/never/a',
  '/admin/never/but/this',
  'bank.Accounts/list',
  'bank.Accounts/close',
  'bank.Accountsx/list',
  '/made/up',
  'toString',
  '__proto__',
]

t.test('the policy that names a method best holds, and without one it is denied', async (t) => {
  t.same(await judged(policies, methods, { headers: bearer('s3cret') }).outcomes(), {
    '/status': 'in',
    '/status/x': denied,
    '/admin/a': 'in',
    '/admin/a/b': 'in',
    '/admin': denied,
    '/admin/never/a': denied,
    '/admin/never/but/this': 'in',
    'bank.Accounts/list': 'in',
    'bank.Accounts/close': denied,
    'bank.Accountsx/list': denied,
    '/made/up': denied,
    toString: denied,
    ['__proto__']: denied,
  })
  const sure = new Map([...bearer('s3cret'), ['sure', 'yes']])
  t.same(await judged(policies, ['bank.Accounts/close'], { headers: sure }).outcomes(), {
    'bank.Accounts/close': 'in',
  })
})

t.test('who is not known is told so, whether there is such a method or not', async (t) => {
  const outcomes = await judged(policies, methods, {}).outcomes()
  for (const [method, outcome] of Object.entries(outcomes))
    t.equal(outcome, ['/status', '/admin/never/but/this'].includes(method) ? 'in' : nobody, method)
})

t.test('the question whether a method is there is judged like the call', async (t) => {
  const outcomes = await judged(policies, ['/status', '/admin/a'], { probe: true }).outcomes()
  t.same(outcomes, { '/status': 'in', '/admin/a': nobody })
})

t.test('a star for all the rest', async (t) => {
  const all = judged({ '*': 'known', '/a': 'anyone' }, ['/a', '/b', 'x.Y/z'], { headers: bearer('s3cret') })
  t.same(await all.outcomes(), { '/a': 'in', '/b': 'in', 'x.Y/z': 'in' })
  const none = judged({ '*': 'known', '/a': 'anyone' }, ['/a', '/b'], {})
  t.same(await none.outcomes(), { '/a': 'in', '/b': nobody })
})

t.test('a policy that breaks, or forgets to answer, lets nobody in', async (t) => {
  const broken: Record<string, Policy> = {
    '/a': () => {
      throw new Error('x')
    },
    '/b': () => Promise.reject(new Error('x')),
    '/c': (() => undefined) as unknown as Policy,
    '/d': (async () => 1) as unknown as Policy,
  }
  const outcomes = await judged(broken, Object.keys(broken), { headers: bearer('s3cret') }).outcomes()
  for (const outcome of Object.values(outcomes)) t.equal(outcome, denied)
})

t.test('policies that make no sense are refused', async (t) => {
  for (const policies of [{}, { '/a*': 'known' }, { '*/a': 'known' }, { '/a': 'knwon' }, { '/*/a': 'known' }])
    t.throws(() => authorize({ policies: policies as Record<string, Policy> }), TypeError)
})

t.test('nothing to verify with, and no credential to give, are mistakes', async (t) => {
  t.throws(() => authenticate({} as Parameters<typeof authenticate>[0]), {
    name: 'TypeError',
    message: /verify/,
  })
  t.throws(() => credentials('Bearer x' as never), { name: 'TypeError', message: /credential/ })
})

// ---- the calling side ----------------------------------------------------------------------------------------------

t.test('each call is given a credential, and one that has one keeps it', async (t) => {
  let n = 0
  const { send, received, clock } = mockPair(() => credentials(() => `Bearer ${++n}`))
  send()
  send({ headers: new Map([['a', 'b']]) })
  send({ headers: bearer('mine') })
  await clock.settle()
  t.same(
    received.map(({ call }) => [...call.headers]),
    [
      [['authorization', 'Bearer 1']],
      [
        ['a', 'b'],
        ['authorization', 'Bearer 2'],
      ],
      [['authorization', 'Bearer mine']],
    ],
  )
  for (const each of received) each.reply('')
})

t.test('a credential may come later, or be none, or not be had', async (t) => {
  const { send, received, clock } = mockPair(() =>
    credentials(async ({ method }) => {
      if (method === '/fails') throw new Error('the issuer is down')
      return method === '/none' ? undefined : 'later'
    }),
  )
  send()
  send({ method: '/none' })
  const fails = send({ method: '/fails' })
  const cancelled = send()
  cancelled.cancel()
  await clock.settle()
  t.same(
    received.map(({ call }) => call.headers.get('authorization')),
    ['later', undefined],
  )
  t.equal(fails.outcome, nobody)
  t.equal(cancelled.outcome, 'cancelled/cancelled/no')
  for (const each of received) each.reply('')
})

t.test('credentials are compared as a whole', async (t) => {
  for (const [a, b, same] of [
    ['', '', true],
    ['a', '', false],
    ['', 'a', false],
    ['abc', 'abc', true],
    ['abd', 'abc', false],
    ['abcabc', 'abc', false],
    ['ab', 'abc', false],
    ['é', 'é', true],
  ] as const)
    t.equal(sameCredential(a, b), same, `${a} and ${b}`)
  t.ok(sameCredential(new Uint8Array([1, 2]), new Uint8Array([1, 2])))
  t.ok(sameCredential(new TextEncoder().encode('é'), 'é'))
  t.notOk(sameCredential('é', new TextEncoder().encode('e')))
})

// ---- real strands --------------------------------------------------------------------------------------------------

t.test('a credential is for one server: neither nested nor forwarded calls have it', async (t) => {
  const transport = memory()
  const strands = { transports: [transport], codecs: [json()], log: () => {} }
  const seen: Record<string, unknown> = {}
  await using behind = createServer({
    ...strands,
    middleware: [
      (next) => (call) => {
        seen[call.method] = call.headers.get('authorization')
        return next(call)
      },
    ],
  })
  behind.rpc('/nested', () => 'nested')
  behind.rpc('/forwarded', () => 'forwarded')
  await behind.listen('memory://behind')
  await using onward = createClient(strands)
  const toBehind = onward.handler('memory://behind')
  await using server = createServer({
    ...strands,
    middleware: [
      authenticate({ verify }),
      authorize({ policies: { '/front': 'known', '/forwarded': 'known' } }),
      (next) => (call) => (call.method === '/forwarded' ? toBehind(call) : next(call)),
    ],
  })
  server.rpc('/front', () => onward.remote<() => string>('memory://behind', '/nested')())
  server.rpc('/secret', () => 'secret')
  await server.listen('memory://front')
  await using client = createClient({ ...strands, middleware: [credentials(() => 'Bearer s3cret')] })
  t.equal(await client.remote<() => string>('memory://front', '/front')(), 'nested')
  t.equal(await client.remote<() => string>('memory://front', '/forwarded')(), 'forwarded')
  t.same(seen, { '/nested': undefined, '/forwarded': undefined })
  await t.rejects(client.remote('memory://front', '/secret')(), { code: 'permission_denied', executed: 'no' })
  await using stranger = createClient(strands)
  const front = stranger.remote<() => string>('memory://front', '/front')
  await t.rejects(front(), { code: 'unauthenticated', executed: 'no' })
  await t.rejects(front.enabled(), { code: 'unauthenticated' })
})
