import { type Clock, type Connection, type DialLimitName, type PeerInfo, RpcError } from '@hawser/contract'
import { endOf, textRefused } from '../close-code.js'
import * as Status from '../status.js'
import { type NativeSocket, openState } from './native-socket.js'

/** What all connections of a transport share. */
export interface Surroundings {
  readonly clock: Clock
  readonly limits: Readonly<Record<DialLimitName, number>>
}

// The platform tells no event when its buffer has fallen, so while one holds more than its share it is asked.
const askMs = 4
// A sender that waits for such a tick has to leave enough behind to keep the network busy until then.
const platformBytes = 256 * 1024
// What one tick counts for at the most, however late it comes: a page that was asleep has not seen its peer stall. It is also
// how long a closed peer may take to close in turn.
const watchMs = 1_000
// A queue that was past this many times its kill size before a send is cut off even while it moves.
const overflowFactor = 4
// What a kept message costs besides its bytes.
const messageBytes = 64

/**
 * Makes an open socket a connection. Nothing is delivered until it is started. As there is no pausing a native WebSocket, what comes
 * meanwhile is kept, up to a limit.
 */
export function connectionOver(
  socket: NativeSocket,
  peer: PeerInfo,
  { clock, limits: { writeSoftBytes, writeKillBytes, writeStallMs } }: Surroundings,
): Connection {
  const leastMs = Math.min(watchMs, writeStallMs)
  // Each its own object, and cheap to take from the front.
  const kept = new Set<Uint8Array>()
  const waiters = new Set<() => void>()
  let keptBytes = 0
  let state: 'open' | 'closing' | 'ended' = 'open'
  let receive: ((bytes: Uint8Array) => void) | undefined
  let paused = false
  let delivering = false
  let end: { readonly reason: RpcError | undefined } | undefined
  let watch: unknown
  let watchedAt = 0
  let sent = 0
  let passed = 0
  let stalledMs = 0
  let resolveClosed!: (reason: RpcError | undefined) => void
  const closed = new Promise<RpcError | undefined>((resolve) => {
    resolveClosed = resolve
  })

  // The platform copies what it is given, so that memory is free again at once; what counts as queued is what it holds beyond its
  // share.
  const queued = () => (end || state === 'ended' ? 0 : Math.max(0, socket.bufferedAmount - platformBytes))

  const wake = () => {
    if (waiters.size === 0 || queued() >= writeSoftBytes) return
    for (const resolve of waiters) resolve()
    waiters.clear()
  }

  const finish = (reason?: RpcError) => {
    if (state === 'ended') return
    state = 'ended'
    socket.onmessage = socket.onclose = null
    clock.clear(watch)
    kept.clear()
    wake()
    resolveClosed(reason)
  }

  // Closing is the nearest to it that a page can do. The platform gives the peer some time to answer, unheard from here.
  const abort = (reason?: RpcError) => {
    finish(reason)
    socket.close(Status.normal)
  }

  const slow = (message: string) => abort(new RpcError('unavailable', message, { reason: 'slow_consumer' }))

  const unread = (left: number) => slow(`The peer does not read: ${left} bytes are queued`)

  // While closing, input is read to its end whatever the user asks for; before the start it is not read, and then dropped. What came
  // before the end is delivered before it.
  const deliver = () => {
    if (delivering) return
    delivering = true
    for (const bytes of kept) {
      if (state === 'open' && (!receive || paused)) break
      kept.delete(bytes)
      keptBytes -= bytes.length + messageBytes
      try {
        receive?.(bytes)
      } catch (error) {
        // A receiver that throws must cost its own connection only.
        abort(RpcError.from(error, 'internal', { reason: 'internal' }))
      }
    }
    delivering = false
    if (end && kept.size === 0) finish(end.reason)
  }

  const ended = (reason: RpcError | undefined) => {
    end ??= { reason }
    wake()
    deliver()
  }

  const progress = () => sent - queued()

  const ask = () => {
    watchedAt = clock.now()
    watch = clock.timer(queued() > 0 ? askMs : leastMs, () => {
      watch = undefined
      check(Math.min(clock.now() - watchedAt, watchMs))
    })
  }

  const check = (ms: number) => {
    const left = queued()
    wake()
    const now = progress()
    stalledMs = now === passed ? stalledMs + ms : 0
    passed = now
    // Everything is out, but the peer has not closed in turn for a whole interval: do not wait longer.
    if (left === 0 && state === 'closing' && stalledMs >= leastMs) abort()
    else if (left > 0 && (stalledMs >= writeStallMs || (stalledMs >= leastMs && left > writeKillBytes)))
      unread(left)
    else if (left > 0 || state === 'closing') ask()
  }

  const watchQueue = () => {
    if (watch !== undefined) return
    passed = progress()
    stalledMs = 0
    ask()
  }
  const connection: Connection = {
    boundaries: 'message',
    peer,
    closed,
    get queued() {
      return queued()
    },
    start(receiver) {
      if (receive) throw new TypeError('A connection can be started once')
      receive = receiver
      deliver()
    },
    send(bytes) {
      if (state !== 'open') return true
      sent += bytes.length
      if (socket.readyState === openState) socket.send(bytes)
      const left = queued()
      if (left - bytes.length > overflowFactor * writeKillBytes) unread(left)
      else if (left > 0) watchQueue()
      return queued() < writeSoftBytes
    },
    drained: ({ signal } = {}) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const drained = () => {
          signal?.removeEventListener('abort', aborted)
          resolve()
        }
        const aborted = () => {
          waiters.delete(drained)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', aborted)
        waiters.add(drained)
        wake()
      }),
    pause() {
      paused = true
    },
    resume() {
      paused = false
      deliver()
    },
    async close({ signal } = {}) {
      if (state === 'open') {
        state = 'closing'
        socket.close(Status.normal)
        deliver()
        watchQueue()
      }
      const aborted = () => abort(new RpcError('cancelled', 'Closing was cut short', { reason: 'closed' }))
      if (signal?.aborted) aborted()
      signal?.addEventListener('abort', aborted)
      await closed
      signal?.removeEventListener('abort', aborted)
    },
    abort,
    [Symbol.asyncDispose]: () => connection.close(),
  }

  socket.onmessage = ({ data }) => {
    if (!(data instanceof ArrayBuffer)) {
      socket.close(Status.textRefused)
      ended(textRefused())
      return
    }
    const bytes = new Uint8Array(data)
    kept.add(bytes)
    keptBytes += bytes.length + messageBytes
    deliver()
    if (keptBytes > writeKillBytes) slow('A pause took too long')
    // Where timers are slow, as in a page that nobody looks at.
    wake()
  }
  socket.onclose = ({ code, reason }) => ended(endOf(code, reason))
  return connection
}
