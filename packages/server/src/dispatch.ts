import { runInCall } from '@hawser/context'
import { type Call, type Codec, type Handler, type Log, type Reply, RpcError } from '@hawser/contract'
import { noMethod } from '@hawser/wire'
import { badArguments, failure } from './failure.js'
import { isItems, mapItems } from './items.js'
import type { Method, MethodTable } from './methods.js'
import { issuesText, type StandardSchema } from './standard-schema.js'

/** What dispatch works with. */
export interface DispatchOptions {
  readonly methods: MethodTable
  readonly codecs: ReadonlyMap<string, Codec>
  readonly log: Log
  /** Run handlers inside their calls? */
  readonly context: boolean
}

const nothing = new Uint8Array(0)
const emptyReply: Reply = Object.freeze({ output: nothing })

/** The innermost handler of a server: finds the method, turns bytes into values, runs it, turns values into bytes. */
export function dispatcher({ methods, codecs, log, context }: DispatchOptions): Handler {
  const dispatch: Handler = (call) => {
    const method = methods.get(call.method)
    if (!method) throw noMethod(call.method)
    if (call.probe) return emptyReply
    if (method.kind !== call.kind) checkKind(method, call)
    const codec = codecs.get(call.codec)
    if (!codec) throw noCodec(call.codec)
    return method.style === 'arguments'
      ? runArguments(method, call, codec, log)
      : runRequest(method, call, codec, log, context)
  }
  return context ? (call) => runInCall(call, dispatch, call) : dispatch
}

function runArguments(method: Method, call: Call, codec: Codec, log: Log): Reply | Promise<Reply> {
  let args = decode(codec, call.input as Uint8Array)
  if (args === undefined) args = []
  if (!Array.isArray(args)) throw badArguments(`The arguments of ${method.name} are no array`)
  if (method.options.input)
    return checked(method.options.input, args, call, codec, log, (args) =>
      apply(method, args as unknown[], call, codec, log),
    )
  return apply(method, args, call, codec, log)
}

function apply(method: Method, args: unknown[], call: Call, codec: Codec, log: Log): Reply | Promise<Reply> {
  try {
    return settle((method.handle as (...args: unknown[]) => unknown)(...args), call, codec, log)
  } catch (error) {
    throw failure(error, call, codec, log)
  }
}

function runRequest(
  method: Method,
  call: Call,
  codec: Codec,
  log: Log,
  context: boolean,
): Reply | Promise<Reply> {
  const { input: schema } = method.options
  if (!(call.input instanceof Uint8Array)) {
    const requests = mapItems(call.input, (item) => decode(codec, item))
    return handle(method, schema ? checkedItems(schema, requests) : requests, call, codec, log, context)
  }
  const request = decode(codec, call.input)
  return schema
    ? checked(schema, request, call, codec, log, (request) =>
        handle(method, request, call, codec, log, context),
      )
    : handle(method, request, call, codec, log, context)
}

function handle(
  method: Method,
  request: unknown,
  call: Call,
  codec: Codec,
  log: Log,
  context: boolean,
): Reply | Promise<Reply> {
  const handler = method.handle as (request: unknown, call: Call) => unknown
  try {
    const result = handler(request, call)
    if (method.kind !== 'server-stream' && method.kind !== 'duplex') return settle(result, call, codec, log)
    if (!isItems(result))
      throw new TypeError(`The handler of ${method.name} must return something to iterate`)
    const items = mapItems(
      result,
      (item) => encode(codec, item),
      (error) => failure(error, call, codec, log),
    )
    return { output: context ? inContext(items, call) : items }
  } catch (error) {
    throw failure(error, call, codec, log)
  }
}

// A generator runs in the context of whoever asks it for its next item.
function inContext(items: AsyncIterable<Uint8Array>, call: Call): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = items[Symbol.asyncIterator]()
      const next = () => iterator.next()
      const end = () => iterator.return!()
      return { next: () => runInCall(call, next), return: () => runInCall(call, end) }
    },
  }
}

function settle(result: unknown, call: Call, codec: Codec, log: Log): Reply | Promise<Reply> {
  // Most results are plain values, whose prototypes need not be searched for a `then`.
  if (typeof result !== 'object' || typeof (result as PromiseLike<unknown> | null)?.then !== 'function')
    return { output: encode(codec, result) }
  // What only looks like a promise may settle twice, throw, or return nothing from its `then`.
  const promise = result instanceof Promise ? result : Promise.resolve(result)
  return promise.then(
    (value) => {
      try {
        return { output: encode(codec, value) }
      } catch (error) {
        throw failure(error, call, codec, log)
      }
    },
    (error) => {
      throw failure(error, call, codec, log)
    },
  )
}

type Validated = Awaited<ReturnType<StandardSchema['~standard']['validate']>>

function checked(
  schema: StandardSchema,
  value: unknown,
  call: Call,
  codec: Codec,
  log: Log,
  run: (value: unknown) => Reply | Promise<Reply>,
): Reply | Promise<Reply> {
  const judge = (result: Validated): Reply | Promise<Reply> => {
    if (result.issues) throw badArguments(issuesText(result.issues))
    return run(result.value)
  }
  // A validator that throws is broken, rather than of an opinion; either way the handler has not run.
  const broke = (error: unknown): never => {
    throw failure(error, call, codec, log).with({ executed: 'no' })
  }
  let result: Validated | Promise<Validated>
  try {
    result = schema['~standard'].validate(value)
  } catch (error) {
    return broke(error)
  }
  return result instanceof Promise ? result.then(judge, broke) : judge(result)
}

async function* checkedItems(schema: StandardSchema, items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const item of items) {
    const result = await schema['~standard'].validate(item)
    if (result.issues) throw badArguments(issuesText(result.issues))
    yield result.value
  }
}

// A result that cannot travel is the handler's fault, whatever the codec says of arguments.
function encode(codec: Codec, value: unknown): Uint8Array {
  try {
    return codec.encode(value)
  } catch (error) {
    const { message, reason } = RpcError.from(error)
    throw new RpcError('internal', `The result cannot travel: ${message}`, { reason, cause: error })
  }
}

function decode(codec: Codec, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes)
  } catch (error) {
    throw RpcError.from(error, 'invalid_argument', { reason: 'bad_payload' }).with({ executed: 'no' })
  }
}

function checkKind(method: Method, call: Call): void {
  // Not waiting for an answer is the caller's choice.
  if (method.kind === 'unary' && call.kind === 'oneway') return
  throw new RpcError('unimplemented', `${method.name} is a ${method.kind} method, not ${call.kind}`, {
    reason: 'wrong_kind',
    executed: 'no',
  })
}

function noCodec(name: string): RpcError {
  return new RpcError('unimplemented', `There is no codec ${name} here`, {
    reason: 'no_codec',
    executed: 'no',
  })
}
