import {
  type Clock,
  type Dialer,
  dialAmounts,
  type Limits,
  limitsOf,
  systemClock,
  type TransportFeatures,
} from '@hawser/contract'
import { defaultSubprotocols } from '../subprotocol.js'
import { parseAddress } from './address.js'
import { dial } from './dial.js'
import type { NativeWebSocket } from './native-socket.js'

/** How {@link ws} can be told to be. Times are milliseconds. */
export interface WsOptions {
  readonly limits?: Limits | undefined
  readonly clock?: Clock | undefined
  /** Default `limits.connectMs`. */
  readonly connectTimeoutMs?: number | undefined
  /** Offered to the listener, which has to take one. Default `['hawser.1']`; none where the list is empty. */
  readonly subprotocols?: readonly string[] | undefined
  /** Default the platform's own, looked up when it is first needed. */
  readonly WebSocket?: NativeWebSocket | undefined
}

/** A transport that dials, and cannot listen. */
export interface WsDialer extends Dialer {
  readonly name: string
  readonly features: TransportFeatures
}

/** The dialing half of the transport for `ws://` and `wss://` addresses, over the platform's own WebSocket. */
export function ws(options: WsOptions = {}): WsDialer {
  const limits = options.limits ?? limitsOf(dialAmounts)
  const around = {
    limits,
    clock: options.clock ?? systemClock(),
    connectTimeoutMs: options.connectTimeoutMs ?? limits.connectMs,
    subprotocols: options.subprotocols ?? defaultSubprotocols,
  }
  return {
    name: 'ws',
    schemes: ['ws', 'wss'],
    features: { boundaries: 'message', listens: false, crossesProcess: true, encrypts: true },
    async dial(address, cancel = {}) {
      return dial(
        parseAddress(address),
        { ...around, WebSocket: options.WebSocket ?? platformWebSocket() },
        cancel,
      )
    },
  }
}

function platformWebSocket(): NativeWebSocket {
  const { WebSocket } = globalThis as { readonly WebSocket?: NativeWebSocket }
  if (!WebSocket) throw new TypeError('The platform has no WebSocket: give one as an option')
  return WebSocket
}
