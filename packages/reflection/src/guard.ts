import { type Call, RpcError } from '@hawser/contract'
import { type Runtime, TokenBucket } from '@hawser/wire'

const burst = 5
const perSecond = 1
const here = /^(?:ipc|memory|worker):/
const loopback = /^[a-z+]+:\/\/(?:127\.\d+\.\d+\.\d+|\[(?:::1|::ffff:127\.\d+\.\d+\.\d+)\])(?::|\/|$)/
// Whoever passes requests on for others is at this host more often than not.
const forwarded: readonly string[] = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip']

/** Lets few questions in, and those of this host only unless anyone may ask. */
export class Guard {
  readonly #runtime: Runtime
  readonly #anyone: boolean
  readonly #bucket: TokenBucket

  constructor(runtime: Runtime, anyone: boolean) {
    this.#runtime = runtime
    this.#anyone = anyone
    this.#bucket = new TokenBucket(burst, perSecond, runtime.clock.now())
  }

  /** @throws RpcError `permission_denied` or `resource_exhausted` */
  check(call: Call): void {
    if (!this.#anyone && !isLocal(call)) {
      this.#runtime.count('reflection_denied')
      throw new RpcError('permission_denied', 'Only peers of the same host may ask what is here', {
        reason: 'denied',
        executed: 'no',
      })
    }
    if (this.#bucket.take(this.#runtime.clock.now())) return
    this.#runtime.count('reflection_limited')
    throw new RpcError('resource_exhausted', 'What is here may be asked for once in a second', {
      reason: 'overloaded',
      executed: 'no',
      retryAfterMs: Math.ceil(this.#bucket.wait()),
    })
  }
}

function isLocal({ connection, headers }: Call): boolean {
  if (forwarded.some((header) => headers.has(header))) return false
  // Without a connection the call was made in this process.
  const address = connection?.info.address ?? 'memory:'
  return here.test(address) || loopback.test(address)
}
