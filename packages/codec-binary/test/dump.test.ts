import { RpcError } from '@hawser/contract'
import { bool, bytes, double, field, i16, list, map, optional, string, struct, uuid } from '@hawser/schema'
import fc from 'fast-check'
import t from 'tap'
import { binary, compact, dump } from '../src/index.js'
import { Everything, everything } from './support/everything.js'

const Inner = struct('t.Inner', { flag: field(1, bool), other: field(40, bool) })
const Sample = struct('t.Sample', {
  text: field(1, string),
  blob: field(2, bytes),
  inner: field(3, Inner),
  scores: field(4, map(i16, list(double))),
  key: field(500, uuid),
  bools: field(501, optional(list(bool))),
})
const sample = {
  text: 'héllo',
  blob: Uint8Array.of(0, 255),
  inner: { flag: true, other: false },
  scores: new Map([[3, [1.5]]]),
  key: '8e3b5c60-0000-4000-8000-0123456789ab',
  bools: [true, false],
}

for (const [layout, make] of Object.entries({ binary, compact }) as ['binary' | 'compact', typeof binary][]) {
  t.test(`TH-18 ${layout}: a message describes itself without its type`, async (t) => {
    t.strictSame(dump(make().typed(Sample).encode(sample), layout), {
      type: 'struct',
      fields: [
        { id: 1, value: { type: 'string', value: 'héllo' } },
        { id: 2, value: { type: 'string', value: Uint8Array.of(0, 255) } },
        {
          id: 3,
          value: {
            type: 'struct',
            fields: [
              { id: 1, value: { type: 'bool', value: true } },
              { id: 40, value: { type: 'bool', value: false } },
            ],
          },
        },
        {
          id: 4,
          value: {
            type: 'map',
            entries: [
              [
                { type: 'i16', value: 3 },
                { type: 'list', elements: [{ type: 'double', value: 1.5 }] },
              ],
            ],
          },
        },
        { id: 500, value: { type: 'uuid', value: sample.key } },
        {
          id: 501,
          value: {
            type: 'list',
            elements: [
              { type: 'bool', value: true },
              { type: 'bool', value: false },
            ],
          },
        },
      ],
    })
  })

  t.test(`TH-18 ${layout}: every message can be described, and skipped`, async (t) => {
    const codec = make().typed(Everything)
    const nothing = make().typed(struct('t.Nothing', {}))
    fc.assert(
      fc.property(everything, (value) => {
        const encoded = codec.encode(value)
        const described = dump(encoded, layout)
        t.strictSame(nothing.decode(encoded), {})
        return described.type === 'struct' && described.fields.length === Object.keys(value).length
      }),
      { seed: 4, numRuns: 100 },
    )
  })

  t.test(`${layout}: any bytes are described or refused, to a depth`, async (t) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          return dump(bytes, layout).type === 'struct'
        } catch (error) {
          return RpcError.is(error) && error.code === 'invalid_argument'
        }
      }),
      { seed: 5, numRuns: 3000 },
    )
    const deep = Buffer.alloc(3 * 70, layout === 'binary' ? '0c0001' : '1c1c1c', 'hex')
    t.throws(() => dump(deep, layout), { code: 'invalid_argument', reason: 'too_deep' })
    t.throws(() => dump(make().typed(Sample).encode(sample), layout, { nodes: 5 }), {
      code: 'invalid_argument',
      reason: 'too_deep',
    })
  })
}
