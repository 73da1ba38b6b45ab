import { type Protocol, type ProtocolClass, thrift } from './library.js'

// What the compiler makes of `service Echo { string echo(1: string text) }`, written by hand in the same shape: the
// compiler is no npm package.

const { Type, MessageType } = thrift.Thrift

type Settle = (error: Error | null, text?: string) => void

function writeStruct(output: Protocol, name: string, field: string, id: number, text: string): void {
  output.writeStructBegin(name)
  output.writeFieldBegin(field, Type.STRING, id)
  output.writeString(text)
  output.writeFieldEnd()
  output.writeFieldStop()
  output.writeStructEnd()
}

function readStruct(input: Protocol, id: number): string | undefined {
  let text: string | undefined
  input.readStructBegin()
  while (true) {
    const { ftype, fid } = input.readFieldBegin()
    if (ftype === Type.STOP) break
    if (fid === id && ftype === Type.STRING) text = input.readString()
    else input.skip(ftype)
    input.readFieldEnd()
  }
  input.readStructEnd()
  return text
}

/** The generated client. */
export class Client {
  // The library finds pending calls and receivers by these names.
  readonly _reqs: Record<number, Settle> = {}
  readonly #output: object
  readonly #protocol: ProtocolClass
  #seqid = 0

  constructor(output: object, protocol: ProtocolClass) {
    this.#output = output
    this.#protocol = protocol
  }

  echo(text: string): Promise<string> {
    const seqid = ++this.#seqid
    return new Promise((resolve, reject) => {
      this._reqs[seqid] = (error, result) => (error ? reject(error) : resolve(result!))
      const output = new this.#protocol(this.#output)
      output.writeMessageBegin('echo', MessageType.CALL, seqid)
      writeStruct(output, 'Echo_echo_args', 'text', 1, text)
      output.writeMessageEnd()
      output.flush()
    })
  }

  recv_echo(input: Protocol, type: number, seqid: number): void {
    const settle = this._reqs[seqid]!
    delete this._reqs[seqid]
    if (type === MessageType.EXCEPTION) {
      settle(new Error('the server answered with an exception'))
      return
    }
    const text = readStruct(input, 0)
    input.readMessageEnd()
    settle(text === undefined ? new Error('echo failed: unknown result') : null, text)
  }
}

/** The generated processor. */
export class Processor {
  readonly #handler: { echo(text: string): string | Promise<string> }

  constructor(handler: { echo(text: string): string | Promise<string> }) {
    this.#handler = handler
  }

  process(input: Protocol, output: Protocol): void {
    const { fname, rseqid } = input.readMessageBegin()
    if (fname !== 'echo') throw new Error(`Unknown function ${fname}`)
    const text = readStruct(input, 1)!
    input.readMessageEnd()
    void Promise.resolve(this.#handler.echo(text)).then((result) => {
      output.writeMessageBegin('echo', MessageType.REPLY, rseqid)
      writeStruct(output, 'Echo_echo_result', 'success', 0, result)
      output.writeMessageEnd()
      output.flush()
    })
  }
}
