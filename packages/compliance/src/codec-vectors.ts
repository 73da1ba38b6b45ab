import type { Limits } from '@hawser/contract'
import type { Test } from 'tap'
import { type CodecSuite, codecWith, throwsTyped } from './codec-subject.js'
import { sameValue, show } from './codec-values.js'

/** The golden vectors of a codec, as its JSON file holds them; the file says what its fields mean. */
export interface CodecVectors {
  readonly good: readonly {
    readonly name: string
    readonly hex: string
    readonly value: unknown
    readonly encodes: boolean
  }[]
  readonly bad: readonly {
    readonly name: string
    readonly hex: string
    readonly reason: string
    readonly limits?: Partial<Limits>
  }[]
}

/** Registers a test for each half of a vector file. */
export function codecVectors(suite: Pick<CodecSuite, 'create' | 'test'>, vectors: CodecVectors): void {
  suite.test.test('golden vectors: good bytes', async (t) => {
    const codec = codecWith(suite)
    for (const { name, hex, value: written, encodes } of vectors.good) {
      const value = fromVector(written)
      const decoded = codec.decode(Buffer.from(hex, 'hex'))
      t.ok(sameValue(decoded, value), `${name}: ${show(decoded)}`)
      if (encodes) t.equal(Buffer.from(codec.encode(value)).toString('hex'), hex, `${name}: encoded`)
    }
  })

  suite.test.test('golden vectors: bad bytes', async (t) => {
    for (const { name, hex, reason, limits } of vectors.bad) refused(t, suite, name, hex, reason, limits)
  })
}

function refused(
  t: Test,
  suite: Pick<CodecSuite, 'create'>,
  name: string,
  hex: string,
  reason: string,
  limits?: Partial<Limits>,
): void {
  if (reason !== 'bad_payload' && reason !== 'too_deep')
    throw new TypeError(`${name} has the reason ${reason}`)
  throwsTyped(t, () => codecWith(suite, limits).decode(Buffer.from(hex, 'hex')), reason, name)
}

/** The value that a vector file writes as JSON. */
export function fromVector(written: unknown): unknown {
  if (typeof written !== 'object' || written === null) return written
  if (Array.isArray(written)) return written.map(fromVector)
  const [[tag, content] = []] = Object.entries(written)
  switch (tag) {
    case '$undefined':
      return undefined
    case '$number':
      return Number(content)
    case '$bigint':
      return BigInt(String(content))
    case '$bytes':
      return Uint8Array.from(Buffer.from(String(content), 'hex'))
    case '$date':
      return new Date(Number(content))
    default:
      return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, fromVector(value)]))
  }
}
