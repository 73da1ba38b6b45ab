import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { fromHex, toHex } from '../fuzz/bytes.js'
import { minimise } from '../fuzz/minimise.js'
import { makeInput, mostBytes } from '../fuzz/mutate.js'
import { readOptions } from '../fuzz/options.js'
import { Random } from '../fuzz/random.js'
import type { Target } from '../fuzz/target.js'
import { targets } from '../fuzz/targets/all.js'
import { isFind, mostMs, Watch } from '../fuzz/watch.js'

harness(t)

const fine = { result: 'value', labels: [] }

function targetOf(run: Target['run']): Target {
  return {
    name: 'test',
    seeds: [],
    tokens: [],
    allowance: 2 ** 20,
    generate: (random) => random.bytes(10),
    run,
  }
}

async function kindOf(run: Target['run']): Promise<string | undefined> {
  using watch = new Watch()
  const result = await watch.run(targetOf(run), new Uint8Array(4))
  const found = isFind(result) ? result : await watch.rest()
  return found?.kind
}

t.test('what does nothing wrong is no find', async (t) => {
  t.equal(await kindOf(() => fine), undefined)
  t.equal(await kindOf(async () => fine), undefined)
})

t.test('what breaks a promise is found', async (t) => {
  const wrong = () => {
    throw new Error('neither a typed error nor a value')
  }
  t.equal(await kindOf(wrong), 'wrong')
  t.equal(await kindOf(async () => wrong()), 'wrong')
})

t.test('what takes too long is found', async (t) => {
  const slow = () => {
    const start = performance.now()
    while (performance.now() - start < mostMs + 1);
    return fine
  }
  t.equal(await kindOf(slow), 'slow')
  let runs = 0
  t.equal(await kindOf(() => (runs++ === 0 ? slow() : fine)), undefined, 'but not what did so once')
})

t.test('what takes too much memory is found', async (t) => {
  const kept: Uint8Array[] = []
  const hungry = () => {
    kept.push(new Uint8Array(4 * 2 ** 20))
    return fine
  }
  t.equal(await kindOf(hungry), 'hungry')
  t.ok(kept.length > 1)
})

t.test('a changed prototype is found', async (t) => {
  t.teardown(() => Reflect.deleteProperty(Object.prototype, 'polluted'))
  const pollute = () => {
    Object.defineProperty(Object.prototype, 'polluted', { value: 1, configurable: true })
    return fine
  }
  t.equal(await kindOf(pollute), 'prototype')
})

t.test('a rejection that nobody handles is found', async (t) => {
  const stray = () => {
    void Promise.reject(new Error('nobody handles this'))
    return fine
  }
  t.equal(await kindOf(stray), 'stray error')
})

t.test('an input is made smaller as long as it still does the same', async (t) => {
  const input = Uint8Array.from({ length: 256 }, (_, index) => index)
  const smaller = await minimise(
    [input.subarray(0, 100), input.subarray(100)],
    async (bytes) => bytes.includes(7) && bytes.includes(200),
  )
  t.same([...smaller], [7, 200])
})

t.test('a seed and a number give the same input again, never too long a one', async (t) => {
  for (const make of targets.values()) {
    const target = await make()
    for (let number = 0; number < 50; number++) {
      const [one, other] = [0, 1].map(() =>
        makeInput(target, target.seeds, new Random(5, target.name, number)),
      )
      t.equal(toHex(one!), toHex(other!))
      t.ok(one!.length <= mostBytes)
    }
  }
})

t.test('what is made without changes is valid', async (t) => {
  for (const [name, make] of targets) {
    const target = await make()
    if (target.wild) continue
    for (let number = 0; number < 100; number++) {
      const { result } = await target.run(target.generate(new Random(number)))
      t.match(result, /^(value|server: open|client: open)$/, `${name} ${number}`)
    }
  }
})

t.test('hexadecimal text is read back, and nothing else is', async (t) => {
  const bytes = Uint8Array.of(0, 1, 15, 16, 255)
  t.same(fromHex(toHex(bytes)), bytes)
  for (const text of ['0', 'zz', '0G']) t.throws(() => fromHex(text), TypeError)
})

t.test('options are read, and wrong ones refused', async (t) => {
  t.match(readOptions(['--seed', '7', '--only', 'b'], ['a', 'b']), {
    seed: 7,
    targets: ['b'],
    collect: false,
  })
  for (const args of [['--seed', '-1'], ['--runs', 'x'], ['--only', 'c'], ['--what'], ['stray']])
    t.throws(() => readOptions(args, ['a', 'b']), TypeError)
})
