// The numbers of docs/protocol.md, each by itself: bundlers put the number where the name stands, and nothing else is left.

export const hello = 1
export const request = 2
export const reply = 3
export const error = 4
export const item = 5
export const end = 6
export const credit = 7
export const cancel = 8
export const notify = 9
export const ping = 10
export const pong = 11
export const goaway = 12

/** The first unknown kind that may not be skipped. */
export const critical = 128

/** Flag: a method name follows. */
export const named = 1
/** Flag: a header block follows. */
export const headed = 2
/** Flag: the call only asks whether the method exists. */
export const probing = 4
/** Flag: items follow this reply. */
export const streaming = 8

/** The method index of a name that is not interned. */
export const notInterned = 0xffff
/** The time field of a call without a deadline. */
export const noTimeout = 0xffff_ffff
/** Call kind: only an acknowledgement comes. */
export const oneway = 4
/** What a side may send on a stream before it is granted more. */
export const initialCredit = 65_536
/** What an item costs besides its bytes. */
export const itemOverhead = 16

/** The flags a frame may carry. */
export function flagsOf(kind: number): number {
  if (kind === request) return named | headed | probing
  return kind === reply ? headed | streaming : 0
}

/** Bytes of the part every frame begins with, its length field included. */
export const headBytes = 12
