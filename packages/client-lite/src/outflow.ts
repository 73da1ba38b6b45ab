import { initialCredit, itemOverhead } from './kind.js'

/** The sending end of a stream. */
export interface Outflow {
  /** The receiver takes so many bytes more; or what made it wait is over. */
  resume(granted?: number): void
  /** Nothing more is wanted: the source is closed, and what it does on its way out no longer matters. */
  stop(): void
}

/** What an outgoing stream needs of its call. */
export interface OutflowOwner {
  /** May an item be written now? When not, the stream is to be resumed once one may. */
  ready(): boolean
  /** @throws RpcError for an item that cannot be sent */
  item(bytes: Uint8Array): void
  ended(): void
  /** The source threw, or an item could not be sent. */
  broke(error: unknown): void
}

// Credit beyond this is as good as none: it only keeps the number exact.
const mostCredit = 2 ** 40

/** Takes items from a source one at a time, no faster than credit and write queue allow. */
export function outflow(items: AsyncIterable<Uint8Array>, owner: OutflowOwner): Outflow {
  const source = items[Symbol.asyncIterator]()
  let credit = initialCredit
  let done = false
  let pulling = false
  const stop = () => {
    if (done) return
    done = true
    source.return?.().then(undefined, () => {})
  }
  const pull = async () => {
    if (pulling) return
    pulling = true
    try {
      while (!done && credit > 0 && owner.ready()) {
        const result = await source.next()
        if (done) return
        if (result.done) {
          done = true
          owner.ended()
        } else {
          owner.item(result.value)
          credit -= result.value.length + itemOverhead
        }
      }
    } catch (error) {
      if (!done) owner.broke(error)
      stop()
    }
    pulling = false
  }
  return {
    resume(granted = 0) {
      credit = Math.min(mostCredit, credit + granted)
      void pull()
    },
    stop,
  }
}
