import { type Limits, RpcError } from '@hawser/contract'
import { badFrame, notInterned } from './frames.js'
import { utf8 } from './text.js'

/** A method as it is named on the wire: by index, and the first time by its name too. */
export interface MethodReference {
  readonly index: number
  /** The name's UTF-8, where it has to be sent along. */
  readonly name: Uint8Array | undefined
}

/** The method names this side has told the other: each is sent once per connection, and then as a number. */
export class SentMethods {
  readonly #indices = new Map<string, MethodReference>()
  // Calls come in runs of one method.
  #lastMethod: string | undefined
  #last: MethodReference | undefined
  readonly #limits: Limits

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /**
   * @param most names the other side remembers
   * @throws TypeError for a name that is empty, too long or not well-formed
   */
  refer(method: string, most: number): MethodReference {
    if (method === this.#lastMethod) return this.#last!
    const known = this.#indices.get(method)
    if (known) {
      this.#lastMethod = method
      this.#last = known
      return known
    }
    const name = nameBytes(method, this.#limits)
    if (this.#indices.size >= Math.min(most, this.#limits.internedMethods))
      return { index: notInterned, name }
    return { index: this.#indices.size, name }
  }

  /** The reference has been sent with its name: from now on its index is enough. */
  sent(method: string, { index }: MethodReference): void {
    if (index !== notInterned) this.#indices.set(method, { index, name: undefined })
  }
}

/** The method names the other side has told this one. */
export class ReceivedMethods {
  readonly #names: string[] = []
  readonly #limits: Limits

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** @throws RpcError `bad_frame` for an index that was never defined */
  resolve(index: number): string {
    const name = this.#names[index]
    if (name === undefined) throw badFrame(`Method ${index} was never named`)
    return name
  }

  /** @throws RpcError `bad_frame` for an index that is not the next one, or one too many */
  define(index: number, name: string): void {
    if (index === notInterned) return
    if (index !== this.#names.length) throw badFrame(`Method ${index} is not the next to be named`)
    if (index >= this.#limits.internedMethods) throw badFrame('Too many method names')
    this.#names.push(name)
  }
}

/**
 * A name as UTF-8.
 * @throws TypeError for one that is empty, too long or not well-formed
 */
export function nameBytes(name: string, limits: Limits): Uint8Array {
  if (!name.isWellFormed()) throw new TypeError('A name must be well-formed text')
  const bytes = utf8(name)
  if (bytes.length === 0 || bytes.length > limits.methodBytes)
    throw new TypeError(`A name takes from 1 to ${limits.methodBytes} bytes, not ${bytes.length}`)
  return bytes
}

/** What a call to a method fails with that is not there. */
export function noMethod(method: string): RpcError {
  return new RpcError('unimplemented', `There is no method ${method}`, {
    reason: 'no_method',
    executed: 'no',
  })
}
