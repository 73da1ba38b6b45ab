import { RpcError } from '@hawser/contract'
import type { Test } from 'tap'

/** Checks that `action` throws the RpcError that codecs throw. */
export function throwsTyped(
  t: Test,
  action: () => unknown,
  reason: 'bad_payload' | 'too_deep',
  about: string,
): RpcError | undefined {
  try {
    action()
  } catch (error) {
    if (RpcError.is(error) && error.code === 'invalid_argument' && error.reason === reason) {
      t.pass(about)
      return error
    }
    t.fail(`${about}: threw something else`, { error })
    return undefined
  }
  t.fail(`${about}: did not throw`)
  return undefined
}
