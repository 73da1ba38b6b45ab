import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type AnyType, resolved } from '@hawser/schema'
import type { Test } from 'tap'
import type { LayoutName } from '../../src/index.js'

const python = '/usr/bin/python3'
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))

/** Why Apache Thrift's compiler and Python library cannot be used here; false where they can. */
export function noThrift(): string | false {
  try {
    execFileSync('thrift', ['--version'])
    execFileSync(python, ['-c', 'import thrift'], { stdio: 'ignore' })
    return false
  } catch {
    if (process.env.CI) throw new Error('thrift-compiler and python3-thrift are missing')
    return 'thrift-compiler and python3-thrift are not installed'
  }
}

/** Apache Thrift's Python library, with what its compiler makes of values.thrift. */
export class ThriftPeer {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor(t: Test) {
    const folder = t.testdir()
    execFileSync('thrift', ['--gen', 'py', '-out', folder, fixture('values.thrift')])
    this.#child = spawn(python, [fixture('thrift_peer.py'), folder], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
    t.teardown(() => this.#child.stdin!.end())
  }

  async write(layout: LayoutName, value: unknown): Promise<Uint8Array> {
    return Buffer.from((await this.#ask({ op: 'write', layout, value })) as string, 'hex')
  }

  read(layout: LayoutName, bytes: Uint8Array): Promise<unknown> {
    return this.#ask({ op: 'read', layout, hex: Buffer.from(bytes).toString('hex') })
  }

  async #ask(question: object): Promise<unknown> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('Python ended')
    return JSON.parse(value) as unknown
  }
}

/** A value as the peer and the vectors have it: JSON, with a form of its own for what JSON has none for. */
export function toJson(lazyType: AnyType, value: unknown): unknown {
  const type = resolved(lazyType)
  switch (type.kind) {
    case 'struct':
    case 'union':
    case 'exception': {
      const present = type.fields.filter(({ key }) => Object.hasOwn(value as object, key))
      return Object.fromEntries(
        present.map(({ key, type }) => [key, toJson(type, Reflect.get(value as object, key))]),
      )
    }
    case 'list':
      return (value as unknown[]).map((each) => toJson(type.element, each))
    case 'set':
      return { $set: [...(value as Set<unknown>)].map((each) => toJson(type.element, each)) }
    case 'map':
      return {
        $map: [...(value as Map<unknown, unknown>)].map(([key, of]) => [
          toJson(type.key, key),
          toJson(type.value, of),
        ]),
      }
    case 'i64':
      return { $long: String(value) }
    case 'double':
      return { $double: Object.is(value, -0) ? '-0.0' : String(value) }
    case 'bytes':
      return { $bytes: Buffer.from(value as Uint8Array).toString('hex') }
    default:
      return value
  }
}

/** The value that was written so. */
export function fromJson(lazyType: AnyType, written: unknown): unknown {
  const type = resolved(lazyType)
  const part = (key: string): never => Reflect.get(written as object, key) as never
  switch (type.kind) {
    case 'struct':
    case 'union':
    case 'exception': {
      const present = type.fields.filter(({ key }) => Object.hasOwn(written as object, key))
      const value = Object.fromEntries(present.map(({ key, type }) => [key, fromJson(type, part(key))]))
      return type.kind === 'exception' ? type.make(value) : value
    }
    case 'list':
      return (written as unknown[]).map((each) => fromJson(type.element, each))
    case 'set':
      return new Set((part('$set') as unknown[]).map((each) => fromJson(type.element, each)))
    case 'map': {
      const entries = part('$map') as [unknown, unknown][]
      return new Map(entries.map(([key, of]) => [fromJson(type.key, key), fromJson(type.value, of)]))
    }
    case 'i64':
      return BigInt(part('$long'))
    case 'double':
      return double(part('$double'))
    case 'bytes':
      return Uint8Array.from(Buffer.from(part('$bytes'), 'hex'))
    default:
      return written
  }
}

function double(text: string): number {
  return text === 'nan' ? Number.NaN : Number(text.replace('inf', 'Infinity'))
}
