import { harness } from '@hawser/compliance/harness'
import type { Call, Headers } from '@hawser/contract'
import t from 'tap'
import { currentCall, inheritedHeaders, runInCall, supportsContext } from '../src/index.js'

harness(t)

/** The module anew, as a second installed copy would be. */
function another(copy: string): Promise<typeof import('../src/context.js')> {
  return import(`../src/context.js?${copy}`)
}

function call(method: string): Call {
  return {
    method,
    kind: 'unary',
    codec: 'json',
    headers: new Map(),
    deadline: Infinity,
    input: new Uint8Array(),
    probe: false,
    signal: new AbortController().signal,
    cancelReason: undefined,
    onCancel() {},
    offCancel() {},
  }
}

t.test('a function and all it starts belong to its call', async (t) => {
  t.ok(supportsContext())
  const outer = call('/outer')
  const inner = call('/inner')
  const seen: [string, Call | undefined][] = []
  const see = (place: string) => void seen.push([place, currentCall()])
  see('before')
  const result = runInCall(
    outer,
    async (a: number, b: number) => {
      see('at once')
      await runInCall(inner, async () => {
        await Promise.resolve()
        see('nested')
      })
      see('behind it')
      await new Promise((resolve) => setTimeout(resolve, 1))
      see('after a timer')
      return a + b
    },
    1,
    2,
  )
  see('beside')
  t.equal(await result, 3)
  t.same(
    seen.map(([place, { method } = { method: 'none' } as Call]) => `${place}: ${method}`),
    [
      'before: none',
      'at once: /outer',
      'beside: none',
      'nested: /inner',
      'behind it: /outer',
      'after a timer: /outer',
    ],
  )
})

t.test('what the function throws is thrown, and the call is over', async (t) => {
  t.throws(
    () =>
      runInCall(call('/a'), () => {
        throw new Error('x')
      }),
    { message: 'x' },
  )
  t.equal(currentCall(), undefined)
})

t.test('two installed copies share their calls', async (t) => {
  const copy = await another('copy')
  t.not(copy.currentCall, currentCall)
  const a = call('/a')
  runInCall(a, () => t.equal(copy.currentCall(), a))
  copy.runInCall(a, () => t.equal(currentCall(), a))
})

t.test('where calls cannot be followed, functions run all the same', async (t) => {
  const key = Symbol.for('hawser.context')
  const host = globalThis as { [key]?: unknown }
  const kept = host[key]
  const { getBuiltinModule } = process
  Reflect.deleteProperty(host, key)
  process.getBuiltinModule = undefined as never
  try {
    const browser = await another('browser')
    t.equal(browser.supportsContext(), false)
    t.equal(
      browser.runInCall(call('/a'), (n: number) => [n, browser.currentCall()].length, 1),
      2,
    )
    t.equal(browser.currentCall(), undefined)
  } finally {
    process.getBuiltinModule = getBuiltinModule
    host[key] = kept
  }
})

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

for (const [name, headers, inherited] of [
  ['no headers', {}, undefined],
  ['others only', { authorization: 'secret', 'x-a': '1' }, undefined],
  ['a trace', { traceparent: trace, x: 'y' }, { traceparent: trace }],
  [
    'a trace with its state',
    { traceparent: trace, tracestate: 'a=1' },
    { traceparent: trace, tracestate: 'a=1' },
  ],
  ['a state without its trace', { tracestate: 'a=1' }, undefined],
  ['baggage', { baggage: 'a=1' }, { baggage: 'a=1' }],
  [
    'a trace that is none, with baggage',
    { traceparent: 'forged', tracestate: 'a', baggage: 'b' },
    { baggage: 'b' },
  ],
  ['version ff', { traceparent: `ff${trace.slice(2)}` }, undefined],
  ['a trace of zeros', { traceparent: trace.replace(/-\w{32}-/, `-${'0'.repeat(32)}-`) }, undefined],
  ['a parent of zeros', { traceparent: trace.replace(/-\w{16}-/, `-${'0'.repeat(16)}-`) }, undefined],
  ['capitals', { traceparent: trace.toUpperCase() }, undefined],
  ['a tail', { traceparent: `${trace}\n` }, undefined],
] as readonly (readonly [string, Record<string, string>, Record<string, string> | undefined])[])
  t.test(`a nested call inherits from ${name}`, async (t) => {
    const result: Headers | undefined = inheritedHeaders(new Map(Object.entries(headers)))
    t.same(result && Object.fromEntries(result), inherited)
  })
