import { type Codec, defaultLimits, type Limits, RpcError } from '@hawser/contract'
import type { Test } from 'tap'

/** What a codec can carry beyond what every codec can. Tests are skipped by these, and by nothing else. */
export interface CodecSupports {
  /** Does a Uint8Array arrive as one, or as base64 text? */
  readonly bytes: 'bytes' | 'base64'
  /** Integers of 64 bits. */
  readonly bigint: boolean
  readonly date: boolean
  /** NaN and the infinities. */
  readonly nonFinite: boolean
  /** Is -0 told apart from 0? */
  readonly negativeZero: boolean
}

/** What {@link codecSuite} needs. */
export interface CodecSuite {
  /** Where the tests go: the `t` of tap, or a subtest. */
  readonly test: Pick<Test, 'test'>
  /** A codec with these limits. */
  readonly create: (limits: Limits) => Codec
  readonly supports: CodecSupports
}

/** A codec with some limits changed. */
export function codecWith(suite: Pick<CodecSuite, 'create'>, changes: Partial<Limits> = {}): Codec {
  return suite.create({ ...defaultLimits, ...changes })
}

/** Checks that `action` throws the RpcError that codecs throw. */
export function throwsTyped(
  t: Test,
  action: () => unknown,
  reason: 'bad_payload' | 'too_deep' | 'either',
  about: string,
): RpcError | undefined {
  try {
    action()
  } catch (error) {
    if (!RpcError.is(error)) {
      t.fail(`${about}: threw something untyped`, { error })
      return undefined
    }
    t.equal(error.code, 'invalid_argument', `${about}: code`)
    const { reason: got } = error
    if (reason === 'either') t.ok(got === 'bad_payload' || got === 'too_deep', `${about}: reason ${got}`)
    else t.equal(got, reason, `${about}: reason`)
    return error
  }
  t.fail(`${about}: did not throw`)
  return undefined
}
