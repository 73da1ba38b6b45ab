import type { Duplex } from 'node:stream'
import type { PeerInfo, ProtocolContext } from '@hawser/contract'
import { lengthFarewell } from './framing.js'
import { Line, type LineOwner } from './line.js'

/** A subscriber behind a local socket of the AMRPC profile: no masks, no pings, and its end is a message of negative length. */
export class LengthLine extends Line {
  readonly pings = false

  constructor(socket: Duplex, head: Uint8Array, owner: LineOwner, peer: PeerInfo, context: ProtocolContext) {
    super(socket, owner, peer, context)
    if (head.length > 0) socket.unshift(head)
    socket.on('data', () => owner.spoke())
    socket.on('end', () => void this.connection.close())
    socket.on('close', () => this.connection.ended())
  }

  ping(): void {}

  end(): void {
    if (!this.socket.writable) return
    this.socket.end(lengthFarewell(this.farewell.text))
  }

  destroy(): void {
    this.socket.destroy()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }
}
