import { type Call, RpcError } from '@hawser/contract'
import {
  clientStream,
  double,
  duplex,
  enumeration,
  exception,
  field,
  type Infer,
  i32,
  i64,
  list,
  map,
  oneway,
  optional,
  serverStream,
  service,
  set,
  string,
  struct,
  unary,
  union,
  withDefault,
} from '@hawser/schema'
import type { ServiceHandlers } from '@hawser/server'

/** Numbers with names. */
export const Colour = enumeration('test.Colour', { black: 0, red: 1, green: 2 })

const Nested = struct('test.Nested', { deep: field(1, list(string)) })

const Extra = union('test.Extra', { count: field(1, i32), nested: field(2, Nested) })

/** A value with everything that schema and codecs carry between them; what is optional is what needs the schema. */
export const Parcel = struct('test.Parcel', {
  text: field(1, string),
  numbers: field(2, list(double)),
  nested: field(3, optional(Nested)),
  long: field(4, optional(i64)),
  names: field(5, optional(set(string))),
  byNumber: field(6, optional(map(i32, list(string)))),
  colour: field(7, optional(Colour)),
  extra: field(8, optional(Extra)),
})
export type Parcel = Infer<typeof Parcel>

/** An error of the service's own. */
export const Refused = exception(
  'test.Refused',
  { why: field(1, string), at: field(2, list(i32)) },
  { code: 'failed_precondition' },
)

const Upto = struct('test.Upto', { to: field(1, withDefault(i32, 3)) })
const Why = struct('test.Why', { why: field(1, string) })

/** One method of every kind, and some that do not go well. */
export const Echo = service('test.Echo', {
  say: unary(Parcel, Parcel),
  tell: oneway(string),
  sum: clientStream(double, double),
  count: serverStream(Upto, i32),
  mirror: duplex(string, string),
  refuse: unary(Why, undefined),
  object: unary(Why, undefined, { errors: { 1: Refused } }),
  hang: unary(string, undefined),
  drip: serverStream(string, i32),
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
      object({ why }) {
        throw new Refused({ why, at: [1, 2] })
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
