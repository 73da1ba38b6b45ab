import { readFileSync } from 'node:fs'
import { json } from '@hawser/codec-json'
import { arbitraryValue, readOf, sameTyped } from '@hawser/compliance/schema'
import { RpcError } from '@hawser/contract'
import type { AnyType, StructType } from '@hawser/schema'
import fc from 'fast-check'
import t from 'tap'
import { protobuf } from '../src/index.js'
import { fromJson, toJson } from '../src/json.js'
import { parse } from '../src/proto.js'
import { askPython, missingPython } from './support/python.js'

interface Good {
  readonly name: string
  readonly type: string
  readonly hex: string
  readonly json: string
  readonly encodes: boolean
}
interface Bad {
  readonly name: string
  readonly type: string
  readonly hex: string
  readonly reason: string
}
interface Vectors {
  readonly sources: Readonly<Record<string, string>>
  readonly good: readonly Good[]
  readonly bad: readonly Bad[]
}

const text = readFileSync(new URL('../../../docs/vectors/codec-protobuf.json', import.meta.url), 'utf8')
const { sources, good, bad } = JSON.parse(text) as Vectors
const resolve = (path: string): string | undefined => sources[path]
const { types } = parse('import "three.proto"; import "known.proto";', { resolve })
const typeOf = (name: string): StructType => types[name]!
const jsonOf = json()

/** A value by its canonical JSON. */
const ofJson = (type: AnyType, written: string): unknown => fromJson(type, JSON.parse(written))

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, each) =>
    typeof each === 'bigint' ? `${each}n` : each instanceof Map ? [...each] : each,
  )

for (const compile of [true, false]) {
  const codec = protobuf({ compile })

  t.test(`golden vectors: good bytes, ${compile ? 'compiled' : 'interpreted'}`, async (t) => {
    // Functions are generated for what is used much.
    for (let round = 0; round < (compile ? 60 : 1); round++)
      for (const { name, type, hex, json, encodes } of good) {
        const of = typeOf(type)
        const expected = ofJson(of, json)
        const value = codec.typed(of).decode(Buffer.from(hex, 'hex'))
        if (!sameTyped(value, expected)) t.fail(`${name}: ${shown(value)} instead of ${shown(expected)}`)
        const written = Buffer.from(codec.typed(of).encode(value)).toString('hex')
        if (encodes && written !== hex) t.fail(`${name}: ${written} instead of ${hex}`)
        const again = codec.typed(of).decode(codec.typed(of).encode(value))
        if (!sameTyped(again, value)) t.fail(`${name}: ${shown(again)} after another way there and back`)
      }
    t.ok(good.length > 100)
  })

  t.test(`golden vectors: bad bytes, ${compile ? 'compiled' : 'interpreted'}`, async (t) => {
    for (let round = 0; round < (compile ? 60 : 1); round++)
      for (const { name, type, hex, reason } of bad) {
        const layout = codec.typed(typeOf(type))
        try {
          layout.decode(Buffer.from(hex, 'hex'))
          t.fail(`${name} was taken`)
        } catch (error) {
          if (!RpcError.is(error) || error.code !== 'invalid_argument' || error.reason !== reason)
            t.fail(`${name}: ${String(error)}`)
        }
      }
    t.ok(bad.length > 20)
  })
}

t.test('canonical JSON: what is written is what Python writes', async (t) => {
  for (const { name, type, hex, json, encodes } of good) {
    const of = typeOf(type)
    const value = protobuf().typed(of).decode(Buffer.from(hex, 'hex'))
    const written = toJson(of, value)
    if (!sameTyped(fromJson(of, written), value)) t.fail(`${name}: ${shown(written)}`)
    // What is no canonical protobuf is no canonical JSON either. Python writes as few digits as tell a float from others.
    if (encodes && !json.includes('e-45')) t.strictSame(written, JSON.parse(json), name)
  }
})

t.test(
  'canonical JSON: codec-json writes and reads it for types that have no form of their own',
  async (t) => {
    for (const { name, type, json } of good) {
      if (type === 'vectors.known.Known') continue
      const layout = jsonOf.typed(typeOf(type))
      const value = layout.decode(new TextEncoder().encode(json))
      if (!sameTyped(value, ofJson(typeOf(type), json))) t.fail(`${name}: ${shown(value)}`)
      if (!sameTyped(layout.decode(layout.encode(value)), value)) t.fail(`${name}: there and back`)
    }
    t.pass()
  },
)

const skip = missingPython() ?? false

t.test('golden vectors: they are what Python writes', { skip }, async (t) => {
  t.equal(askPython('golden'), text)
})

t.test(
  "any value: Python's protobuf reads it, and writes it back, as protobuf and as JSON",
  { skip },
  async (t) => {
    const codec = protobuf()
    const names = ['Scalars', 'Repeated', 'Optionals', 'Maps', 'Ids', 'Nested']
    // To Python the JSON number -0 is an integer.
    const cases = names.flatMap((name) => {
      const type = typeOf(`vectors.three.${name}`)
      // The closed enumeration in it takes the numbers it has alone.
      const nested = name === 'Nested'
      return fc
        .sample(arbitraryValue(type, { negativeZero: false }), { seed: 3, numRuns: 60 })
        .map((value) => ({ type, value: nested ? { ...(value as object), defaults: undefined } : value }))
    })
    const asked = cases.flatMap(({ type, value }) => {
      const hex = Buffer.from(codec.typed(type).encode(value)).toString('hex')
      const written = new TextDecoder().decode(jsonOf.typed(type).encode(value))
      return [
        { type: type.name, hex },
        { type: type.name, json: written },
        { type: type.name, json: JSON.stringify(toJson(type, value)) },
      ]
    })
    const answers = askPython('echo', asked.map((each) => `${JSON.stringify(each)}\n`).join(''))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { hex: string; json: string })
    t.equal(answers.length, asked.length)
    for (const [at, { hex, json }] of answers.entries()) {
      const { type, value } = cases[Math.floor(at / 3)]!
      const expected = readOf(type, value)
      const read = codec.typed(type).decode(Buffer.from(hex, 'hex'))
      if (!sameTyped(read, expected)) t.fail(`protobuf: ${shown(read)} instead of ${shown(expected)}`)
      const readJson = ofJson(type, json)
      if (!sameTyped(readJson, expected)) t.fail(`JSON: ${shown(readJson)} instead of ${shown(expected)}`)
    }
  },
)
