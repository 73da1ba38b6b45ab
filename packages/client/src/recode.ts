import type { Codec } from '@hawser/contract'
import type { ClientCall } from './client-call.js'
import { replayable } from './items-input.js'
import type { InputOf, Target } from './value-call.js'

/**
 * For a call that went out before the other side had said what it takes, and was refused for its codec: lays it out in
 * one that both have. Undefined where there is none, or nothing new is known.
 */
export function recode(
  { route }: Target,
  call: ClientCall,
  tried: Codec,
  inputOf: InputOf,
): Codec | undefined {
  const { codec } = route
  if (codec === tried || !route.shared?.includes(codec.name) || !replayable(call)) return undefined
  call.codec = codec.name
  call.input = inputOf(codec)
  return codec
}
