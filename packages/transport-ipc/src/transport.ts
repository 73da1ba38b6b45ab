import { type Clock, type Limits, RpcError, systemClock, type Transport } from '@hawser/contract'
import { type Driver, DriverConnection } from '@hawser/wire'

/** How {@link ipc} can be told to be. */
export interface IpcOptions {
  readonly limits?: Limits | undefined
  readonly clock?: Clock | undefined
}

/** The transport for `ipc://` addresses. */
export function ipc(options: IpcOptions = {}): Transport {
  return {
    name: 'ipc',
    schemes: ['ipc'],
    features: { boundaries: 'stream', listens: true, crossesProcess: true, encrypts: false },
    async dial(address, { signal } = {}) {
      signal?.throwIfAborted()
      return connectionOver(await open(address), address, options)
    },
    async listen(address, _accept, { signal } = {}) {
      signal?.throwIfAborted()
      throw unimplemented(`listen on ${address}`)
    },
  }
}

/** Whatever carries the bytes: a socket, a port, a channel. */
type Carrier = unknown

async function open(address: string): Promise<Carrier> {
  throw unimplemented(`connect to ${address}`)
}

// What happens to the carrier is told to the connection, by its methods received(bytes), flushed() and ended(error).
function connectionOver(_carrier: Carrier, address: string, options: IpcOptions): DriverConnection {
  const { limits, clock = systemClock() } = options
  const driver: Driver = {
    queued: 0,
    write(_bytes) {},
    end() {},
    destroy() {},
    pause() {},
    resume() {},
  }
  return new DriverConnection(driver, { boundaries: 'stream', peer: { address }, limits, clock })
}

function unimplemented(what: string): RpcError {
  return new RpcError('unimplemented', `transport-ipc cannot ${what} yet`, { executed: 'no' })
}
