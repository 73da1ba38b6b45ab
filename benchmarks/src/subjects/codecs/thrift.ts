import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Layout } from './layout.js'
import type { Order } from './order.js'

const require = createRequire(import.meta.url)

interface Protocol {
  readonly trans: unknown
}

interface Struct {
  read(protocol: Protocol): void
  write(protocol: Protocol): void
}

interface Thrift {
  readonly TBinaryProtocol: new (transport: unknown) => Protocol
  readonly TFramedTransport: new (buffer: Buffer) => unknown
  readonly TBufferedTransport: new (
    buffer: undefined,
    flushed: (message: Buffer) => void,
  ) => { flush(): void }
  readonly Int64: new (text: string) => unknown
}

/**
 * npm thrift with what Apache's compiler makes of order.thrift. The compiler is a program of its own (Debian: thrift-compiler);
 * its output is not kept.
 */
export function thrift(orders: readonly Order[]): Layout {
  const into = fileURLToPath(new URL('./generated', import.meta.url))
  mkdirSync(into, { recursive: true })
  // The source stands in src/, this runs in dist/.
  const source = fileURLToPath(new URL('../../../src/subjects/codecs/order.thrift', import.meta.url))
  execFileSync('thrift', ['--gen', 'js:node', '-out', into, source])
  const { Order: Generated } = load<{ Order: new (value?: object) => Struct }>(into)
  const { TBinaryProtocol, TFramedTransport, TBufferedTransport, Int64 } = require('thrift') as Thrift
  const long = (value: bigint) => new Int64(value.toString(16).padStart(16, '0'))
  const values = orders.map(
    (order) =>
      new Generated({
        ...order,
        id: long(order.id),
        createdAt: long(order.createdAt),
        updatedAt: long(order.updatedAt),
        token: Buffer.from(order.token),
      }),
  )
  let message: Buffer | undefined
  const out = new TBufferedTransport(undefined, (flushed) => {
    message = flushed
  })
  const writer = new TBinaryProtocol(out)
  return {
    encode(index) {
      values[index]!.write(writer)
      out.flush()
      return message!
    },
    decode(bytes) {
      const read = new Generated()
      read.read(new TBinaryProtocol(new TFramedTransport(bytes as Buffer)))
      return read
    },
  }
}

// What the compiler writes is CommonJS, and this package is not.
function load<T>(folder: string): T {
  const { writeFileSync } = require('node:fs') as typeof import('node:fs')
  writeFileSync(`${folder}/package.json`, '{ "type": "commonjs" }\n')
  return require(`${folder}/order_types.js`) as T
}
