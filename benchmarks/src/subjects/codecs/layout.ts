/** One way to lay the order out. */
export interface Layout {
  encode(): Uint8Array
  decode(bytes: Uint8Array): unknown
}
