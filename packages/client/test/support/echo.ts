import { type Call, RpcError } from '@hawser/contract'
import { clientStream, duplex, oneway, serverStream, service, unary } from '@hawser/schema'
import type { ServiceHandlers } from '@hawser/server'

/** A value with everything that both codecs carry. */
export interface Parcel {
  readonly text: string
  readonly numbers: readonly number[]
  readonly nested?: { readonly deep: readonly (string | null)[] }
}

/** One method of every kind, and some that do not go well. */
export const Echo = service('test.Echo', {
  say: unary<Parcel, Parcel>(),
  tell: oneway<string>(),
  sum: clientStream<number, number>(),
  count: serverStream<{ to: number }, number>(),
  mirror: duplex<string, string>(),
  refuse: unary<{ why: string }, never>(),
  hang: unary<string, never>(),
  drip: serverStream<string, number>(),
})

/** What became of the calls that do not end by themselves. */
export interface EchoRecord {
  readonly told: string[]
  readonly started: Set<string>
  readonly cancelled: Map<string, Error>
  readonly closed: Set<string>
}

/** Handlers of {@link Echo}, and their record. */
export function echo(): {
  readonly handlers: ServiceHandlers<typeof Echo.methods>
  readonly record: EchoRecord
} {
  const record: EchoRecord = { told: [], started: new Set(), cancelled: new Map(), closed: new Set() }
  const cancelled = (name: string, call: Call) =>
    new Promise<never>((_, reject) => {
      record.started.add(name)
      call.signal.addEventListener('abort', () => {
        record.cancelled.set(name, call.signal.reason)
        reject(call.signal.reason)
      })
    })
  return {
    record,
    handlers: {
      say: (parcel) => parcel,
      tell: (text) => void record.told.push(text),
      async sum(numbers) {
        let sum = 0
        for await (const number of numbers) sum += number
        return sum
      },
      *count({ to }) {
        for (let number = 1; number <= to; number++) yield number
      },
      async *mirror(texts) {
        for await (const text of texts) yield text.toUpperCase()
      },
      refuse({ why }) {
        throw new RpcError('failed_precondition', why, { reason: 'denied', details: { why, at: [1, 2] } })
      },
      hang: (name, call) => cancelled(name, call),
      async *drip(name, call) {
        try {
          for (let number = 1; ; number++) {
            yield number
            if (number === 3) await cancelled(name, call)
          }
        } finally {
          record.closed.add(name)
        }
      },
    },
  }
}
