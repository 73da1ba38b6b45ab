import type { Socket } from 'node:net'
import { Packr, RESERVE_START_SPACE, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from 'msgpackr'

// length of the rest (4), id (4), method number in a request and 0 in a reply (1), then one msgpack value
const headerBytes = 9

const blockBytes = 64 * 1024
const largeBytes = 2 * 1024

// encode leaves its result in msgpackr's own buffer, and the next result overwrites it
const inPlace = RESERVE_START_SPACE + headerBytes + REUSE_BUFFER_MODE + RESET_BUFFER_MODE

const packr = new Packr({ useRecords: false })

interface Reused extends Buffer {
  start: number
  end: number
}

/** When the frames of a tick are written, and how. */
export interface Flushing {
  readonly when: 'microtask' | 'tick' | 'immediate'
  readonly how: 'concat' | 'cork' | 'copy' | 'mixed'
}

/** What is compared; `bench -- variants` measures all twelve. */
const standard: Flushing = { when: 'tick', how: 'copy' }

/** `tick-concat` and so on; '' for the standard one. */
export function flushing(variant: string): Flushing {
  if (variant === '') return standard
  const [when, how] = variant.split('-')
  return { when, how } as Flushing
}

const schedulers: Record<Flushing['when'], (callback: () => void) => void> = {
  microtask: queueMicrotask,
  tick: process.nextTick,
  immediate: setImmediate,
}

/** Writes frames to a socket, those of one tick in one write. */
export abstract class FrameWriter {
  protected readonly socket: Socket
  readonly #schedule: (callback: () => void) => void
  readonly #flush = (): void => {
    this.#scheduled = false
    this.flush()
  }
  #scheduled = false

  constructor(socket: Socket, when: Flushing['when']) {
    this.socket = socket
    this.#schedule = schedulers[when]
  }

  write(id: number, method: number, value: unknown): void {
    if (!this.#scheduled) {
      this.#scheduled = true
      this.begin()
      this.#schedule(this.#flush)
    }
    this.add(id, method, value)
  }

  protected begin(): void {}
  protected abstract add(id: number, method: number, value: unknown): void
  protected abstract flush(): void
}

function frameOf(id: number, method: number, value: unknown): Buffer {
  const frame = packr.encode(value, RESERVE_START_SPACE + headerBytes)
  frame.writeUInt32BE(frame.length - 4, 0)
  frame.writeUInt32BE(id, 4)
  frame[8] = method
  return frame
}

class ConcatWriter extends FrameWriter {
  #frames: Buffer[] = []
  #bytes = 0

  protected add(id: number, method: number, value: unknown): void {
    const frame = frameOf(id, method, value)
    this.#frames.push(frame)
    this.#bytes += frame.length
  }

  protected flush(): void {
    const frames = this.#frames
    this.socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames, this.#bytes))
    this.#frames = []
    this.#bytes = 0
  }
}

class CorkWriter extends FrameWriter {
  protected override begin(): void {
    this.socket.cork()
  }

  protected add(id: number, method: number, value: unknown): void {
    this.socket.write(frameOf(id, method, value))
  }

  protected flush(): void {
    this.socket.uncork()
  }
}

/** Copies each frame behind the last one: no object per frame, one buffer per 64 KiB. */
class CopyWriter extends FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(blockBytes)
  #start = 0
  #end = 0

  protected add(id: number, method: number, value: unknown): void {
    const source = packr.encode(value, inPlace) as Reused
    const length = source.end - source.start
    if (this.#end + length > this.#buffer.length) this.#renew(length)
    const at = this.#end
    const buffer = this.#buffer
    source.copy(buffer, at + headerBytes, source.start + headerBytes, source.end)
    buffer.writeUInt32BE(length - 4, at)
    buffer.writeUInt32BE(id, at + 4)
    buffer[at + 8] = method
    this.#end = at + length
  }

  protected flush(): void {
    this.#write()
  }

  #write(): void {
    if (this.#end === this.#start) return
    this.socket.write(this.#buffer.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  #renew(length: number): void {
    this.#write()
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(blockBytes, length))
    this.#start = this.#end = 0
  }
}

/** Copies small frames, as above, and writes large ones by themselves, all in the same system call. */
class MixedWriter extends CopyWriter {
  protected override begin(): void {
    this.socket.cork()
  }

  protected override add(id: number, method: number, value: unknown): void {
    if (typeof value === 'string' && value.length < largeBytes) super.add(id, method, value)
    else {
      super.flush()
      this.socket.write(frameOf(id, method, value))
    }
  }

  protected override flush(): void {
    super.flush()
    this.socket.uncork()
  }
}

export function frameWriter(socket: Socket, { when, how }: Flushing): FrameWriter {
  return new writers[how](socket, when)
}

const writers = { concat: ConcatWriter, cork: CorkWriter, copy: CopyWriter, mixed: MixedWriter }

/** Cuts what a socket delivers into frames, and hands each over as it is complete. */
export function readFrames(
  socket: Socket,
  receive: (id: number, method: number, value: unknown) => void,
): void {
  let partial: Buffer | undefined

  /** Delivers the whole frames, and returns how far they reach. */
  function deliver(bytes: Buffer, from: number): number {
    let start = from
    while (bytes.length - start >= headerBytes) {
      const end = start + 4 + bytes.readUInt32BE(start)
      if (end > bytes.length) break
      const value = packr.decode(bytes, { start: start + headerBytes, end })
      receive(bytes.readUInt32BE(start + 4), bytes[start + 8]!, value)
      start = end
    }
    return start
  }

  /** Adds to the partial frame what belongs to it; to join it with all of the chunk would copy 64 KiB each time. */
  function complete(begun: Buffer, chunk: Buffer): number {
    const missing = begun.length < 4 ? headerBytes : 4 + begun.readUInt32BE(0) - begun.length
    const taken = Math.min(missing, chunk.length)
    const joined = Buffer.concat([begun, chunk.subarray(0, taken)])
    const delivered = deliver(joined, 0)
    partial = delivered < joined.length ? joined.subarray(delivered) : undefined
    return taken
  }

  socket.on('data', (chunk: Buffer) => {
    let start = 0
    while (partial && start < chunk.length) start += complete(partial, chunk.subarray(start))
    if (partial) return
    start = deliver(chunk, start)
    if (start < chunk.length) partial = chunk.subarray(start)
  })
}
