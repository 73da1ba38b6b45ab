import { type Cancel, type Connection, RpcError } from '@hawser/contract'
import { PortDriver, type Surroundings } from './driver.js'
import { requestOver } from './message.js'
import { closePort, createChannel, type PortLike, watch } from './port.js'

/** What a dialer needs to know. */
export interface DialOptions extends Surroundings {
  readonly connectTimeoutMs: number
}

/** Told how to give a dial up whose thread is gone. */
export type Pending = Set<(why: string) => void>

/** Makes a connection by sending one end of a new channel through the port, or fails and leaves nothing behind. */
export function dial(
  address: string,
  port: PortLike,
  options: DialOptions,
  pending: Pending,
  { signal }: Cancel,
): Promise<Connection> {
  const { clock, connectTimeoutMs } = options
  return new Promise((resolve, reject) => {
    const { port1, port2 } = createChannel()
    const unwatch = watch(port1, {
      message: (value) => {
        if (value !== 'open') {
          giveUp(value === 'refuse' ? 'nobody listens there' : 'it answers in an unknown way')
          return
        }
        settle()
        resolve(new PortDriver(port1, { address, host: address }, options).connection)
      },
      unreadable: () => giveUp('it answers in an unknown way'),
      gone: () => giveUp('the thread has ended, or closed the port'),
    })
    const timer = clock.timer(connectTimeoutMs, () => giveUp(`no answer within ${connectTimeoutMs} ms`))
    function settle(): void {
      clock.clear(timer)
      pending.delete(giveUp)
      signal?.removeEventListener('abort', aborted)
      unwatch()
    }
    function fail(error: unknown): void {
      settle()
      port1.postMessage('abort', [])
      closePort(port1)
      reject(error)
    }
    const giveUp = (why: string) => fail(unreachable(address, why))
    const aborted = () => fail(signal?.reason)
    pending.add(giveUp)
    signal?.addEventListener('abort', aborted, { once: true })
    try {
      port.postMessage(requestOver(port2), [port2])
    } catch (cause) {
      fail(unreachable(address, 'the port takes no messages', cause))
    }
  })
}

/** Why no connection could be made. A thread of that name may come, or listen, later. */
export function unreachable(address: string, why: string, cause?: unknown): RpcError {
  return new RpcError('unavailable', `Cannot connect to ${address}: ${why}`, {
    reason: 'unreachable',
    executed: 'no',
    retryable: true,
    cause,
  })
}
