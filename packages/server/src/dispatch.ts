import { runInCall } from '@hawser/context'
import {
  type Call,
  type Codec,
  type Handler,
  type Log,
  type Reply,
  RpcError,
  type StandardResult,
  type StandardSchema,
} from '@hawser/contract'
import { type MethodCodecs, noMethod } from '@hawser/wire'
import { badArguments, failure } from './failure.js'
import { issuesText } from './issues.js'
import { isItems, mapItems } from './items.js'
import type { Method, MethodTable } from './methods.js'

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
  const run = (call: Call, method: Method, codec: Codec): Reply | Promise<Reply> => {
    const { accepts } = call
    if (accepts !== undefined && accepts !== call.codec) return convert(call, method, codec, accepts)
    const layouts = method.layout.of(codec)
    return method.style === 'arguments'
      ? runArguments(method, call, layouts, log)
      : runRequest(method, call, layouts, log, context)
  }
  // Arguments in one codec, result and errors in another.
  const convert = (call: Call, method: Method, codec: Codec, accepts: string): Reply | Promise<Reply> => {
    const answer = codecs.get(accepts)
    if (!answer || !method.layout.fits(answer)) throw noCodec(accepts)
    const layouts = { ...method.layout.of(answer), input: method.layout.of(codec).input }
    const reply =
      method.style === 'arguments'
        ? runArguments(method, call, layouts, log)
        : runRequest(method, call, layouts, log, context)
    return reply instanceof Promise
      ? reply.then((reply) => ({ ...reply, codec: accepts }))
      : { ...reply, codec: accepts }
  }
  return (call) => {
    const method = methods.get(call.method)
    if (!method) throw noMethod(call.method)
    if (call.probe) return emptyReply
    if (method.kind !== call.kind) checkKind(method, call)
    const codec = codecs.get(call.codec)
    if (!codec || !method.layout.fits(codec)) throw noCodec(call.codec)
    // Not inside its call, which it is given: following calls makes all that the process does dearer, once it has begun, and who only
    // publishes need not pay for it.
    if (method.raw) return (method.handle as unknown as Handler)(call)
    return context ? runInCall(call, run, call, method, codec) : run(call, method, codec)
  }
}

function runArguments(method: Method, call: Call, codecs: MethodCodecs, log: Log): Reply | Promise<Reply> {
  const input = call.input as Uint8Array
  // Nothing at all is no arguments, for types too.
  const typed = method.type.input !== undefined && input.length === 0
  let args = decode(codecs.input, typed ? codecs.input.encode([]) : input)
  if (args === undefined) args = []
  if (!Array.isArray(args))
    throw badArguments(`The arguments of ${method.name} are no array: send [1], not 1`)
  if (method.input)
    return checked(method.input, args, method, call, codecs, log, (args) =>
      apply(method, args as unknown[], call, codecs, log),
    )
  return apply(method, args, call, codecs, log)
}

function apply(
  method: Method,
  args: unknown[],
  call: Call,
  codecs: MethodCodecs,
  log: Log,
): Reply | Promise<Reply> {
  try {
    return settle((method.handle as (...args: unknown[]) => unknown)(...args), method, call, codecs, log)
  } catch (error) {
    throw failure(error, call, codecs, log, method.errors)
  }
}

function runRequest(
  method: Method,
  call: Call,
  codecs: MethodCodecs,
  log: Log,
  context: boolean,
): Reply | Promise<Reply> {
  const { input: schema } = method
  if (!(call.input instanceof Uint8Array)) {
    const requests = mapItems(call.input, (item) => decode(codecs.input, item))
    return handle(method, schema ? checkedItems(schema, requests) : requests, call, codecs, log, context)
  }
  const request = decode(codecs.input, call.input)
  return schema
    ? checked(schema, request, method, call, codecs, log, (request) =>
        handle(method, request, call, codecs, log, context),
      )
    : handle(method, request, call, codecs, log, context)
}

function handle(
  method: Method,
  request: unknown,
  call: Call,
  codecs: MethodCodecs,
  log: Log,
  context: boolean,
): Reply | Promise<Reply> {
  const handler = method.handle as (request: unknown, call: Call) => unknown
  const { output } = codecs
  try {
    const result = handler(request, call)
    if (method.kind !== 'server-stream' && method.kind !== 'duplex')
      return settle(result, method, call, codecs, log)
    if (!isItems(result))
      throw new TypeError(`The handler of ${method.name} must return something to iterate`)
    const items = mapItems(
      method.output ? judgedItems(method.output, result) : result,
      (item) => encode(output, item),
      (error) => failure(error, call, codecs, log, method.errors),
    )
    return { output: context ? inContext(items, call) : items }
  } catch (error) {
    throw failure(error, call, codecs, log, method.errors)
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

function settle(
  result: unknown,
  method: Method,
  call: Call,
  codecs: MethodCodecs,
  log: Log,
): Reply | Promise<Reply> {
  // Most results are plain values, whose prototypes need not be searched for a `then`.
  if (
    !method.output &&
    (typeof result !== 'object' || typeof (result as PromiseLike<unknown> | null)?.then !== 'function')
  )
    return { output: encode(codecs.output, result) }
  // What only looks like a promise may settle twice, throw, or return nothing from its `then`.
  const promise = result instanceof Promise ? result : Promise.resolve(result)
  const { output: schema } = method
  return (schema ? promise.then((value) => judged(schema, value)) : promise).then(
    (value) => {
      try {
        return { output: encode(codecs.output, value) }
      } catch (error) {
        throw failure(error, call, codecs, log)
      }
    },
    (error) => {
      throw failure(error, call, codecs, log, method.errors)
    },
  )
}

type Validated = StandardResult<unknown>

function checked(
  schema: StandardSchema,
  value: unknown,
  method: Method,
  call: Call,
  codecs: MethodCodecs,
  log: Log,
  run: (value: unknown) => Reply | Promise<Reply>,
): Reply | Promise<Reply> {
  const judge = (result: Validated): Reply | Promise<Reply> => {
    if (result.issues) throw badArguments(issuesText(result.issues))
    return run(result.value)
  }
  // A validator that throws is broken, rather than of an opinion; either way the handler has not run.
  const broke = (error: unknown): never => {
    throw failure(error, call, codecs, log, method.errors).with({ executed: 'no' })
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

// A result that its own method's description refuses is the handler's fault.
async function judged(schema: StandardSchema, value: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(value)
  if (!result.issues) return result.value
  throw new RpcError('internal', `The result is not as declared: ${issuesText(result.issues)}`, {
    reason: 'bad_payload',
  })
}

async function* judgedItems(
  schema: StandardSchema,
  items: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<unknown> {
  for await (const item of items) yield await judged(schema, item)
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
  return new RpcError('unimplemented', `There is no codec ${name} for this method`, {
    reason: 'no_codec',
    executed: 'no',
  })
}
