/** A way between a hub and one member: it carries messages in order, or it is closed. */
export interface RelayChannel {
  /** Sends bytes, which are not used afterwards. What cannot be sent closes the channel; it does not throw. */
  post(bytes: Uint8Array): void
  /**
   * Begins.
   * @param receive what came: bytes, as a rule; anything else is no message of a relay
   * @param closed the other side is gone, once
   */
  start(receive: (message: unknown) => void, closed: () => void): void
  /** Listens no more. */
  stop(): void
}

type Listener = (message: unknown) => void

interface Emitter {
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
}

/** A `MessagePort` of `node:worker_threads`, a `Worker` of it, or its `parentPort`. */
export interface PortLike extends Emitter {
  postMessage(message: unknown): void
}

/** A child process with an IPC channel, a `Worker` of `node:cluster`, or in a child its `process`. */
export interface ProcessLike extends Emitter {
  send?(
    message: unknown,
    handle?: undefined,
    options?: undefined,
    callback?: (error: Error | null) => void,
  ): boolean
}

const tag = 'hawser.relay'

/** A relay's way through a message port, or to a worker thread. Other messages may share it. */
export function portChannel(port: PortLike): RelayChannel {
  return new EmitterChannel(port, ['close', 'exit'], (bytes, failed) => {
    try {
      port.postMessage({ [tag]: bytes })
    } catch {
      failed()
    }
  })
}

/** How processes speak. */
export interface ProcessChannelOptions {
  /** How the process was started: `serialization` of `fork`. Default `json`, for which bytes travel as text. */
  readonly serialization?: 'json' | 'advanced' | undefined
}

/** A relay's way through the IPC channel of a process. Other messages may share it. */
export function processChannel(target: ProcessLike, options: ProcessChannelOptions = {}): RelayChannel {
  const { serialization = 'json' } = options
  return new EmitterChannel(target, ['disconnect', 'exit'], (bytes, failed) => {
    if (!target.send) {
      failed()
      return
    }
    try {
      const content = serialization === 'json' ? textOf(bytes) : bytes
      // With a callback, a channel that is closed is told to it, rather than as an event that nobody may listen to.
      target.send({ [tag]: content }, undefined, undefined, (error) => {
        if (error) failed()
      })
    } catch {
      failed()
    }
  })
}

class EmitterChannel implements RelayChannel {
  readonly #emitter: Emitter
  readonly #endings: readonly string[]
  readonly #post: (bytes: Uint8Array, failed: () => void) => void
  #received: Listener | undefined
  #closed: (() => void) | undefined
  readonly #failed = (): void => {
    const closed = this.#closed
    this.stop()
    closed?.()
  }

  constructor(
    emitter: Emitter,
    endings: readonly string[],
    post: (bytes: Uint8Array, failed: () => void) => void,
  ) {
    this.#emitter = emitter
    this.#endings = endings
    this.#post = post
  }

  post(bytes: Uint8Array): void {
    if (this.#closed) this.#post(bytes, this.#failed)
  }

  start(receive: (message: unknown) => void, closed: () => void): void {
    this.#closed = closed
    this.#received = (message: unknown) => {
      if (typeof message !== 'object' || message === null || !Object.hasOwn(message, tag)) return
      const content: unknown = Reflect.get(message, tag)
      receive(typeof content === 'string' ? bytesOf(content) : content)
    }
    this.#emitter.on('message', this.#received)
    for (const event of this.#endings) this.#emitter.on(event, this.#failed)
  }

  stop(): void {
    this.#closed = undefined
    if (this.#received) this.#emitter.off('message', this.#received)
    this.#received = undefined
    for (const event of this.#endings) this.#emitter.off(event, this.#failed)
  }
}

// JSON carries a character of Latin-1 in one or two bytes, but control characters in six: base64 is the same for all.
function textOf(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return base64.btoa(text)
}

function bytesOf(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(base64.atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

const base64 = globalThis as unknown as { btoa(text: string): string; atob(text: string): string }
