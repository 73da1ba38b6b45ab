import type { MethodType, ServiceType } from '@hawser/contract'
import {
  type AnyType,
  clientStream,
  duplex,
  type EnumerationType,
  enumeration,
  type Field,
  lazy,
  type StructType,
  serverStream,
  service,
  unary,
} from '@hawser/schema'
import protobufjs from 'protobufjs'
import { closed, message } from '../hints.js'
import { descriptor } from './descriptor.js'
import { fieldOf, isSynthetic } from './fields.js'
import { failure, type ParseOptions, Sources } from './sources.js'

/** What a .proto says. Values of its types are known to the compiler as objects only; `generate` writes down what they are. */
export interface Definitions {
  /** Messages by their full names, those of imported files too: `shop.Item`. */
  readonly types: Readonly<Record<string, StructType<MessageValue>>>
  /** Enumerations likewise: `shop.Item.Size`. */
  readonly enumerations: Readonly<Record<string, EnumerationType>>
  /** Services by their full names. */
  readonly services: Readonly<Record<string, ServiceType<Record<string, MethodType>>>>
}

/** The value of a message whose type is known at run time only. */
export type MessageValue = Record<string, unknown>

/**
 * The types and services of a .proto: proto2, proto3 or an edition. Give it only what you trust as you trust your code: never
 * what a peer sends.
 * @throws TypeError for a source that is none, is too large, or imports what it may not
 */
export function parse(source: string, options: ParseOptions = {}): Definitions {
  const { name = 'input.proto' } = options
  return definitionsOf([{ name, source }], options)
}

/** What several sources say that may import each other. Throws TypeError. */
export function definitionsOf(
  files: readonly { readonly name: string; readonly source: string }[],
  options: ParseOptions,
): Definitions {
  const sources = new Sources(options)
  for (const { name, source } of files) sources.add(name, source)
  try {
    sources.resolve()
    return new Builder(sources, options.keepCase === true).definitions()
  } catch (error) {
    throw failure(files.map(({ name }) => name).join(', '), error)
  }
}

const deepest = 32

class Builder {
  readonly #sources: Sources
  readonly #keepCase: boolean
  readonly #types = new Map<string, StructType<MessageValue>>()
  readonly #enumerations = new Map<string, EnumerationType>()
  readonly #services = new Map<string, ServiceType>()
  readonly #begun = new Set<string>()
  #depth = 0

  constructor(sources: Sources, keepCase: boolean) {
    this.#sources = sources
    this.#keepCase = keepCase
  }

  definitions(): Definitions {
    this.#all(this.#sources.root)
    // Not by assignment: a name may be __proto__.
    return {
      types: Object.freeze(Object.fromEntries(this.#types)),
      enumerations: Object.freeze(Object.fromEntries(this.#enumerations)),
      services: Object.freeze(Object.fromEntries(this.#services)),
    }
  }

  #all(namespace: protobufjs.NamespaceBase): void {
    for (const each of namespace.nestedArray) {
      // The options of declarations are no values that travel.
      if (each.filename === descriptor.path) continue
      if (each instanceof protobufjs.Type || each instanceof protobufjs.Enum) this.#type(each)
      if (each instanceof protobufjs.Service) this.#service(each)
      else if (each instanceof protobufjs.Namespace || each instanceof protobufjs.Type) this.#all(each)
    }
  }

  #type(of: protobufjs.Type | protobufjs.Enum): AnyType {
    const name = nameOf(of)
    if (of instanceof protobufjs.Enum) {
      const type = this.#enumerations.get(name) ?? enumerationOf(name, of)
      this.#enumerations.set(name, type)
      return type
    }
    const known = this.#types.get(name)
    if (known) return known
    // Types that hold themselves, and long chains of types: all of them are come to in the end.
    if (this.#begun.has(name) || this.#depth >= deepest) return lazy(() => this.#types.get(name)!)
    this.#begun.add(name)
    this.#depth++
    const type = this.#message(name, of)
    this.#depth--
    this.#types.set(name, type)
    return type
  }

  #message(name: string, of: protobufjs.Type): StructType<MessageValue> {
    const scope = {
      exact: this.#sources.exact,
      typeOf: (each: protobufjs.Type | protobufjs.Enum) => this.#type(each),
    }
    const keys = new Map<protobufjs.Field, string>()
    const fields = new Map<string, Field>()
    for (const each of of.fieldsArray) {
      // An extension of the message, which counts as unknown.
      if (each.declaringField) continue
      const key = this.#keyOf(each)
      if (fields.has(key)) throw new TypeError(`${name} has two fields whose JSON name is ${key}`)
      keys.set(each, key)
      fields.set(key, fieldOf(each, scope))
    }
    const oneofs = of.oneofsArray
      .filter((each) => !isSynthetic(each))
      .map(({ fieldsArray }) => fieldsArray.map((each) => keys.get(each)!))
    return message(name, Object.fromEntries(fields), { oneofs })
  }

  #keyOf({ name, protoName = name, jsonName = name }: protobufjs.Field): string {
    if (this.#keepCase) return protoName
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(jsonName) ? jsonName : name
  }

  #service(of: protobufjs.Service): void {
    const name = nameOf(of)
    const methods = of.methodsArray.map((each): [string, MethodType] => {
      each.resolve()
      const input = this.#type(each.resolvedRequestType!)
      const output = this.#type(each.resolvedResponseType!)
      return [each.name, methodOf(each.requestStream === true, each.responseStream === true, input, output)]
    })
    this.#services.set(name, service(name, Object.fromEntries(methods)))
  }
}

function nameOf({ fullName }: protobufjs.ReflectionObject): string {
  return fullName.slice(1)
}

function enumerationOf(name: string, of: protobufjs.Enum): EnumerationType {
  const type = enumeration(name, of.values)
  const { _features } = of as { _features?: Readonly<Record<string, unknown>> }
  return _features?.enum_type === 'CLOSED' ? closed(type) : type
}

function methodOf(takesMany: boolean, givesMany: boolean, input: AnyType, output: AnyType): MethodType {
  if (takesMany) return givesMany ? duplex(input, output) : clientStream(input, output)
  return givesMany ? serverStream(input, output) : unary(input, output)
}
