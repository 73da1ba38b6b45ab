import { type CallKind, RpcError } from '@hawser/contract'
import { ClientCall, type Target } from './client-call.js'
import type { CallOptions } from './options.js'

/** Makes a call that is answered with one value. */
export function callForValue(
  target: Target,
  kind: CallKind,
  input: unknown,
  options: CallOptions,
  probe = false,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = new ClientCall(target, kind, input, options, probe, {
      replied(output) {
        try {
          resolve(call.answer(output as Uint8Array))
        } catch (error) {
          reject(error)
        }
      },
      failed: reject,
    })
    call.begin()
  })
}

/** Asks whether a method is there. */
export async function askFor(target: Target, options: CallOptions): Promise<boolean> {
  try {
    const asked = { ...target, encode: () => new Uint8Array(0) }
    await callForValue(asked, 'unary', undefined, { ...options, idempotent: true }, true)
    return true
  } catch (error) {
    if (!RpcError.is(error)) throw error
    const { code, reason } = error
    if (reason === 'no_method' || reason === 'wrong_kind' || code === 'unavailable') return false
    throw error
  }
}
