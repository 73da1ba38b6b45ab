import { double, string } from '@hawser/schema'
import { scalarCell } from './cell.js'
import type { Cell } from './layout.js'

/** The tags of google.protobuf.Value, and of the Struct and the ListValue in it. */
export const tags = {
  null: 0x08,
  number: 0x11,
  string: 0x1a,
  bool: 0x20,
  struct: 0x2a,
  list: 0x32,
  /** An element of a ListValue, or an entry of a Struct. */
  element: 0x0a,
  /** Of an entry. */
  key: 0x0a,
  value: 0x12,
} as const

export const stringCell: Cell = scalarCell(string)!
export const doubleCell: Cell = scalarCell(double)!
