import { type Call, type Codec, type MethodInfo, type Reply, RpcError } from '@hawser/contract'
import type { Registration, Server } from '@hawser/server'
import { Guard } from './guard.js'
import { openApi } from './openapi.js'
import type { ReflectionOptions, ThreadUse } from './options.js'
import { readableMethod } from './readable.js'
import { type Schema, schemaOf } from './schema.js'

/** Where servers say what they have. */
export const reflectionPath = '/debug/reflection'
/** Where they say it as an OpenAPI document. */
export const openApiPath = '/debug/openapi'
/** Where they say which threads they have, and how busy those are. */
export const threadsPath = '/debug/threads'

/** What a server has: a readable signature for each name. */
export interface Reflection {
  readonly publish: Readonly<Record<string, string>>
  readonly rpc: Readonly<Record<string, string>>
  /** With the option `schema`. */
  readonly schema?: Schema | undefined
}

/**
 * Lets a server say what it has: its topics and its methods with their types, and nothing of how it is configured.
 * @returns what takes it back; nothing was registered where it is not enabled
 * @throws TypeError where the paths are taken, or no codec of the server carries values without a type
 */
export function reflect(server: Server, options: ReflectionOptions = {}): Registration {
  const { enabled = inDevelopment(), anyone = false, schema = false, openapi = false, threads } = options
  const { runtime, directory } = server
  if (!enabled) {
    runtime.log({
      level: 'info',
      event: 'reflection_off',
      message: 'Reflection is off: it is for development, unless it is enabled',
    })
    return none
  }
  const guard = new Guard(runtime, anyone)
  const register = (name: string, describe: () => unknown): Registration =>
    server.register({
      name,
      type: { kind: 'unary', untyped: true },
      style: 'arguments',
      parameters: 0,
      safe: true,
      prefers: 'json',
      handler(call) {
        guard.check(call)
        return answer(call, runtime.codecs, describe())
      },
    })
  const registered = [register(reflectionPath, () => reflectionOf(directory.all(), schema))]
  try {
    if (openapi)
      registered.push(register(openApiPath, () => openApi(directory.all(), openapi === true ? {} : openapi)))
    if (threads) registered.push(register(threadsPath, () => threads().map(threadUse)))
  } catch (error) {
    for (const each of registered) each.remove()
    throw error
  }
  const remove = (): void => {
    for (const each of registered) each.remove()
  }
  return { names: registered.flatMap(({ names }) => names), remove, [Symbol.dispose]: remove }
}

// No more than is said: whoever made it may have kept other things in it.
function threadUse({ name, pid, thread, busy }: ThreadUse): ThreadUse {
  return { name, pid, thread, busy }
}

const none: Registration = { names: [], remove() {}, [Symbol.dispose]() {} }

/** What these methods are, as {@link reflect} says it. */
export function reflectionOf(methods: Iterable<MethodInfo>, schema = false): Reflection {
  const all = [...methods].sort((a, b) => (a.name < b.name ? -1 : 1))
  const texts = (topics: boolean): Record<string, string> =>
    Object.fromEntries(
      all.filter(({ topic }) => topic === topics).map((info) => [info.name, readableMethod(info)]),
    )
  return { publish: texts(true), rpc: texts(false), ...(schema && { schema: schemaOf(all) }) }
}

const utf8 = new TextEncoder()

function answer(call: Call, codecs: ReadonlyMap<string, Codec>, value: unknown): Reply {
  const name = call.accepts ?? call.codec
  const codec = codecs.get(name)
  if (!codec || codec.needsType)
    throw new RpcError('unimplemented', `There is no codec ${name} for values without a type`, {
      reason: 'no_codec',
      executed: 'no',
    })
  // Indented, because it is people who ask in JSON.
  const output =
    codec.contentType === 'application/json'
      ? utf8.encode(`${JSON.stringify(value, undefined, 2)}\n`)
      : codec.encode(value)
  return { output, codec: name }
}

function inDevelopment(): boolean {
  const { process } = globalThis as { process?: { env?: { readonly NODE_ENV?: string } } }
  return process?.env?.NODE_ENV === 'development'
}
