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
    refusal.#add(key)
    return refusal
  }

  /** What was thrown under `key` of a container that is being received: a refusal with its path, or as it is. */
  static inside(thrown: unknown, key: string | number): unknown {
    if (thrown instanceof Refusal) thrown.#add(key)
    return thrown
  }

  #add(key: string | number): void {
    const step =
      typeof key === 'number' || /^\d/.test(key)
        ? `[${key}]`
        : /^[A-Za-z_$][\w$]*$/.test(key)
          ? `.${key}`
          : `[${JSON.stringify(key)}]`
    if (this.#path.length < longestPath) this.#path = step.slice(0, longestPath) + this.#path
  }

  /** The error for the user of a value that was to be encoded. */
  static error(thrown: unknown): RpcError {
    const refusal = thrown instanceof Refusal ? thrown : new Refusal('cannot be read', 'bad_payload', thrown)
    const where = refusal.#where
    // A cycle is met as endless depth; seeing one container twice on the way out tells the two apart.
    const cyclic = refusal.#cyclic && refusal.#reason === 'too_deep'
    return new RpcError(
      'invalid_argument',
      cyclic ? `${where} is part of a cycle, which cannot be encoded` : `${where} ${refusal.#what}`,
      { reason: cyclic ? 'bad_payload' : refusal.#reason, executed: 'no', cause: refusal.#cause },
    )
  }

  /** The error for the user of a value that was received. */
  received(): RpcError {
    return new RpcError('invalid_argument', `${this.#where} ${this.#what}`, { reason: this.#reason })
  }

  get #where(): string {
    return this.#path.length < longestPath ? `value${this.#path}` : `value…${this.#path}`
  }
}
