import type { Node } from './plan.js'

/** The two layouts of Thrift that this package has. */
export type LayoutName = 'binary' | 'compact'

/** What a layout calls the types, and the least bytes that a value of one takes. */
export interface Wire {
  readonly layout: LayoutName
  /** The type of a value in the head of a container; of a bool in a compact field this is `true`, and 2 is `false`. */
  readonly types: Readonly<Record<Node['op'], number>>
  readonly least: Readonly<Record<Node['op'], number>>
}

const binaryLong = 10
const record = 12

/** The wire types of {@link https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md} */
export const binaryWire: Wire = {
  layout: 'binary',
  types: {
    bool: 2,
    i8: 3,
    double: 4,
    float: 4,
    i16: 6,
    i32: 8,
    i64: binaryLong,
    u64: binaryLong,
    safeI64: binaryLong,
    safeU64: binaryLong,
    u32: binaryLong,
    string: 11,
    bytes: 11,
    struct: record,
    union: record,
    exception: record,
    tuple: record,
    map: 13,
    set: 14,
    list: 15,
    uuid: 16,
  },
  least: {
    bool: 1,
    i8: 1,
    double: 8,
    float: 8,
    i16: 2,
    i32: 4,
    i64: 8,
    u64: 8,
    safeI64: 8,
    safeU64: 8,
    u32: 8,
    string: 4,
    bytes: 4,
    struct: 1,
    union: 1,
    exception: 1,
    tuple: 1,
    map: 6,
    set: 5,
    list: 5,
    uuid: 16,
  },
}

const compactLong = 6

/** The wire types of {@link https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md} */
export const compactWire: Wire = {
  layout: 'compact',
  types: {
    bool: 1,
    i8: 3,
    i16: 4,
    i32: 5,
    i64: compactLong,
    u64: compactLong,
    safeI64: compactLong,
    safeU64: compactLong,
    u32: compactLong,
    double: 7,
    float: 7,
    string: 8,
    bytes: 8,
    list: 9,
    set: 10,
    map: 11,
    struct: record,
    union: record,
    exception: record,
    tuple: record,
    uuid: 13,
  },
  least: {
    bool: 1,
    i8: 1,
    i16: 1,
    i32: 1,
    i64: 1,
    u64: 1,
    safeI64: 1,
    safeU64: 1,
    u32: 1,
    double: 8,
    float: 8,
    string: 1,
    bytes: 1,
    list: 1,
    set: 1,
    map: 1,
    struct: 1,
    union: 1,
    exception: 1,
    tuple: 1,
    uuid: 16,
  },
}

/** The tables of a layout. */
export function wireOf(layout: LayoutName): Wire {
  return layout === 'binary' ? binaryWire : compactWire
}
