import { RpcError } from '@hawser/contract'

/** Ends a decode. The text never quotes the payload, because it may be logged. */
export function refuse(message: string, reason: 'bad_payload' | 'too_deep' = 'bad_payload'): never {
  throw new RpcError('invalid_argument', message, { reason })
}

const longestPath = 160

/**
 * Why a value cannot be encoded. Thrown where the trouble is and given its path on the way out, so that a value without
 * trouble pays nothing for it.
 */
export class Refusal {
  readonly #what: string
  readonly #reason: 'bad_payload' | 'too_deep'
  readonly #cause: unknown
  readonly #around = new Set<object>()
  #path = ''
  #cyclic = false

  constructor(what: string, reason: 'bad_payload' | 'too_deep' = 'bad_payload', cause?: unknown) {
    this.#what = what
    this.#reason = reason
    this.#cause = cause
  }

  /** The refusal for whatever was thrown under `key` of `container`: user code runs in getters and proxies. */
  static under(thrown: unknown, container: object, key: string | number): Refusal {
    const refusal = thrown instanceof Refusal ? thrown : new Refusal('cannot be read', 'bad_payload', thrown)
    if (refusal.#around.has(container)) refusal.#cyclic = true
    refusal.#around.add(container)
    const step =
      typeof key === 'number'
        ? `[${key}]`
        : /^[A-Za-z_$][\w$]*$/.test(key)
          ? `.${key}`
          : `[${JSON.stringify(key)}]`
    if (refusal.#path.length < longestPath) refusal.#path = step.slice(0, longestPath) + refusal.#path
    return refusal
  }

  /** The error for the user. */
  static error(thrown: unknown): RpcError {
    const refusal = thrown instanceof Refusal ? thrown : new Refusal('cannot be read', 'bad_payload', thrown)
    const where = refusal.#path.length < longestPath ? `value${refusal.#path}` : `value…${refusal.#path}`
    // A cycle is met as endless depth; seeing one container twice on the way out tells the two apart.
    const cyclic = refusal.#cyclic && refusal.#reason === 'too_deep'
    return new RpcError(
      'invalid_argument',
      cyclic ? `${where} is part of a cycle, which cannot be encoded` : `${where} ${refusal.#what}`,
      { reason: cyclic ? 'bad_payload' : refusal.#reason, executed: 'no', cause: refusal.#cause },
    )
  }
}
