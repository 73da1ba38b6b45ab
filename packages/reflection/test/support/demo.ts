import {
  bool,
  bytes,
  clientStream,
  double,
  duplex,
  enumeration,
  exception,
  field,
  i32,
  i64,
  lazy,
  list,
  map,
  oneway,
  optional,
  type StructType,
  serverStream,
  service,
  set,
  signature,
  string,
  struct,
  tuple,
  unary,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import type { Server } from '@hawser/server'

export const Color = enumeration('demo.Color', { red: 1, green: 2 })
export const Item = struct('demo.Item', {
  id: field(1, i64),
  color: field(3, withDefault(Color, Color.values.red)),
  tags: field(4, optional(set(string))),
  key: field(9, optional(uuid)),
})
export const Gone = exception('demo.Gone', { id: field(1, i64) }, { code: 'not_found' })

interface Tree {
  value: number
  children: Tree[]
}
export const Tree: StructType<Tree> = struct('demo.Tree', {
  value: field(1, double),
  children: field(2, list(lazy(() => Tree))),
})
export const Shape = union('demo.Shape', { circle: field(1, double), pair: field(2, tuple([bool, Tree])) })

/** A service with a method of every kind. */
export const Shop = service('demo.Shop', {
  get: unary(i64, Item, { errors: { 1: Gone } }),
  put: unary(Item),
  total: clientStream(i32, i64),
  search: serverStream(string, Item),
  mirror: duplex(Shape, Shape),
  seen: oneway(map(i64, bytes)),
  plain: unary<string, string>(),
})

/** All that a server can have, but for topics. */
export function serveDemo(server: Server): void {
  server.rpc('/to_string', (n) => String(n), { signature: signature([i32], string) })
  server.rpc('/text', (text) => text, { signature: signature([string], string), safe: true })
  server.rpc('/join', (parts, by) => parts.join(by), {
    signature: signature([list(string), optional(string)], string, { errors: { 1: Gone } }),
  })
  server.rpc('/nothing', () => undefined, { signature: signature([]) })
  server.rpc('/untyped', (a: number, b: number) => a + b)
  server.implement(Shop, {
    get: (id) => {
      if (id === 0n) throw new Gone({ id })
      return { id }
    },
    put: () => undefined,
    async total() {
      return 0n
    },
    *search() {
      yield { id: 1n }
    },
    async *mirror(shapes) {
      yield* shapes
    },
    seen: () => undefined,
    plain: (text) => text,
  })
}
