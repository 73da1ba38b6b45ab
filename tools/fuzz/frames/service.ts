import { RpcError } from '@hawser/contract'
import { clientStream, duplex, oneway, serverStream, service, unary } from '@hawser/schema'
import type { Server } from '@hawser/server'

const most = 200

/** A method for each kind of call. */
export const Fuzzed = service('fuzz.Fuzzed', {
  echo: unary<unknown, unknown>(),
  fail: unary<unknown, never>(),
  /** Answers when the gate is opened. */
  wait: unary<unknown, string>(),
  note: oneway<unknown>(),
  count: serverStream<{ to: number }, number>(),
  sum: clientStream<number, number>(),
  twice: duplex<unknown, unknown>(),
})

/** What `wait` answers. */
export const waited = 'the gate was opened'

/** A call that waits at the gate. */
export interface Waiting {
  readonly connection: string | undefined
  /** Is there somebody who wants the answer? */
  readonly wanted: () => boolean
  open(): void
}

/** What goes on in the handlers. */
export interface Doings {
  /** The calls that wait, as they come. */
  readonly waiting: Waiting[]
  /** Handlers that read or write items and have not come to their end. */
  streaming: number
}

/** Adds the methods. */
export function implementFuzzed(server: Server): Doings {
  const doings: Doings = { waiting: [], streaming: 0 }
  server.implement(Fuzzed, {
    echo: (value, call) => {
      call.connection?.notify('fuzz.Echoed', value)
      return value
    },
    fail: (value) => {
      throw new RpcError('failed_precondition', 'As asked', { details: value })
    },
    wait: (_, call) =>
      new Promise((resolve) => {
        doings.waiting.push({
          connection: call.connection?.id,
          wanted: () => call.kind === 'unary' && call.cancelReason === undefined,
          open: () => resolve(waited),
        })
      }),
    note: () => {},
    *count({ to }) {
      doings.streaming++
      try {
        for (let number = 0; number < Math.min(to, most); number++) yield number
      } finally {
        doings.streaming--
      }
    },
    async sum(numbers) {
      let sum = 0
      for await (const number of counted(numbers)) sum += number
      return sum
    },
    twice: (values) => counted(values),
  })
  return doings

  async function* counted<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    doings.streaming++
    try {
      yield* items
    } finally {
      doings.streaming--
    }
  }
}
