import { nameParts, u16, u32 } from './blocks.js'
import { encodeHeaders } from './headers.js'
import * as Kind from './kind.js'
import type { ClientLimits } from './limits.js'
import type { Outgoing } from './outgoing.js'

/** A request, without its head. */
export interface LaidOut {
  readonly parts: readonly Uint8Array[]
  readonly flags: number
  /** It was sent: from now on the other side knows the method by its index. */
  sent(): void
}

/** Lays the requests of one connection out: names go once, and then as a number. */
export function requests(
  limits: ClientLimits,
): (call: Outgoing, timeoutMs: number, mostNames: number) => LaidOut {
  const names = new Map<string, number>()
  return ({ method, headers, probe, body }, timeoutMs, mostNames) => {
    const known = names.get(method)
    const index = known ?? (names.size < mostNames ? names.size : Kind.notInterned)
    const parts = [u16(index), u32(Math.min(timeoutMs, Kind.noTimeout))]
    let flags = probe ? Kind.probing : 0
    if (known === undefined) {
      flags |= Kind.named
      parts.push(...nameParts(method, limits))
    }
    if (headers.size > 0) {
      flags |= Kind.headed
      const block = encodeHeaders(headers, limits)
      parts.push(u16(block.length), block)
    }
    parts.push(body)
    return {
      parts,
      flags,
      sent() {
        if (index < Kind.notInterned) names.set(method, index)
      },
    }
  }
}
