import { createRequire } from 'node:module'

// The package brings no types. These are the parts that generated code and its users touch.

/** Writes and reads the parts of a message in one of Thrift's layouts. */
export interface Protocol {
  writeMessageBegin(name: string, type: number, seqid: number): void
  writeMessageEnd(): void
  writeStructBegin(name: string): void
  writeStructEnd(): void
  writeFieldBegin(name: string, type: number, id: number): void
  writeFieldEnd(): void
  writeFieldStop(): void
  writeString(text: string): void
  readMessageBegin(): { fname: string; mtype: number; rseqid: number }
  readMessageEnd(): void
  readStructBegin(): void
  readStructEnd(): void
  readFieldBegin(): { ftype: number; fid: number }
  readFieldEnd(): void
  readString(): string
  skip(type: number): void
  flush(): void
}

export type ProtocolClass = new (transport: object) => Protocol

interface Socket {
  on(event: string, listener: (value: never) => void): void
}

interface Options {
  readonly transport: object
  readonly protocol: ProtocolClass
}

interface Library {
  createServer(service: object, handler: object, options: Options): import('node:net').Server
  createConnection(host: string, port: number, options: Options): Socket
  createClient<T>(service: new (output: object, protocol: ProtocolClass) => T, connection: Socket): T
  readonly TFramedTransport: object
  readonly TBufferedTransport: object
  readonly TBinaryProtocol: ProtocolClass
  readonly TCompactProtocol: ProtocolClass
  readonly Thrift: {
    readonly Type: { readonly STOP: number; readonly STRING: number }
    readonly MessageType: { readonly CALL: number; readonly REPLY: number; readonly EXCEPTION: number }
  }
}

export const thrift: Library = createRequire(import.meta.url)('thrift') as Library

/** `compact-framed` and so on; '' for the library's own defaults. */
export function layout(variant: string): Options {
  const [protocol, transport] = (variant || 'binary-buffered').split('-')
  return {
    protocol: protocol === 'compact' ? thrift.TCompactProtocol : thrift.TBinaryProtocol,
    transport: transport === 'buffered' ? thrift.TBufferedTransport : thrift.TFramedTransport,
  }
}
