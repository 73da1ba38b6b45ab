import { type Reply, type ReplySink, RpcError } from '@hawser/contract'

/** Takes the outcome of one request, whenever it comes. */
export class Answer implements ReplySink {
  /** What the request called the method. */
  readonly name: string
  readonly #answers: Answers
  next: Answer | undefined = undefined
  output: Uint8Array | undefined = undefined
  error: RpcError | undefined = undefined

  constructor(answers: Answers, name: string) {
    this.#answers = answers
    this.name = name
  }

  replied({ output, codec }: Reply): void {
    if (!(output instanceof Uint8Array)) throw notUnary()
    if (codec !== undefined && codec !== 'json') throw notJson(codec)
    this.output = output
    this.#answers.came(this)
  }

  failed(error: RpcError): void {
    this.error = error
    this.#answers.came(this)
  }
}

/** Where answers go. */
export interface AnswersOwner {
  /** Writes an answer that has come. */
  answer(answer: Answer): void
}

/** The answers of one connection, in the order of their requests: what comes early waits for what was asked for earlier. */
export class Answers {
  /** Of answers that wait for earlier ones. */
  heldBytes = 0
  /** Answers not yet written. */
  size = 0
  readonly #owner: AnswersOwner
  #first: Answer | undefined
  #last: Answer | undefined

  constructor(owner: AnswersOwner) {
    this.#owner = owner
  }

  /** A place behind all others. */
  add(name: string): Answer {
    const answer = new Answer(this, name)
    if (this.#last) this.#last.next = answer
    else this.#first = answer
    this.#last = answer
    this.size++
    return answer
  }

  /** For the answers. */
  came(answer: Answer): void {
    this.heldBytes += bytesOf(answer)
    if (answer !== this.#first) return
    let next: Answer | undefined = answer
    while (next && (next.output || next.error)) {
      const { next: following }: Answer = next
      this.#first = following
      if (!following) this.#last = undefined
      this.size--
      this.heldBytes -= bytesOf(next)
      this.#owner.answer(next)
      next = following
    }
  }
}

function bytesOf({ output }: Answer): number {
  return output ? output.length : 0
}

function notUnary(): RpcError {
  return new RpcError('unimplemented', 'This protocol has no place for items', {
    reason: 'wrong_kind',
    executed: 'yes',
  })
}

function notJson(codec: string): RpcError {
  return new RpcError('internal', `The answer came in the codec ${codec}`, {
    reason: 'no_codec',
    executed: 'yes',
  })
}
