import type { Order } from './order.js'

/** One way to lay orders out. */
export interface Layout {
  encode(index: number): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** Prepares the orders that will be encoded, by their place in the list. */
export type Lay = (orders: readonly Order[]) => Layout
